// What Shift+Tab, Tab and Enter ask the kernel.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Cell, runCells } from "./run-cells";

/** A request at the place of `|` in a code; Jupyter counts characters. */
function at(marked: string, message = "inspect_request"): Cell {
  const code = marked.replace("|", "");
  return { message, content: { code, cursor_pos: [...marked.slice(0, marked.indexOf("|"))].length, detail_level: 0 } };
}

const contentOf = ({ reply }: Answer) => reply?.content ?? {};
const text = (answer: Answer) => (contentOf(answer).data as Record<string, string>)["text/plain"] ?? "";

test("in a call Shift+Tab shows the signature and the current parameter, on a name its documentation with all tags", () => {
  const [, , open, first, second, name, own, earlier, nothing, emoji, unclosed, inTemplate] = runCells([
    'import { gaussian, psnr } from "../lib";\nconst clean = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };',
    `/**
 * Adds.
 * @param left the first summand
 * @param right the second summand
 * @returns the sum of both
 * @throws {RangeError} if the sum is too large
 * @example
 * add(1, 2)
 */
function add(left: number, right = 0): number {
  return left + right;
}`,
    at("gaussian(|"),
    at("add(|1, 2)"),
    at("const sum = add(1, |);"),
    at("ad|d(1, 2)"),
    at("/** Mine. */\nconst mine = 3;\nmi|ne"),
    at("clea|n"),
    at("1 + | 2"),
    at('const s = "😀";\nadd(|'),
    at("gaussian(clean, { sigma: 0.5, |"),
    at("`the sum is ${add(1, |"),
  ]);
  assert.match(text(unclosed), /^gaussian\(/);
  assert.match(text(inTemplate), /^add\(/);
  assert.match(text(open), /^gaussian\(/);
  assert.match(text(open), /sigma/);
  assert.match(
    text(first),
    /^add\(left: number, right\?: number\): number\n\nleft: number\n {4}the first summand\n\nAdds\.\n/,
  );
  assert.match(text(second), /\n\nright\?: number\n {4}the second summand\n/);
  for (const tag of [
    "@param left the first summand",
    "@param right the second summand",
    "@returns the sum of both",
    "@throws {RangeError} if the sum is too large",
    "@example add(1, 2)",
  ])
    for (const answer of [first, name]) assert.ok(text(answer).includes(tag), `${tag} in ${text(answer)}`);
  assert.match(text(name), /^add\(left: number, right\?: number\): number\n\nAdds\.\n/);
  assert.equal(text(own), "const mine: 3\n\nMine.");
  assert.match(text(earlier), /const clean: \{/);
  assert.equal(nothing.reply?.content.found, false);
  assert.match(text(emoji), /^add\(/);
});

test("of a function with options Shift+Tab lists them, with types and documentation", () => {
  const [, name, call, empty, without] = runCells([
    'import { fit, psnr, sliceImages } from "../lib";',
    at("fi|t"),
    at("fit(|"),
    at("fit(null, null, {|"),
    at("sliceImages(|"),
  ]);
  for (const answer of [name, call, empty]) {
    assert.match(
      text(answer),
      /\n\nFitOptions\n {2}epochs: number\n {2}batchSize: number\n {2}validation: Validation\n {4}\S/,
    );
    assert.match(text(answer), /\n {2}seed\?: number\n {4}Chooses the order of the training examples/);
    assert.ok(text(answer).indexOf("FitOptions\n") < text(answer).indexOf("@example"));
  }
  assert.doesNotMatch(text(without), /\n\n\w+\n {2}\w+\??:/);
});

test("Tab completes names of earlier cells and members, Enter in a console continues what is not finished", () => {
  const [, names, members, emoji, ...lines] = runCells([
    "const validation = { clean: [1], noisy: [2] };\nlet sigma = 1;",
    at("vali|", "complete_request"),
    at("validation.no|;", "complete_request"),
    at('const a = "😀"; sig|', "complete_request"),
    at("const f = () => {|", "is_complete_request"),
    at("f(1,\n  2|", "is_complete_request"),
    at("const t = `a|", "is_complete_request"),
    at("const f = 1;|", "is_complete_request"),
    at("const = ;|", "is_complete_request"),
    at("await (async () => 1)()|", "is_complete_request"),
  ]);
  const completion = (answer: Answer) => {
    const { matches, cursor_start, cursor_end } = contentOf(answer);
    return [(matches as string[])[0], cursor_start, cursor_end];
  };
  assert.deepEqual(completion(names), ["validation", 0, 4]);
  assert.deepEqual(completion(members), ["noisy", 11, 13]);
  assert.deepEqual(completion(emoji), ["sigma", 15, 18]);
  assert.deepEqual(
    lines.map(({ reply }) => [reply?.content.status, reply?.content.indent]),
    [
      ["incomplete", "  "],
      ["incomplete", "  "],
      ["incomplete", ""],
      ["complete", undefined],
      ["complete", undefined],
      ["complete", undefined],
    ],
  );
});
