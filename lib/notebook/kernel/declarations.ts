// The declarations that cells leave for later cells, kept as the text of a declaration file.
import type * as TypeScript from "@tslab/typescript-for-tslab";

type Compiler = typeof TypeScript;

/** The text without the names for which `keep` is false. */
export function filterDeclarations(ts: Compiler, text: string, keep: (name: string) => boolean): string {
  const file = ts.createSourceFile("names.d.ts", text, ts.ScriptTarget.Latest);
  return file.statements.map((statement) => filterStatement(ts, file, statement, keep)).join("");
}

function filterStatement(
  ts: Compiler,
  file: TypeScript.SourceFile,
  statement: TypeScript.Statement,
  keep: (name: string) => boolean,
): string {
  const names = declaredNames(ts, statement);
  const kept = names.filter(({ name }) => keep(name.text));
  if (kept.length === names.length) return statement.getFullText(file);
  if (kept.length === 0) return "";
  if (ts.isImportDeclaration(statement)) return filterImport(ts, file, statement, keep);
  // several variables in one statement
  const keywords = file.text.slice(statement.getStart(file), names[0].getStart(file));
  return `\n${keywords}${kept.map((declaration) => declaration.getText(file)).join(", ")};`;
}

type Declaration = TypeScript.Node & { name: TypeScript.Identifier };

/** The nodes in a top-level statement of a declaration file that declare a name. */
function declaredNames(ts: Compiler, statement: TypeScript.Statement): Declaration[] {
  const nodes: TypeScript.Node[] = [];
  if (ts.isVariableStatement(statement)) nodes.push(...statement.declarationList.declarations);
  else if (!ts.isImportDeclaration(statement)) nodes.push(statement);
  else if (statement.importClause) {
    const { namedBindings } = statement.importClause;
    nodes.push(statement.importClause);
    if (namedBindings) nodes.push(...(ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements));
  }
  return nodes.filter((node): node is Declaration => {
    const { name } = node as { name?: TypeScript.Node };
    return name !== undefined && ts.isIdentifier(name);
  });
}

function filterImport(
  ts: Compiler,
  file: TypeScript.SourceFile,
  { importClause, moduleSpecifier }: TypeScript.ImportDeclaration,
  keep: (name: string) => boolean,
): string {
  const bindings = importClause?.namedBindings;
  const parts: string[] = [];
  if (importClause?.name && keep(importClause.name.text)) parts.push(importClause.name.text);
  if (bindings && ts.isNamespaceImport(bindings)) {
    if (keep(bindings.name.text)) parts.push(bindings.getText(file));
  } else if (bindings) {
    const elements = bindings.elements.filter(({ name }) => keep(name.text)).map((element) => element.getText(file));
    if (elements.length > 0) parts.push(`{ ${elements.join(", ")} }`);
  }
  return `\nimport ${importClause?.isTypeOnly ? "type " : ""}${parts.join(", ")} from ${moduleSpecifier.getText(file)};`;
}
