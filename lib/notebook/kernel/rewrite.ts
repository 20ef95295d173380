// Makes a cell from a module: what cells declare is kept in `exports`, variables only there, so that all cells and their
// functions share them. First the cell's text is rewritten, then, while TypeScript compiles it, its syntax tree.
import ts from "typescript";

const { factory } = ts;

/** The name in `exports` of the value of a cell's last expression; no variable can have it. */
export const resultName = "the last expression";

/** Names that a cell's JavaScript needs for itself: a constant of the cell that is called so lives in `exports`. */
const reserved = new Set(["exports", "require"]);

/** The text without `export`, with every line and column where it was: later cells see all names of a cell anyway. */
export function withoutExports(file: ts.SourceFile): string {
  const blank = (words: string) => words.replace(/\S/g, " ");
  let { text } = file;
  for (const statement of file.statements) {
    const [start, end] = [statement.getStart(file), statement.end];
    const written = text.slice(start, end);
    let rewritten = written;
    if (!ts.isExportDeclaration(statement)) rewritten = written.replace(/^export\b(\s+default\b)?/, blank);
    else if (!statement.moduleSpecifier) rewritten = blank(written);
    else if (statement.exportClause) rewritten = written.replace("export", "import");
    text = text.slice(0, start) + rewritten + text.slice(end);
  }
  return text;
}

/** Whether a cell awaits outside of functions. */
export function awaits(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing)
    return true;
  return ts.forEachChild(node, (child) => awaits(child) || undefined) ?? false;
}

/** Whether the value of a cell's last statement is shown: that of an expression, unless it is an assignment. */
export function showsValue(statement: ts.Statement | undefined): statement is ts.ExpressionStatement {
  if (!statement || !ts.isExpressionStatement(statement)) return false;
  let { expression } = statement;
  while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
  if (!ts.isBinaryExpression(expression)) return true;
  const operator = expression.operatorToken.kind;
  return operator < ts.SyntaxKind.FirstAssignment || operator > ts.SyntaxKind.LastAssignment;
}

/** What a symbol of a cell stands for. */
export function kindOf(checker: ts.TypeChecker, symbol: ts.Symbol): "variable" | "constant" | "type" {
  const declarations = symbol.declarations ?? [];
  if (symbol.flags & ts.SymbolFlags.Alias) {
    const ofValue = checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value;
    return ofValue && !declarations.some(ts.isTypeOnlyImportOrExportDeclaration) ? "constant" : "type";
  }
  if (!(symbol.flags & ts.SymbolFlags.Value)) return "type";
  return declarations.some((node) => isVariable(node) && !(ts.getCombinedNodeFlags(node) & ts.NodeFlags.Constant))
    ? "variable"
    : "constant";
}

const isVariable = (node: ts.Node) => ts.isVariableDeclaration(node) || ts.isBindingElement(node);

/**
 * A transformer for `before` in TypeScript's emit.
 * @param end where the cell ends, and what was appended for the compiler begins
 */
