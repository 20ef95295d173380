// After Stop nothing of the cell runs on: its loops, timers and trainings.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, runCells } from "./run-cells";

const interrupted = ({ status, error }: Answer) => {
  assert.deepEqual([status, error?.ename, error?.evalue], ["error", "Interrupted", "Stop was pressed"]);
};

/** What is below a cell in red, but that Stop had to wait, as on a busy machine for the end of a batch. */
const said = ({ stderr }: Answer) => stderr.replace(/^Stop has to wait.*\n/, "");

/** How often `n` was counted up since, half a second later. */
const runsOn = "{ const before = n; await new Promise((go) => setTimeout(go, 500)); console.log(n - before); }";

const loops = {
  "a loop that sleeps": "for (;;) { n++; await sleep(20); }",
  "a loop that catches errors": "for (;;) try { n++; await sleep(20); } catch { n++; }",
  "a function of an earlier cell": "await count();",
  "a function that nothing awaits": "void count(); await sleep(100_000);",
  "an arrow function":
    "await Promise.all([1, 2].map(async (by) => { for (;;) n += by + Number(await sleep(20) === null); }));",
  "for await": "for await (const _ of ticks(20)) n++;",
  "an asynchronous generator": "for await (const by of counting()) n += by;",
  "a loop without a pause": "for (;;) n += (await null) ?? 1;",
  "a loop over promises that are settled": "for (;;) n += await Promise.resolve(1);",
  "an interval": "setInterval(() => n++, 20); await sleep(100_000);",
  "timers that set each other": "const again = () => { n++; setTimeout(again, 20); }; again(); await sleep(100_000);",
  immediates: "const again = () => { n++; setImmediate(again); }; again(); await sleep(100_000);",
  "timers of node:timers": "timers.setInterval(() => n++, 20); await sleep(100_000);",
  "pauses of node:timers/promises": "for (;;) { n++; await pause(20); }",
  "a promised timer": "for (;;) { n++; await promisify(setTimeout)(20); }",
};

test("Stop ends whatever a cell does", () => {
  const [, ...answers] = runCells([
    `import timers from "node:timers";
import { setInterval as ticks, setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
let n = 0;
const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
async function count() { for (;;) { n++; await sleep(20); } }
async function* counting() { for (;;) { await sleep(20); yield 1; } }`,
    ...Object.values(loops).flatMap((source) => [
      { stopAt: "runs" },
      `await sleep(50);\nconsole.log("runs");\n${source}`,
      runsOn,
    ]),
  ]);
  for (const [i, name] of Object.keys(loops).entries()) {
    const [stopped, after] = answers.slice(2 * i, 2 * i + 2);
    assert.equal(stopped.error?.evalue, "Stop was pressed", name);
    assert.deepEqual([after.stdout, after.stderr], ["0\n", ""], `${name} runs on`);
  }
});

test("Stop ends a cell also just when its first part ends, where Node loses signals or dies of them", () => {
  const until = (milliseconds: number) => [
    { stopAt: "runs" },
    `console.log("runs");
{ const end = performance.now() + ${milliseconds}; while (performance.now() < end); }
await new Promise(() => {});`,
  ];
  const answers = runCells([...[0, 1, 2, 4, 6, 9, 13, 18].flatMap(until), "1 + 1"]);
  for (const stopped of answers.slice(0, -1)) interrupted(stopped);
  assert.equal(answers.at(-1)?.status, "ok");
});

test("Stop leaves alone what earlier cells have started; what the cell has assigned stays", () => {
  const [, stopped, after, cleared] = runCells([
    "let n = 0;\nconst timer = setInterval(() => n++, 20);",
    { stopAt: "runs" },
    `const found = 3;
let m = 0;
try {
  for (;; m++ === 6 && console.log("runs")) await new Promise((resolve) => setTimeout(resolve, 10));
} finally {
  console.log("tidied up");
}`,
    `{ const before = n; await new Promise((resolve) => setTimeout(resolve, 500)); console.log(n > before, found, m > 5); }`,
    `clearInterval(timer);\n${runsOn}`,
  ]);
  interrupted(stopped);
  assert.equal(stopped.stdout, "runs\ntidied up\n");
  assert.equal(after.stdout, "true 3 true\n");
  assert.equal(cleared.stdout, "0\n");
});

test("an error that arises after a pause names the cell's line, and that of the function which it awaits", () => {
  const source = `const deep = async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  throw new RangeError("too deep");
};
const outer = async () => {
  await deep();
};`;
  const [, failed] = runCells([source, "\nawait outer();"]);
  assert.deepEqual(failed.error?.traceback, [
    "RangeError: too deep",
    '    at cell [1], line 3: throw new RangeError("too deep");',
    "    at cell [1], line 6: await deep();",
    "    at cell [2], line 2: await outer();",
  ]);
});

const blocking = {
  "a loop without await": "for (;;) n++;",
  "while, in a function of an earlier cell": "endless();",
  "loops that catch errors": "for (;;) { try { do n++; while (true); } catch {} }",
  "for of": "for (const by of (function* () { for (;;) yield 1; })()) n += by;",
  "in a timer": "await new Promise(() => setTimeout(() => { for (;;) n++; }, 10));",
};

