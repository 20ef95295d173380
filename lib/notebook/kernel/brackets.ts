// Brackets of a cell that TypeScript would understand otherwise than who types them.
import ts from "typescript";

/** `{ a: 1 }` alone in a cell is an object wherever it can be one, as in Node's REPL; `{ a(); }` is a block. */
export function objectOrBlock(source: string): string {
  if (!/^\s*\{/.test(source) || /;\s*$/.test(source)) return source;
  const expression = `(${source}\n)`;
  return parseErrors(expression).length > 0 ? source : expression;
}

/** The syntax errors of a cell's source. */
export function parseErrors(source: string): readonly ts.Diagnostic[] {
  const file = ts.createSourceFile("cell.ts", source, {
    languageVersion: ts.ScriptTarget.Latest,
    setExternalModuleIndicator: (made) => Object.assign(made, { externalModuleIndicator: true }), // a module may await
  });
  return (file as unknown as { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics;
}

const closing = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.OpenBraceToken, "}"],
  [ts.SyntaxKind.OpenParenToken, ")"],
  [ts.SyntaxKind.OpenBracketToken, "]"],
  [ts.SyntaxKind.TemplateHead, "}`"],
]);
/** Ends of what a source's end is inside of, without another bracket. */
const ends = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.NoSubstitutionTemplateLiteral, "`"],
  [ts.SyntaxKind.TemplateTail, "`"],
  [ts.SyntaxKind.MultiLineCommentTrivia, "*/"],
]);
const isClosing = new Set([
  ts.SyntaxKind.CloseBraceToken,
  ts.SyntaxKind.CloseParenToken,
  ts.SyntaxKind.CloseBracketToken,
]);

/**
 * The brackets that a source which is being typed still lacks at its end, so that what follows it is not drawn into them.
 * Templates and comments are closed too.
 */
export function closingBrackets(source: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, source);
  const open: string[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    const closed = closing.get(token);
    if (closed) open.push(closed);
    else if (token === ts.SyntaxKind.CloseBraceToken && open.at(-1) === "}`") {
      token = scanner.reScanTemplateToken(false);
      if (token === ts.SyntaxKind.TemplateTail) open.pop();
    } else if (isClosing.has(token) && open.at(-1) === scanner.getTokenText()) open.pop();
    const end = scanner.isUnterminated() ? ends.get(token) : undefined;
    if (end) open.push(end);
  }
  return open.reverse().join("");
}
