// A notebook's cells as one module for TypeScript to check. jupyterlab-lsp sends all cells as one text, with two blank
// lines between them. Where a later cell declares a name again, which would be an error in a module, a block begins, in
// which a name may be declared anew. Lines and columns stay what they are.
import ts from "typescript";
import { namesIn } from "../rewrite";

export interface NotebookModule {
  readonly text: string;
  /** Where something in `text` is in the notebook's text. */
  place(position: number): ts.LineAndCharacter;
}

const betweenCells = "\n\n\n";

/**
 * @param notebook the cells' text
 */
export function moduleOf(notebook: string): NotebookModule {
  const declared = new Set<string>();
  const moved: { from: number; to: number; text: string }[] = [];
  let text = "";
  let blocks = 0;
  for (const [i, cell] of notebook.split(betweenCells).entries()) {
    const source = ts.createSourceFile("cell.ts", cell, ts.ScriptTarget.Latest);
    const names = source.statements.flatMap(declaredNames);
    const again = names.some((name) => declared.has(name));
    if (again) {
      blocks++;
      declared.clear(); // the block hides what stands before it
    }
    for (const name of names) declared.add(name);
    if (i > 0) text += again ? "\n{\n\n" : betweenCells;
    let rest = cell;
    // imports cannot be in a block: they move to the end
    for (const statement of blocks > 0 ? source.statements.filter(ts.isImportDeclaration) : []) {
      const [start, end] = [statement.getStart(source), statement.end];
      moved.push({ from: text.length + start, to: 0, text: cell.slice(start, end) });
      rest = rest.slice(0, start) + cell.slice(start, end).replace(/[^\n]/g, " ") + rest.slice(end);
    }
    text += rest;
  }
  text += `\n${"}".repeat(blocks)}`;
  for (const statement of moved) {
    statement.to = text.length + 1;
    text += `\n${statement.text}`;
  }
  const lines = ts.createSourceFile("notebook.ts", text, ts.ScriptTarget.Latest);
  const place = (position: number) => {
    const statement = moved.find(({ to, text }) => position >= to && position <= to + text.length);
    return lines.getLineAndCharacterOfPosition(statement ? position - statement.to + statement.from : position);
  };
  return { text, place };
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
