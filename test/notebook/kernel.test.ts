// Sends cells to a real kernel, as Jupyter does, and checks its messages.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { runCells, textBelow } from "./run-cells";

const root = path.resolve(__dirname, "../..");

test("cells share variables, import lib/, await, and have numbers", () => {
  const [first, second, third] = runCells([
    'import { gaussian, psnr } from "../lib";\nlet sigma = 0.5;\nconst clean = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };',
    "sigma = 0.1;",
    "const noisy = await Promise.resolve(gaussian(clean, { sigma, seed: 1 }));\nconst settings = { sigma };\nconsole.log(psnr(clean, noisy)[0] > 20, settings);\nsettings",
  ]);
  assert.deepEqual([first.status, first.count, second.count, third.count], ["ok", 1, 2, 3]);
  assert.equal(second.stdout, ""); // the value of an assignment is not printed
  assert.equal(textBelow(third), "true { sigma: 0.1 }\n{ sigma: 0.1 }\n");
});

test("output is neither lost nor reordered, and figures come in several forms", () => {
  const [, flood, figure, grid, after] = runCells([
    'import { comparisonGrid, trainingCurves } from "../lib";\nimport { showFigure } from "../lib/notebook";',
    "for (let i = 0; i < 2000; i++) console.log(i);",
    'showFigure(trainingCurves([{ epoch: 1, loss: 0.1, valLoss: 0.2, learningRate: 0.001, seconds: 1 }], "Loss"));',
    'showFigure(comparisonGrid({ data: new Float32Array(784), shape: [1, 28, 28, 1] }, [], "Black"));',
    'console.log("after")',
  ]);
  assert.equal(flood.stdout, Array.from({ length: 2000 }, (_, i) => `${i}\n`).join(""));
  assert.deepEqual(Object.keys(figure.displays[0]), ["application/vnd.plotly.v1+json", "text/html", "text/plain"]);
  assert.deepEqual(Object.keys(grid.displays[0]), ["text/html", "image/svg+xml", "text/plain"]);
  assert.equal(after.stdout, "after\n");
});

test("2,000 updates of one display in a tight loop: none lost, none out of order", () => {
  const [, updates, after] = runCells([
    'import { show } from "../lib/notebook/display";',
    'const display = show({ "text/plain": "begin" });\nfor (let i = 0; i < 2000; i++) display.update({ "text/plain": String(i) });',
    'console.log("after")',
  ]);
  const expected = ["begin", ...Array.from({ length: 2000 }, (_, i) => `${i}`)];
  assert.deepEqual(
    updates.displays.map((display) => display["text/plain"]),
    expected,
  );
  assert.equal(after.stdout, "after\n");
});

test("errors say what and where, and the kernel goes on", () => {
  const answers = runCells([
    "let epochs = 3;",
    'epochs = "three";',
    'function fail() { throw new RangeError("too much"); }\nfail();',
    'await Promise.reject(new Error("later"));',
    "nothing + 1",
    "console.log(epochs)",
  ]);
  const errors = answers.map(({ error }) => error && [error.ename, error.evalue]);
  assert.deepEqual(errors, [
    undefined,
    ["TypeScript", "line 1: Type 'string' is not assignable to type 'number'."],
    ["RangeError", "too much"],
    ["Error", "later"],
    ["TypeScript", "line 1: Cannot find name 'nothing'."],
    undefined,
  ]);
  assert.deepEqual(answers[1].error?.traceback.slice(1), ['    epochs = "three";', "    ^"]);
  assert.equal(answers[5].stdout, "3\n");
});

test("of several cells sent at once, each gets its own error; those after a failed one do not run", () => {
  const [fine, failed, never] = runCells([
    { atOnce: ["1 + 1;", 'throw new RangeError("mine");', 'console.log("never");'] },
  ]);
  assert.deepEqual([fine.status, fine.stderr, textBelow(fine)], ["ok", "", "2\n"]);
  assert.deepEqual([failed.status, failed.error?.evalue, failed.stderr], ["error", "mine", ""]);
  assert.deepEqual([never.status, never.stdout], ["aborted", ""]);
});

