// What a notebook shows at the cursor: the signature of the function that is called, documentation, names that fit.
import ts from "typescript";
import { parseErrors } from "./brackets";
import type { Requests } from "./compiler";

/** @returns the documentation of a name at the position, or the signature of the call that the position is in */
export function inspect(service: ts.LanguageService, file: string, position: number): string | undefined {
  const info = service.getQuickInfoAtPosition(file, position);
  const options = optionsOf(service.getProgram() as ts.Program, file, position);
  if (info)
    return section([withoutAlias(textOf(info.displayParts)), textOf(info.documentation), options, tagsOf(info.tags)]);
  const help = service.getSignatureHelpItems(file, position, undefined);
  return help && signature(help, options);
}

function signature(help: ts.SignatureHelpItems, options: string | undefined): string {
  const { items, selectedItemIndex, argumentIndex } = help;
  const item = items[selectedItemIndex];
  const parameters = item.parameters.map(({ displayParts }) => textOf(displayParts));
  const written = `${textOf(item.prefixDisplayParts)}${parameters.join(textOf(item.separatorDisplayParts))}${textOf(item.suffixDisplayParts)}`;
  const active = item.parameters[Math.min(argumentIndex, item.parameters.length - 1)];
  const described = active && `${textOf(active.displayParts)}\n    ${textOf(active.documentation)}`.trimEnd();
  const which = items.length > 1 ? `${selectedItemIndex + 1} of ${items.length} signatures` : "";
  return section([written, described, textOf(item.documentation), options, tagsOf(item.tags), which]);
}

/** The properties of an object that a function of the project takes as its last argument. */
function optionsOf(program: ts.Program, file: string, position: number): string | undefined {
  const checker = program.getTypeChecker();
  const [called] = calleesAt(program.getSourceFile(file) as ts.SourceFile, position).flatMap((node) =>
    checker
      .getTypeAtLocation(node)
      .getCallSignatures()
      .slice(0, 1)
      .map((found) => ({ node, found })),
  );
  const last = called?.found.parameters.at(-1);
  if (!last) return undefined;
  const type = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(last, called.node));
  const properties = type.getProperties();
  if (type.isUnion() || properties.length === 0 || !properties.every(isOfProject)) return undefined;
  const lines = properties.flatMap((property) => {
    const optional = property.flags & ts.SymbolFlags.Optional ? "?" : "";
    const typeName = checker.typeToString(
      checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(property, called.node)),
    );
    const documentation = textOf(property.getDocumentationComment(checker)).replace(/\s*\n\s*/g, " ");
    return [`  ${property.name}${optional}: ${typeName}`, ...(documentation ? [`    ${documentation}`] : [])];
  });
  const name = type.aliasSymbol?.name ?? type.symbol?.name;
  return [name && !name.startsWith("__") ? name : last.name, ...lines].join("\n");
}

/** A name at the position, and what the calls around it call, from the inside out. */
function calleesAt(file: ts.SourceFile, position: number): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (position < node.getStart(file) || position > node.end) return;
    if (ts.isIdentifier(node)) found.unshift(node);
    if (ts.isCallExpression(node) && position > node.expression.end) found.unshift(node.expression);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const isOfProject = ({ declarations = [] }: ts.Symbol) =>
  declarations.every((node) => !node.getSourceFile().fileName.includes("/node_modules/"));

const section = (parts: readonly (string | undefined)[]) => parts.filter(Boolean).join("\n\n");

/** Names of earlier cells are imported: "(alias) const sigma: number", "import sigma". */
const withoutAlias = (text: string) => text.replace(/^\(alias\) ([\s\S]*)\nimport [^\n]*$/, "$1");

const textOf = (parts: readonly ts.SymbolDisplayPart[] | undefined) => ts.displayPartsToString([...(parts ?? [])]);

const tagsOf = (tags: readonly ts.JSDocTagInfo[] | undefined) =>
  (tags ?? []).map(({ name, text }) => `@${name} ${textOf(text)}`.trimEnd()).join("\n");

/** @returns the names that fit at the position and begin as what is written there */
export function complete(
  service: ts.LanguageService,
  file: string,
  position: number,
): ReturnType<Requests["complete"]> {
  const text = service.getProgram()?.getSourceFile(file)?.text ?? "";
  const [begun] = /[\p{ID_Start}\p{ID_Continue}$_]*$/u.exec(text.slice(0, position)) as RegExpExecArray;
  const entries = service.getCompletionsAtPosition(file, position, {})?.entries ?? [];
  const names = entries
    .filter(({ name }) => name.toLowerCase().startsWith(begun.toLowerCase()))
    .sort((a, b) => (a.sortText < b.sortText ? -1 : a.sortText > b.sortText ? 1 : 0))
    .map(({ name }) => name);
  return { names, start: position - begun.length, end: position };
}

/** @returns whether a source can run, or ends in the middle of something; then the indentation of its next line */
export function isComplete(source: string): ReturnType<Requests["isComplete"]> {
  const end = source.trimEnd().length;
  const unfinished = parseErrors(source).some(({ start = 0, length = 0 }) => start + length >= end);
  if (!unfinished || /\n\s*\n$/.test(source)) return { complete: true };
  const line = source.slice(source.lastIndexOf("\n") + 1);
  const [indent] = /^\s*/.exec(line) as RegExpExecArray;
  return { complete: false, indent: /[([{]\s*$/.test(line) ? `${indent}  ` : indent };
}