test("Stop ends loops without await, also after an await", () => {
  const [, ...answers] = runCells([
    "let n = 0;\nfunction endless() { while (true) n++; }",
    ...Object.values(blocking).flatMap((source) => [
      { stopAt: "runs" },
      `await null;\nconsole.log("runs");\n${source}`,
      runsOn,
    ]),
  ]);
  for (const [i, name] of Object.keys(blocking).entries()) {
    const [stopped, after] = answers.slice(2 * i, 2 * i + 2);
    assert.deepEqual([stopped.error?.evalue, said(stopped)], ["Stop was pressed", ""], name);
    assert.deepEqual([after.stdout, after.stderr], ["0\n", ""], `${name} runs on`);
  }
});

test("where Stop has to wait, that is said below the cell, which ends as soon as it can", () => {
  const [, cell, after] = runCells([
    "1 + 1;",
    { stopAt: "runs" },
    `await null;
console.log("runs");
const until = Date.now() + 5000;
[].find.call({ length: 1e15 }, () => Date.now() > until);
await new Promise(() => {});`,
    "'still here'",
  ]);
  interrupted(cell);
  assert.equal(
    cell.stderr,
    "Stop has to wait: the code that is running does not pause. To end it now, restart the kernel (⟳).\n",
  );
  assert.equal(after.status, "ok");
});

const training = `import { fit, gaussian, tf } from "../lib";
import { liveTraining } from "../lib/notebook";
const clean = { data: new Float32Array(64 * 784).fill(0.5), shape: [64, 28, 28, 1] as const };
const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
const conv2d = tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 1, kernelSize: 3, padding: "same" });
const model = tf.sequential({ layers: [conv2d] });
model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
const weights = () => model.getWeights().map((each) => [...each.dataSync()]).join();
let batches = 0;
let begun = 0;
const count = { onTrainBegin: () => { begun = batches; }, onBatchEnd: () => { if (batches++ === begun + 20) console.log("trains"); } };
const train = (epochs: number, ...callbacks: object[]) =>
  fit(model, pairs, { epochs, batchSize: 8, validation: pairs, callbacks: [count, ...callbacks] });`;

const trainsOn = `{ const before = batches + weights();
await new Promise((resolve) => setTimeout(resolve, 500));
console.log(before === batches + weights(), batches > 0); }`;

test("Stop ends a training whatever its callbacks, and its cell; the model can be trained again", () => {
  const [, plain, after, again, slow, afterSlow, last] = runCells([
    training,
    { stopAt: "trains" },
    "const history = await train(1e6);\nconsole.log('goes on');",
    trainsOn,
    "console.log((await train(2)).epochs.length);",
    { stopAt: "waits" },
    `await train(1e6, { onBatchEnd() {
  console.log("waits");
  return new Promise<void>((resolve) => setTimeout(resolve, 1e6));
} });`,
    trainsOn,
    "console.log((await train(2)).epochs.length);",
  ]);
  interrupted(plain);
  assert.deepEqual([plain.stdout, said(plain)], ["trains\n", ""]);
  assert.equal(after.stdout, "true true\n");
  assert.equal(again.stdout, "2\n");
  interrupted(slow);
  assert.equal(afterSlow.stdout, "true true\n");
  assert.equal(last.stdout, "2\n");
});

test("with liveTraining the first press ends the training and the cell goes on; the second ends the cell", () => {
  const [, ended, next, atOnce, after] = runCells([
    training,
    { stopAt: "trains" },
    { stopAt: "the Stop button was pressed" },
    `console.log((await train(1e6, liveTraining("Loss"))).stopped);
for (;;) await new Promise((resolve) => setTimeout(resolve, 10));`,
    trainsOn,
    { stopAt: "trains" },
    { stopAt: "ends" },
    `await train(1e6, liveTraining("Loss"), { onTrainEnd: () => new Promise<void>(() => console.log("ends")) });`,
    trainsOn,
  ]);
  interrupted(ended);
  assert.equal(ended.stdout, "trains\nthe Stop button was pressed\n");
  assert.equal(next.stdout, "true true\n");
  interrupted(atOnce);
  assert.equal(after.stdout, "true true\n");
});

test("a training that nothing awaits ends with its cell's Stop, without a word", () => {
  const [, stopped, after] = runCells([
    training,
    { stopAt: "trains" },
    "void train(1e6);\nawait new Promise(() => {});",
    trainsOn,
  ]);
  interrupted(stopped);
  assert.deepEqual([after.stdout, said(after), said(stopped)], ["true true\n", "", ""]);
});

test("after Stop, cells still import files that were not loaded before", () => {
  const [stopped, imported] = runCells([
    { stopAt: "runs" },
    'await new Promise((resolve) => setTimeout(resolve, 50));\nconsole.log("runs");\nfor (;;) await null;',
    'import { gaussian } from "../lib";\nconsole.log(typeof gaussian);',
  ]);
  interrupted(stopped);
  assert.deepEqual([imported.stdout, imported.error], ["function\n", undefined]);
});
