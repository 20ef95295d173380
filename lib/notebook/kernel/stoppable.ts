// Compiles cells so that Stop can end them (./stop): `await value` becomes `await pause(value)`, and each round of a loop
// begins by looking whether it is to end. It needs no types.
import ts from "typescript";

/** A transformer for `before` in TypeScript's emit. */
export function stoppable(): ts.TransformerFactory<ts.SourceFile> {
  const { factory } = ts;
  const call = (name: string, ...args: ts.Expression[]) =>
    factory.createCallExpression(factory.createIdentifier(name), undefined, args);
  const pause = (value: ts.Expression) => call("__pause", value);

  /** `__endLoops[0] && __endLoop();` */
  const check = () =>
    factory.createExpressionStatement(
      factory.createLogicalAnd(
        factory.createElementAccessExpression(factory.createIdentifier("__endLoops"), 0),
        call("__endLoop"),
      ),
    );
  /** What `for await` itself awaits cannot be replaced. */
  const awaitCheck = () =>
    factory.createExpressionStatement(factory.createAwaitExpression(pause(factory.createVoidZero())));

  const checked = (node: ts.IterationStatement) => {
    const first = ts.isForOfStatement(node) && node.awaitModifier ? awaitCheck() : check();
    const body = factory.createBlock([first, node.statement], true);
    if (ts.isForStatement(node))
      return factory.updateForStatement(node, node.initializer, node.condition, node.incrementor, body);
    if (ts.isForOfStatement(node))
      return factory.updateForOfStatement(node, node.awaitModifier, node.initializer, node.expression, body);
    if (ts.isWhileStatement(node)) return factory.updateWhileStatement(node, node.expression, body);
    if (ts.isDoStatement(node)) return factory.updateDoStatement(node, body, node.expression);
    return node;
  };

  return (context) => (file) => {
    const visit = (node: ts.Node): ts.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) return factory.updateAwaitExpression(visited, pause(visited.expression));
      return ts.isIterationStatement(visited, false) ? checked(visited) : visited;
    };
    return ts.visitEachChild(file, visit, context);
  };
}