test("a stack trace names the lines of cells as written, and those of lib/, and nothing else", () => {
  const [, inLib, inCells, later, interrupted] = runCells([
    `import { gaussian } from "../lib";
interface Size {
  n: number;
}
const images = ({ n }: Size) => ({ data: new Float32Array(784 * n), shape: [n, 28, 28, 1] as const });

function fail(message: string): never {
  throw new RangeError(message);
}`,
    "// A comment, and an empty line.\n\nconst noisy = gaussian(\n  images({ n: 1 }),\n  { sigma: -1, seed: 1 },\n);",
    'interface Other {}\nfail("too much");',
    'const wait = async () => {\n  await null;\n  fail("later");\n};\nawait wait();',
    { interrupt: 1, shown: true },
    'console.log("begun");\nfor (;;);',
  ]).map(({ error }) => error?.traceback);
  assert.equal(inLib?.[0], "RangeError: sigma must be a number of at least 0, not -1");
  assert.match(inLib?.[1] ?? "", /^ {4}at checkNumber \(lib[/\\]checks\.ts:\d+:\d+\)$/);
  assert.match(inLib?.[2] ?? "", /^ {4}at gaussian \(lib[/\\]noise[/\\]gaussian\.ts:\d+:\d+\)$/);
  assert.deepEqual(inLib?.slice(3), ["    at cell [2], line 3: const noisy = gaussian("]);
  const thrown = "    at cell [1], line 8: throw new RangeError(message);";
  assert.deepEqual(inCells, ["RangeError: too much", thrown, '    at cell [3], line 2: fail("too much");']);
  assert.deepEqual(later, [
    "RangeError: later",
    thrown,
    '    at cell [4], line 3: fail("later");',
    "    at cell [4], line 5: await wait();",
  ]);
  assert.deepEqual(interrupted, ["Interrupted: Stop was pressed"]);
});

test("deep in a library the cell's line is named; so it is by uncaught errors, rejections and console.trace", () => {
  const [, deep, endless, stack, trace, uncaught, rejected] = runCells([
    "// A type that leaves no line in the compiled cell.\ninterface Nothing {\n  n: number;\n}",
    `const nested = JSON.parse("[".repeat(60) + "1" + "]".repeat(60));
const inside = (value: unknown): never => (Array.isArray(value) ? inside(value[0]) : fail());
function fail(): never {
  throw new Error("deep");
}

inside(nested);`,
    "interface Size {\n  n: number;\n}\nconst more = (n: number): number => more(n + 1) + 1;\nmore(0);",
    'type A = {\n  a: 1;\n};\nconsole.log(new Error("kept").stack);',
    'type B = {\n  b: 1;\n};\nconsole.trace("here");',
    'type C = {\n  c: 1;\n};\nsetTimeout(() => {\n  throw new Error("late");\n}, 1);\nawait new Promise((resolve) => setTimeout(resolve, 100));',
    'type D = {\n  d: 1;\n};\nvoid Promise.reject(new Error("ignored"));\nawait new Promise((resolve) => setTimeout(resolve, 100));',
  ]);
  assert.equal(deep.error?.traceback.at(-1), "    at cell [2], line 7: inside(nested);");
  assert.match(endless.error?.evalue ?? "", /call stack/);
  assert.ok((endless.error?.traceback.length ?? 0) < 40, "a recursion without end is cut");
  assert.equal(stack.stdout, 'Error: kept\n    at cell [4], line 4: console.log(new Error("kept").stack);\n');
  assert.equal(trace.stderr, 'Trace: here\n    at cell [5], line 4: console.trace("here");\n');
  assert.equal(uncaught.stderr, 'Uncaught Error: late\n    at cell [6], line 5: throw new Error("late");\n');
  assert.equal(
    rejected.stderr,
    'Unhandled rejection of a promise that nothing awaited: Error: ignored\n    at cell [7], line 4: void Promise.reject(new Error("ignored"));\n',
  );
});

test("Stop ends a training after the current batch and keeps its best weights; elsewhere it ends the cell", () => {
  const [, stopped, after, endless, last] = runCells([
    `import { fit, gaussian, tf } from "../lib";
import { liveTraining } from "../lib/notebook";
const clean = { data: new Float32Array(64 * 784), shape: [64, 28, 28, 1] as const };
const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
const model = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 1, kernelSize: 3, padding: "same" })] });
model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });`,
    { interrupt: 3, shown: true },
    `const history = await fit(model, pairs, { epochs: 1e6, batchSize: 8, validation: pairs, callbacks: [liveTraining("Loss")] });`,
    "console.log(history.stopped, history.epochs.length > 0 && history.epochs.length < 1e6)",
    { interrupt: 0.5, shown: true },
    'console.log("begun");\nawait new Promise(() => {});',
    'console.log("still here")',
  ]);
  assert.equal(stopped.status, "ok", JSON.stringify(stopped.error));
  const texts = stopped.displays.map((display) => display["text/plain"]);
  assert.ok(texts.some((text) => /epoch \d+\/1000000, batch \d\/8, loss 0\.\d+, .* left/.test(String(text))));
  const summary =
    /^\d+ epochs? in \d s, .* epoch \d+\. Stopped: the Stop button was pressed\. The model has the weights of that epoch\.$/;
  assert.ok(texts.some((text) => summary.test(String(text))));
  assert.equal(after.stdout, "the Stop button was pressed true\n");
  assert.equal(endless.error?.ename, "Interrupted");
  assert.equal(last.stdout, "still here\n");
});

