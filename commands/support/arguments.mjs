// What people type after a command. A mistake is answered with a sentence that names what is possible, and the usage.
import { parseArgs } from "node:util";
import { UserError } from "../../setup/terminal.mjs";

/** A mistake in the arguments; its message is a sentence without the full stop. */
export class ArgumentError extends Error {}

/**
 * @typedef {{ type: "string" | "boolean", short?: string, multiple?: boolean }} Option
 * @typedef {{ kind: string, value?: string | undefined, name?: string, rawName?: string, inlineValue?: boolean | undefined }} Token
 * @typedef {{ usage: string, options?: Record<string, Option>, positionals?: boolean, args?: string[] }} Syntax
 */

/**
 * @template Result
 * @param {Syntax} syntax
 * @param {(values: Record<string, any>, positionals: string[]) => Result} interpret may throw an ArgumentError
 * @returns {Result}
 * @throws {UserError} when there is something wrong
 */
export function readArguments(syntax, interpret) {
  const { usage, options = {}, args = process.argv.slice(2) } = syntax;
  if (args.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    const { values, positionals, tokens } = parseArgs({
      args,
      options,
      strict: false,
      allowPositionals: true,
      tokens: true,
    });
    check(syntax, tokens);
    return interpret(values, positionals);
  } catch (error) {
    if (error instanceof ArgumentError) throw new UserError(`${error.message}.\nUsage: ${usage}`);
    throw error;
  }
}

/** @param {Syntax} syntax @param {Token[]} tokens */
function check({ options = {}, positionals = false }, tokens) {
  for (const token of tokens) {
    if (token.kind === "positional" && !positionals) throw new ArgumentError(`"${token.value}" is not expected`);
    if (token.kind !== "option") continue;
    const { name = "", rawName, value, inlineValue } = token;
    const option = options[name];
    if (!option) throw new ArgumentError(`there is no option ${rawName}; ${existing(options)}`);
    if (option.type === "boolean" && value !== undefined) throw new ArgumentError(`${rawName} takes no value`);
    if (option.type === "string" && (value === undefined || (!inlineValue && value.startsWith("-"))))
      throw new ArgumentError(`${rawName} needs a value`);
  }
}

/** @param {Record<string, Option>} options */
function existing(options) {
  const names = Object.entries(options).map(([name, { short }]) => (short ? `-${short}` : `--${name}`));
  return names.length > 0 ? `there ${names.length === 1 ? "is" : "are"} ${listed(names, "and")}` : "there are none";
}

/** @param {string[]} names @param {"and" | "or"} last */
export const listed = (names, last) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1)}` : names.join("");

/**
 * @param {string} what "notebook"
 * @param {string[]} given
 * @param {string[]} possible
 * @throws {ArgumentError} when one of those given is not possible
 */
export function mustBeOneOf(what, given, possible) {
  const unknown = given.find((name) => !possible.includes(name));
  if (unknown !== undefined)
    throw new ArgumentError(`there is no ${what} "${unknown}"; there are ${listed(possible, "and")}`);
}
