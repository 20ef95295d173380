// Rewrites cells where tslab misunderstands them: it copies variables from cell to cell, so that functions miss later
// assignments; it rejects `export`; it does not parse `{ name: label }` of an earlier cell's object. First the cell's text
// is rewritten, then, while TypeScript compiles it, its syntax tree.
import type * as TypeScript from "@tslab/typescript-for-tslab";

type Compiler = typeof TypeScript;

const earlierCells = "__prev__.d.ts";

/**
 * The text of a cell for tslab, with every line and column where it was.
 * @returns `awaits` is true when the cell awaits something that tslab does not notice
 */
export function rewriteText(ts: Compiler, source: string): { text: string; awaits: boolean } {
  const file = ts.createSourceFile("cell.ts", `${source}\nexport {};`, ts.ScriptTarget.Latest); // a module may await
  const statements = file.statements.slice(0, -1);
  let text = source;
  for (const statement of statements) {
    const [start, end] = [statement.getStart(file), statement.end];
    text = text.slice(0, start) + withoutExport(ts, statement, text.slice(start, end)) + text.slice(end);
  }
  const last = statements.at(-1);
  return { text: last && isAssignment(ts, last) ? `${text}\n;undefined` : text, awaits: awaits(ts, file) };
}

/** Removes `export`: later cells see all names of a cell anyway. */
function withoutExport(ts: Compiler, statement: TypeScript.Statement, text: string): string {
  const blank = (words: string) => words.replace(/\S/g, " ");
  if (!ts.isExportDeclaration(statement)) return text.replace(/^export\b(\s+default\b)?/, blank);
  if (!statement.moduleSpecifier) return blank(text);
  return statement.exportClause ? text.replace("export", "import") : text;
}

/** Whether a cell ends with an assignment: tslab would print its value, as it prints that of the last expression. */
function isAssignment(ts: Compiler, statement: TypeScript.Statement): boolean {
  if (!ts.isExpressionStatement(statement)) return false;
  let { expression } = statement;
  while (ts.isParenthesizedExpression(expression)) expression = expression.expression;
  if (!ts.isBinaryExpression(expression)) return false;
  const operator = expression.operatorToken.kind;
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

/** Whether a cell awaits outside of functions: tslab does not notice `for await`, and `await` before a parenthesis. */
function awaits(ts: Compiler, node: TypeScript.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  return ts.forEachChild(node, (child) => awaits(ts, child) || undefined) ?? false;
}

/** A transformer for `before` in TypeScript's emit. */
export function rewriteSyntax(
  ts: Compiler,
  checker: TypeScript.TypeChecker,
): TypeScript.TransformerFactory<TypeScript.SourceFile> {
  const { factory } = ts;

  /** `{ epochs }` with `epochs` of an earlier cell becomes `{ epochs: exports.epochs }`: tslab keeps it in `exports`. */
  const expandShorthand = (node: TypeScript.ShorthandPropertyAssignment, visit: TypeScript.Visitor) => {
    const found = checker.getShorthandAssignmentValueSymbol(node)?.declarations ?? [];
    if (!found.some((declaration) => declaration.getSourceFile().fileName.endsWith(earlierCells))) return undefined;
    const name = node.name.text;
    const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);
    const initializer =
      node.objectAssignmentInitializer &&
      (ts.visitNode(node.objectAssignmentInitializer, visit) as TypeScript.Expression);
    return factory.createPropertyAssignment(name, initializer ? factory.createAssignment(value, initializer) : value);
  };

  /** `const { name: label } = item` becomes `const { "name": label } = item`: tslab would treat `name` as a variable. */
  const quoteProperty = (node: TypeScript.BindingElement) =>
    node.propertyName && ts.isIdentifier(node.propertyName)
      ? factory.updateBindingElement(
          node,
          node.dotDotDotToken,
          factory.createStringLiteral(node.propertyName.text),
          node.name,
          node.initializer,
        )
      : node;

  return (context) => (file) => {
    const visit = (node: TypeScript.Node): TypeScript.Node => {
      const expanded = ts.isShorthandPropertyAssignment(node) && expandShorthand(node, visit);
      return expanded || ts.visitEachChild(ts.isBindingElement(node) ? quoteProperty(node) : node, visit, context);
    };
    return shareVariables(ts, ts.visitEachChild(file, visit, context));
  };
}

/**
 * `let epochs = 3` becomes `export let epochs = 3`, so that functions of this cell see what later cells assign: TypeScript
 * then replaces each use by `exports.epochs`. The name is removed from the list of exports that tslab appends. Constants
 * stay local, which is faster.
 */
function shareVariables(ts: Compiler, file: TypeScript.SourceFile): TypeScript.SourceFile {
  const { factory } = ts;
  const shared = new Set<string>();
  const namesIn = (name: TypeScript.BindingName): string[] =>
    ts.isIdentifier(name)
      ? [name.text]
      : name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)));
  /** `let best;` becomes `let best = undefined;`: otherwise nothing in the compiled cell would set it. */
  const initialize = (list: TypeScript.VariableDeclarationList) =>
    list.flags & ts.NodeFlags.Let
      ? factory.updateVariableDeclarationList(
          list,
          list.declarations.map((declared) =>
            declared.initializer
              ? declared
              : factory.updateVariableDeclaration(
                  declared,
                  declared.name,
                  declared.exclamationToken,
                  declared.type,
                  factory.createVoidZero(),
                ),
          ),
        )
      : list;
  const statements = file.statements.map((statement) => {
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
      const rest = statement.exportClause.elements.filter(({ name }) => !shared.has(name.text));
      const clause = factory.updateNamedExports(statement.exportClause, rest);
      return factory.updateExportDeclaration(statement, undefined, statement.isTypeOnly, clause, undefined, undefined);
    }
    if (!ts.isVariableStatement(statement) || statement.modifiers) return statement;
    const { declarationList } = statement;
    if (declarationList.flags & ts.NodeFlags.Const) return statement;
    for (const { name } of declarationList.declarations) for (const found of namesIn(name)) shared.add(found);
    const exported = factory.createModifier(ts.SyntaxKind.ExportKeyword);
    return factory.updateVariableStatement(statement, [exported], initialize(declarationList));
  });
  return factory.updateSourceFile(file, statements);
}