export function rewriteCell(checker: ts.TypeChecker, end: number): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (file) => {
    const locals = (file as { locals?: Map<string, ts.Symbol> }).locals ?? new Map<string, ts.Symbol>();
    const isAmbient = (node: ts.Node) =>
      (ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Ambient) !== 0;
    /** Names that live in `exports`: those of earlier cells, and this cell's variables. */
    const shared = new Set<ts.Symbol>();
    for (const symbol of locals.values()) {
      const declarations = symbol.declarations ?? [];
      if (declarations.some((node) => node.end > end)) shared.add(symbol);
      else if (declarations.some(isAmbient)) continue;
      else if (kindOf(checker, symbol) === "variable" || reserved.has(symbol.name)) shared.add(symbol);
    }
    /** Values of the cell that stay local, which is faster, and are copied to `exports`. */
    const copied = (name: ts.Node | undefined) => {
      const symbol = name && ts.isIdentifier(name) ? locals.get(name.escapedText as string) : undefined;
      return symbol && !shared.has(symbol) && kindOf(checker, symbol) !== "type"
        ? [exportOf(ts.symbolName(symbol))]
        : [];
    };

    const visit = (node: ts.Node): ts.VisitResult<ts.Node> => {
      if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return node;
      if (ts.isIdentifier(node)) return isShared(node) ? sharedName(node) : node;
      if (ts.isShorthandPropertyAssignment(node)) return visitShorthand(node);
      if (ts.isVariableStatement(node)) return visitVariables(node);
      if (ts.isVariableDeclarationList(node)) {
        const assigned = assignments(node, false); // in the head of a `for`
        return assigned ?? ts.visitEachChild(node, visit, context);
      }
      if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
        return factory.createIdentifier("importMeta");
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        return factory.createCallExpression(
          factory.createIdentifier("importModule"),
          undefined,
          visitAll(node.arguments),
        );
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && isShared(node.expression)) {
        const called = factory.createComma(factory.createNumericLiteral(0), sharedName(node.expression));
        const callee = ts.setTextRange(factory.createParenthesizedExpression(called), node.expression);
        return factory.updateCallExpression(node, callee, undefined, visitAll(node.arguments));
      }
      return ts.visitEachChild(node, visit, context);
    };
    const visitAll = (nodes: ts.NodeArray<ts.Expression>) => ts.visitNodes(nodes, visit, ts.isExpression);
    const visitExpression = (node: ts.Expression) => ts.visitNode(node, visit, ts.isExpression) as ts.Expression;

    const isShared = (node: ts.Identifier) => {
      const symbol = checker.getSymbolAtLocation(node);
      return symbol !== undefined && shared.has(symbol);
    };
    const sharedName = (node: ts.Identifier) => ts.setTextRange(exported(node.text), node);

    /** `{ epochs }` becomes `{ epochs: exports.epochs }`. */
    function visitShorthand(node: ts.ShorthandPropertyAssignment): ts.Node {
      const symbol = checker.getShorthandAssignmentValueSymbol(node);
      if (!symbol || !shared.has(symbol)) return ts.visitEachChild(node, visit, context);
      const { name, objectAssignmentInitializer: initial } = node;
      const value = sharedName(name);
      return factory.createPropertyAssignment(
        name.text,
        initial ? factory.createAssignment(value, visitExpression(initial)) : value,
      );
    }

    /** `let epochs = 3;` becomes `exports.epochs = 3;`. */
    function visitVariables(node: ts.VariableStatement): ts.VisitResult<ts.Node> {
      const assigned = isAmbient(node.declarationList.declarations[0])
        ? undefined
        : assignments(node.declarationList, true);
      if (assigned) return ts.setTextRange(factory.createExpressionStatement(assigned), node);
      return ts.visitEachChild(node, visit, context);
    }

    /** @param complete whether variables without a value are assigned `undefined` */
    function assignments(list: ts.VariableDeclarationList, complete: boolean): ts.Expression | undefined {
      const [first] = namesIn(list.declarations[0].name);
      if (!first || !isShared(first)) return undefined;
      const all = list.declarations.map((declared) => {
        const target = assignable(declared.name);
        if (!declared.initializer && !complete) return target;
        const value = declared.initializer ? visitExpression(declared.initializer) : factory.createVoidZero();
        return ts.setTextRange(factory.createAssignment(target, value), declared);
      });
      return all.reduce((left, right) => factory.createComma(left, right));
    }

    /** A pattern of a declaration as one of an assignment. */
    function assignable(name: ts.BindingName): ts.Expression {
      if (ts.isIdentifier(name)) return sharedName(name);
      const initialized = (element: ts.BindingElement) => {
        const target = assignable(element.name);
        return element.initializer ? factory.createAssignment(target, visitExpression(element.initializer)) : target;
      };
      if (ts.isArrayBindingPattern(name))
        return factory.createArrayLiteralExpression(
          name.elements.map((element) => {
            if (ts.isOmittedExpression(element)) return element;
            return element.dotDotDotToken
              ? factory.createSpreadElement(assignable(element.name))
              : initialized(element);
          }),
        );
      return factory.createObjectLiteralExpression(
        name.elements.map((element) => {
          if (element.dotDotDotToken) return factory.createSpreadAssignment(assignable(element.name));
          const property = element.propertyName ?? (element.name as ts.Identifier);
          const key = ts.isIdentifier(property) ? factory.createIdentifier(property.text) : property;
          return factory.createPropertyAssignment(
            ts.visitNode(key, visit, ts.isPropertyName) as ts.PropertyName,
            initialized(element),
          );
        }),
      );
    }

    /** A statement of the cell, and what copies its names to `exports`. */
    function visitStatement(statement: ts.Statement): ts.Statement[] {
      const visited = [ts.visitNode(statement, visit)].flat() as ts.Statement[];
      if (statement === last)
        return [ts.setTextRange(assignment(resultName, (visited[0] as ts.ExpressionStatement).expression), statement)];
      if (ts.isFunctionDeclaration(statement) || ts.isInterfaceDeclaration(statement)) return visited;
      if (ts.isImportDeclaration(statement)) return [...visited, ...importedNames(statement).flatMap(copied)];
      if (isAmbient(statement)) return visited;
      if (ts.isVariableStatement(statement)) {
        const names = statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
        return [...visited, ...names.flatMap(copied)];
      }
      return [...visited, ...copied((statement as { name?: ts.Node }).name)];
    }

    const own = file.statements.filter((statement) => statement.end <= end);
    const last = showsValue(own.at(-1)) ? own.at(-1) : undefined;
    const functions = own.filter((node) => ts.isFunctionDeclaration(node) && node.body) as ts.FunctionDeclaration[];
    const statements = [...functions.flatMap(({ name }) => copied(name)), ...own.flatMap(visitStatement)];
    return factory.updateSourceFile(file, statements);
  };
}

const exported = (name: string) => factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);

const exportOf = (name: string) =>
  factory.createExpressionStatement(factory.createAssignment(exported(name), factory.createIdentifier(name)));

function assignment(name: string, value: ts.Expression): ts.Statement {
  const target = factory.createElementAccessExpression(
    factory.createIdentifier("exports"),
    factory.createStringLiteral(name),
  );
  return factory.createExpressionStatement(factory.createAssignment(target, value));
}

/** The names that a variable's declaration binds, also within a pattern. */
export const namesIn = (name: ts.BindingName): ts.Identifier[] =>
  ts.isIdentifier(name)
    ? [name]
    : name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)));

function importedNames({ importClause }: ts.ImportDeclaration): ts.Identifier[] {
  const bindings = importClause?.namedBindings;
  const named =
    bindings && (ts.isNamespaceImport(bindings) ? [bindings.name] : bindings.elements.map(({ name }) => name));
  return [...(importClause?.name ? [importClause.name] : []), ...(named ?? [])];
}
