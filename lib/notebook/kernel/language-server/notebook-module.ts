// A notebook's cells as one module for TypeScript to check. jupyterlab-lsp sends all cells as one text, with two blank
// lines between them. These lines take what the module needs and a cell has not: brackets that are still open, those
// around an object alone, assignments after which a variable may have any value of its type, and where a later cell
// declares a name again, which would be an error in a module, the beginning of a block, in which a name may be declared
// anew. Columns stay what they are.
import ts from "typescript";
import { closingBrackets, objectOrBlock, parseErrors } from "../brackets";
import { namesIn } from "../rewrite";

export interface NotebookModule {
  readonly text: string;
  /** Where something in `text` is in the notebook's text. */
  place(position: number): ts.LineAndCharacter;
  /** The cells' own, at positions in `text`. */
  readonly syntaxErrors: readonly ts.Diagnostic[];
}

const betweenCells = "\n\n\n";

/**
 * @param notebook the cells' text
 */
export function moduleOf(notebook: string): NotebookModule {
  const declared = new Set<string>();
  const moved: { from: number; to: number; text: string }[] = [];
  const syntaxErrors: ts.Diagnostic[] = [];
  let text = "";
  let after = "";
  let blocks = 0;
  for (const cell of notebook.split(betweenCells)) {
    const source = ts.createSourceFile("cell.ts", cell, ts.ScriptTarget.Latest);
    const names = source.statements.flatMap(declaredNames);
    let before = "";
    if (names.some((name) => declared.has(name))) {
      before = "{";
      blocks++;
      declared.clear(); // the block hides what stands before it
    }
    for (const name of names) declared.add(name);
    const isObject = objectOrBlock(cell) !== cell;
    if (isObject) before += ";(";
    text += text === "" ? `${before}\n` : `\n${after}\n${before}\n`; // before the first cell, a line more than the notebook has
    const errors = isObject ? [] : parseErrors(cell);
    after = isObject ? ")" : errors.length > 0 ? `${closingBrackets(cell)};` : source.statements.map(widening).join("");
    let rest = cell;
    for (const { start = 0, ...error } of errors) {
      syntaxErrors.push({ ...error, start: text.length + start });
      if (cell[start] === "}") rest = `${rest.slice(0, start)} ${rest.slice(start + 1)}`; // it would end a block of ours
    }
    // imports cannot be in a block: they move to the end
    for (const statement of blocks > 0 ? source.statements.filter(ts.isImportDeclaration) : []) {
      const [start, end] = [statement.getStart(source), statement.end];
      moved.push({ from: text.length + start, to: 0, text: cell.slice(start, end) });
      rest = rest.slice(0, start) + cell.slice(start, end).replace(/[^\n]/g, " ") + rest.slice(end);
    }
    text += rest;
  }
  text += `\n${after}${"}".repeat(blocks)}`;
  for (const statement of moved) {
    statement.to = text.length + 1;
    text += `\n${statement.text}`;
  }
  const lines = ts.createSourceFile("notebook.ts", text, ts.ScriptTarget.Latest);
  const place = (position: number) => {
    const statement = moved.find(({ to, text }) => position >= to && position <= to + text.length);
    const { line, character } = lines.getLineAndCharacterOfPosition(
      statement ? position - statement.to + statement.from : position,
    );
    return { line: line - 1, character };
  };
  return { text, place, syntaxErrors };
}

/** In a later cell, a variable may have any value of its declared type, not only the one that it begins with. */
function widening(statement: ts.Statement): string {
  if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Let)) return "";
  const typed = statement.declarationList.declarations.filter(({ name, type }) => type && ts.isIdentifier(name));
  return typed.map(({ name }) => `${(name as ts.Identifier).text} = undefined as any;`).join("");
}

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name).map(({ text }) => text));
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return named && statement.name ? [statement.name.text] : [];
}
