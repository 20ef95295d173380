// Rules for committed notebooks: no code that the kernel would treat in a surprising way, and what makes a notebook easy to
// read and to run again for everybody.
import ts from "typescript";
import { kernelDisplayName, kernelName } from "../../setup/layout.mjs";

const longestCell = 25;
const largestFile = 1_500_000;
/** Not inside a word, an address or base64. */
const machinePath = /(?:(?<![\w+/.])|(?<=file:\/\/))\/(?:home|root|tmp|Users)\/[^\s"'<>()\\]+/;

/**
 * @typedef {object} Cell
 * @property {"code" | "markdown" | "raw"} cell_type
 * @property {string} [id]
 * @property {{ tags?: string[] }} metadata
 * @property {string | string[]} source
 * @property {{ output_type: string, name?: string }[]} [outputs]
 *
 * @typedef {{ name: string, line: number, imported: boolean }} Declared
 */

/**
 * @param {string} text a notebook's file
 * @returns {string[]} what is wrong in it, each with its cell and line, and how to write it
 */
export function lint(text) {
  /** @type {{ cells: Cell[], metadata: { kernelspec?: { name: string } } }} */
  const { cells, metadata } = JSON.parse(text);
  /** @type {string[]} */
  const problems = [];
  if (metadata.kernelspec?.name !== kernelName) problems.push(`its kernel is not ours: choose ${kernelDisplayName}`);
  if (Buffer.byteLength(text) > largestFile)
    problems.push(`it is larger than ${largestFile / 1e6} MB: draw fewer points, or clear an output`);
  const tagged = cells.filter(isParameters).length;
  if (tagged !== 1)
    problems.push(`${tagged} cells have the tag "parameters": exactly one must, papermill looks for it`);

  const ids = new Set();
  /** @type {Map<string, { cell: string | undefined, imported: boolean }>} */
  const declared = new Map();
  cells.forEach((cell, index) => {
    /** @param {string} problem @param {number} [line] */
    const report = (problem, line = 1) => problems.push(`cell ${cell.id ?? index + 1}, line ${line}: ${problem}`);
    if (cell.id === undefined || ids.has(cell.id)) report("its id is missing, or another cell's: give it its own");
    ids.add(cell.id);
    if (cell.cell_type !== "code") return;

    const source = [cell.source].flat().join("");
    const lines = source.split("\n").length;
    if (lines > longestCell)
      report(
        `${lines} lines, ${longestCell} are the most: make two cells of it, or a function in lib/`,
        longestCell + 1,
      );
    if (cells[index - 1]?.cell_type !== "markdown") report("no prose before it: say in a Markdown cell what it does");

    const file = ts.createSourceFile("cell.ts", source, ts.ScriptTarget.Latest);
    for (const { name, line, imported } of file.statements.flatMap((statement) => declarations(file, statement))) {
      const other = declared.get(name);
      if (!other) declared.set(name, { cell: cell.id, imported });
      else if (other.cell !== cell.id && !(other.imported && imported))
        report(
          `${name} is also declared in cell ${other.cell}, whose functions keep using that one: rename one of them`,
          line,
        );
    }
    for (const statement of isParameters(cell) ? file.statements : [])
      if (!isParameter(statement))
        report("not a parameter: papermill sets what is written `let name = value;`", lineOf(file, statement));

    const outputs = cell.outputs ?? [];
    if (outputs.some(({ output_type, name }) => output_type === "error" || name === "stderr"))
      report("an error or a warning among its outputs: fix it and run it again");
    const found = machinePath.exec(JSON.stringify(outputs).replace(/\\[nrt]/g, " "));
    if (found) report(`its outputs name a file of this machine, ${found[0]}: print a path inside the project`);
  });
  return problems;
}

/** @param {Cell} cell */
const isParameters = ({ metadata }) => metadata.tags?.includes("parameters") ?? false;

/** @param {ts.SourceFile} file @param {ts.Node} node */
const lineOf = (file, node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;

/**
 * As our translator for papermill reads it.
 * @param {ts.Statement} statement
 */
const isParameter = (statement) =>
  ts.isVariableStatement(statement) &&
  (statement.declarationList.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Let &&
  statement.declarationList.declarations.length === 1 &&
  statement.declarationList.declarations[0].initializer !== undefined;

/**
 * The names that a statement of a cell declares for the whole notebook.
 * @param {ts.SourceFile} file @param {ts.Statement} statement @returns {Declared[]}
 */
function declarations(file, statement) {
  const imported = ts.isImportDeclaration(statement);
  /** @param {ts.Node} node @returns {Declared[]} */
  const namesIn = (node) => {
    if (ts.isIdentifier(node)) return [{ name: node.text, line: lineOf(file, node), imported }];
    if (ts.isNamedImports(node) || ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node))
      return node.elements.flatMap((element) => ("name" in element ? namesIn(element.name) : []));
    return [];
  };
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => namesIn(name));
  if (imported) {
    const { name, namedBindings } = statement.importClause ?? {};
    const bound = namedBindings && ts.isNamespaceImport(namedBindings) ? namedBindings.name : namedBindings;
    return [name, bound].flatMap((node) => (node ? namesIn(node) : []));
  }
  return ts.isDeclarationStatement(statement) && statement.name ? namesIn(statement.name) : [];
}