test("a second press of Stop ends the cell at once, and its training", () => {
  const [, cell, after] = runCells([
    `import { fit, gaussian, tf } from "../lib";
import { liveTraining } from "../lib/notebook";
const clean = { data: new Float32Array(64 * 784), shape: [64, 28, 28, 1] as const };
const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
const model = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 1, kernelSize: 3, padding: "same" })] });
model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
let ended = false;
const slow = { onBatchEnd: () => new Promise<void>((resolve) => setTimeout(resolve, 20_000)), onTrainEnd: () => { ended = true; } };`,
    { interrupt: 1, shown: true },
    { interrupt: 2, shown: true },
    'await fit(model, pairs, { epochs: 3, batchSize: 8, validation: pairs, callbacks: [liveTraining("Loss"), slow] });',
    "console.log(ended)",
  ]);
  assert.equal(cell.error?.ename, "Interrupted");
  assert.equal(after.stdout, "true\n");
});

test("an edited module is reloaded, also when another module imports it; its type errors are reported", () => {
  const artefacts = path.join(root, "test", "artefacts");
  fs.mkdirSync(artefacts, { recursive: true });
  const folder = fs.mkdtempSync(path.join(artefacts, "kernel "));
  const inner = path.join(folder, "inner.ts");
  fs.writeFileSync(inner, 'export const name = (): string => "one";\n');
  fs.writeFileSync(
    path.join(folder, "outer.ts"),
    'import { name } from "./inner";\nexport const hello = () => "hello ".concat(name());\n',
  );
  const cell = 'import { hello } from "./outer";\nconsole.log(hello());';
  const answers = runCells(
    [
      cell,
      { write: inner, text: 'export const name = (): string => "two";\n' },
      cell,
      { write: inner, text: "export const name = (): string => 2;\n" },
      cell,
    ],
    folder,
  );
  fs.rmSync(folder, { recursive: true });
  assert.deepEqual([answers[0].stdout, answers[1].stdout], ["hello one\n", "hello two\n"]);
  assert.match(answers[2].error?.evalue ?? "", /inner\.ts:1:\d+: Type 'number' is not assignable to type 'string'/);
});

test("a file that an import did not find is found once it exists", () => {
  const artefacts = path.join(root, "test", "artefacts");
  fs.mkdirSync(artefacts, { recursive: true });
  const folder = fs.mkdtempSync(path.join(artefacts, "kernel "));
  const cell = 'import { two } from "./new";\nconsole.log(two);';
  const text = "export const two = 2;\n";
  const [missing, found, after] = runCells([cell, { write: path.join(folder, "new.ts"), text }, cell, "1 + 1"], folder);
  fs.rmSync(folder, { recursive: true });
  assert.match(missing.error?.evalue ?? "", /Cannot find module '.\/new'/);
  assert.deepEqual([found, after].map(textBelow), ["2\n", "2\n"]);
});

test("when the kernel itself fails at a cell, that is the cell's error, and the next one runs", () => {
  const [, , failed, after] = runCells([
    'import { psnr } from "../lib";\nimport fs from "node:fs";',
    'const { statSync } = fs;\nObject.assign(fs, { statSync() { Object.assign(fs, { statSync }); throw new Error("no disk"); } });\nnull;',
    "1 + 1",
    "1 + 2",
  ]);
  assert.deepEqual([failed.error?.ename, failed.error?.evalue], ["Error", "no disk"]);
  assert.equal(textBelow(after), "3\n");
});

test("the kernelspec differs from a plain tslab's and names existing files", () => {
  const file = path.join(root, ".setup", "python", "share", "jupyter", "kernels", "image-denoiser", "kernel.json");
  const { argv, display_name, language } = JSON.parse(fs.readFileSync(file, "utf8"));
  assert.deepEqual([display_name, language], ["TypeScript (Image Denoiser)", "typescript"]);
  for (const part of argv.filter((part: string) => part.includes(path.sep))) assert.ok(fs.existsSync(part), part);
});

test("a kernel ends when its Jupyter is killed, although a cell runs for ever", async () => {
  const script = `
import os, time
from jupyter_client import KernelManager
manager = KernelManager(kernel_name="image-denoiser")
manager.start_kernel(cwd="notebooks")
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
client.execute("await null; for (;;);")
time.sleep(2)
print(manager.provisioner.pid, flush=True)
os.kill(os.getpid(), 9)`;
  const python = path.join(root, ".setup", "python", "bin", "python");
  const { stdout, stderr } = spawnSync(python, ["-c", script], { cwd: root, encoding: "utf8" });
  assert.match(stdout, /^\d+\n$/, stderr);
  const runs = () => /^[^Z]/.test(spawnSync("ps", ["-o", "stat=", "-p", stdout.trim()], { encoding: "utf8" }).stdout);
  for (let tries = 0; tries < 100 && runs(); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(!runs(), "it is still there");
});
