// The value of a cell's last expression, in a real kernel.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, runCells, textBelow } from "./run-cells";

const textOf = ({ result }: Answer) => result?.data["text/plain"];

test("values are results, written as Node's REPL writes them; undefined shows nothing", () => {
  const answers = runCells([
    '"two\\nlines"',
    "console.log('printed'); ['a', 1n, null]",
    "null",
    "undefined",
    "const name = 'a declaration';",
    "let epochs = 1;\nepochs = 2",
    "new Map([['a', { b: [1, 2] }]])",
    "Promise.resolve(42)",
    "{ a: 1, b: Promise.resolve(2) }",
    "{ let inBlock = 1; inBlock++; }",
    "{ a: 1 };",
    "await Promise.resolve('awaited')",
    "class Model { layers = 3 }\nnew Model()",
    "'<b>no markup</b>'",
    "Math.max",
    { code: "'quiet'", silent: true },
    { code: "'uncounted'", store_history: false },
  ]);
  assert.deepEqual(answers.map(textOf), [
    "'two\\nlines'",
    "[ 'a', 1n, null ]",
    "null",
    undefined,
    undefined,
    undefined,
    "Map(1) { 'a' => { b: [ 1, 2 ] } }",
    "Promise { 42 }",
    "{ a: 1, b: Promise { 2 } }",
    undefined,
    undefined,
    "'awaited'",
    "Model { layers: 3 }",
    "'<b>no markup</b>'",
    "[Function: max]",
    undefined,
    "'uncounted'",
  ]);
  assert.deepEqual(
    answers.map(({ stdout, status }) => [stdout, status]),
    answers.map((_, i) => [i === 1 ? "printed\n" : "", "ok"]),
  );
  assert.equal(answers[6].result?.count, 7);
  assert.deepEqual(Object.keys(answers[13].result?.data ?? {}), ["text/plain"]);
});

test("a value that says how it is shown is shown so (Jupyter.display); if that fails, as text", () => {
  const answers = runCells([
    "class Shown { constructor(readonly show: () => unknown) {}\n  [Symbol.for('Jupyter.display')]() { return this.show(); } }",
    "new Shown(() => ({ 'text/html': '<b>bold</b>', 'text/plain': 'bold' }))",
    "new Shown(async () => ({ 'image/svg+xml': '<svg/>' }))",
    "new Shown(() => { throw new Error('no picture'); })",
    "new Shown(() => 'not a bundle')",
    "new Shown(() => ({ 'text/html': 1n }))",
    "({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no text'); }, kept: 1 })",
  ]);
  const data = answers.map(({ result }) => result?.data);
  assert.deepEqual(data.slice(1, 3), [
    { "text/html": "<b>bold</b>", "text/plain": "bold" },
    { "image/svg+xml": "<svg/>" },
  ]);
  for (const fallback of data.slice(3, 6))
    assert.deepEqual(fallback, { "text/plain": "Shown { show: [Function (anonymous)] }" });
  assert.match(String(data[6]?.["text/plain"]), /kept: 1/);
  assert.deepEqual(
    answers.map(({ status, stderr }) => [status, stderr]),
    answers.map(() => ["ok", ""]),
  );
});

test("figures, tables, images and models are shown as pictures without a call, tensors by their values", () => {
  const [, figure, grid, table, digits, colours, features, model, wrong, tensor, nested, leaked, inside] = runCells([
    `import { comparisonGrid, simpleAutoencoder, tf, trainingCurves } from "../lib";
const epoch = { epoch: 1, loss: 0.1, valLoss: 0.2, learningRate: 0.001, seconds: 1 };
const kept = tf.tensor2d([[1, 2.5], [3, 4]]);`,
    'trainingCurves([epoch], "Loss")',
    'comparisonGrid({ data: new Float32Array(784), shape: [1, 28, 28, 1] }, [], "Black")',
    '({ columns: ["method", "PSNR, dB"], rows: [["mean 3x3", "15.39"]] })',
    "({ data: new Float32Array(12 * 784).fill(0.5), shape: [12, 28, 28, 1], labels: Uint8Array.from({ length: 12 }, (_, i) => i % 10) })",
    "({ data: new Float32Array(2 * 3 * 4 * 3).map((_, i) => i - 1), shape: [2, 3, 4, 3] })",
    "({ data: new Float32Array(8).fill(NaN), shape: [1, 2, 2, 2] })",
    "simpleAutoencoder()",
    "({ columns: ['a'], rows: [[1]] })",
    "const before = tf.memory().numTensors; kept",
    "console.log([kept]); ({ kept })",
    "[tf.memory().numTensors - before, kept.isDisposed]",
    `const clean = { data: new Float32Array(2 * 784), shape: [2, 28, 28, 1] };
({ train: clean, sets: [{ clean, name: "test" }], deep: [[[[1]]]] })`,
  ]);
  assert.match(String(grid.result?.data["text/html"]), /<caption [^>]*>Black<\/caption>/);
  assert.deepEqual(Object.keys(figure.result?.data ?? {}), [
    "application/vnd.plotly.v1+json",
    "text/html",
    "text/plain",
  ]);
  assert.match(String(table.result?.data["text/html"]), /<table>.*<th scope="row"[^>]*>mean 3x3</);
  assert.match(String(textOf(table)), /^method {5}PSNR, dB\n/);
  assert.equal(textOf(digits), "12 images of 28 x 28 pixels, 1 channel, values from 0.5 to 0.5. Shown: the first 10.");
  const html = String(digits.result?.data["text/html"]);
  assert.equal(html.match(/<img /g)?.length, 10);
  assert.match(
    html,
    /<img alt="image 3, label 3" title="image 3, label 3" src="data:image\/png;base64,[^"]+" style="[^"]*"><br>3</,
  );
  assert.equal(textOf(colours), "2 images of 3 x 4 pixels, 3 channels, values from −1 to 70. Black is −1, white 70.");
  assert.match(String(colours.result?.data["text/html"]), /<img alt="image 1" /);
  assert.equal(textOf(features), "1 image of 2 x 2 pixels, 2 channels, 8 values NaN or infinite.");
  assert.match(String(textOf(model)), /^layer .*\n─+\n[\s\S]*total +28,353$/);
  assert.equal(textOf(wrong), "{ columns: [ 'a' ], rows: [ [ 1 ] ] }");
  assert.equal(textOf(tensor), "Tensor float32 [2, 2]\n[[  1, 2.5],\n [  3,   4]]");
  assert.equal(
    textBelow(nested),
    "[\n  Tensor float32 [2, 2]\n  [[  1, 2.5],\n   [  3,   4]]\n]\n{\n  kept: Tensor float32 [2, 2]\n  [[  1, 2.5],\n   [  3,   4]]\n}\n",
  );
  assert.equal(textOf(leaked), "[ 0, false ]");
  const two = "[2 images of 28 x 28 pixels, 1 channel, values from 0 to 0]";
  assert.equal(
    textOf(inside),
    `{\n  train: ${two},\n  sets: [\n    {\n      clean: ${two},\n      name: 'test'\n    }\n  ],\n  deep: [ [ [Array] ] ]\n}`,
  );
});
