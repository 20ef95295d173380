// A training in a terminal, in a pipe, and interrupted by Ctrl-C, each in its own process.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");
const python = path.join(root, ".setup", "python", "bin", "python");

const script = (epochs: number) => `
  const { tf, fit, gaussian, terminalProgress } = require(${JSON.stringify(path.join(root, "lib"))});
  const clean = { data: new Float32Array(64 * 784), shape: [64, 28, 28, 1] };
  const pairs = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
  const model = tf.sequential({ layers: [
    tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 1, kernelSize: 3, padding: "same" }),
  ] });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "meanSquaredError" });
  const slow = { onBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 60)) };
  fit(model, pairs, { epochs: ${epochs}, batchSize: 16, validation: pairs, callbacks: [slow, terminalProgress()] })
    .then(({ epochs, stopped }) => console.log(JSON.stringify({ epochs: epochs.length, stopped })));
`;
const command = (epochs: number) => [process.execPath, "--require", "ts-node/register", "-e", script(epochs)];

/** @param interruptAfter press Ctrl-C when this has been printed */
function run([program, ...args]: string[], interruptAfter?: RegExp) {
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const printed = { stdout: "", stderr: "" };
  let interrupted = false;
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk) => {
      printed[name] += chunk;
      if (interrupted || !interruptAfter?.test(printed.stderr)) return;
      interrupted = true;
      child.kill("SIGINT");
    });
  return new Promise<typeof printed & { status: number | null }>((resolve) =>
    child.on("close", (status) => resolve({ ...printed, status })),
  );
}

const epochLine = (epoch: number) =>
  new RegExp(`^  epoch  ${epoch}: loss 0\\.\\d{5}, validation loss 0\\.\\d{5}, \\d s$`, "m");

test("in a pipe: a plain line an epoch, and nothing on standard output", async () => {
  const { stdout, stderr } = await run(command(2));
  const lines = stderr.split("\n").filter((line) => line.startsWith("  epoch"));
  assert.equal(lines.length, 2, stderr);
  assert.match(lines[0], epochLine(1));
  assert.match(lines[1], epochLine(2));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the absence of just these is tested
  assert.doesNotMatch(stderr, /[\r\x1b━]/);
  assert.deepEqual(JSON.parse(stdout), { epochs: 2 });
});

test("in a terminal: a bar that moves, and leaves a line an epoch", async () => {
  const inTerminal = "import json, pty, sys; pty.spawn(json.loads(sys.argv[1]))";
  const { stdout } = await run([python, "-c", inTerminal, JSON.stringify(command(2))]);
  const text = stdout.replaceAll("\r\n", "\n");
  const bars = [...text.matchAll(/epoch 1 of 2 (━*)─* loss 0\.\d{5}, \d+ s left/g)].map(([, done]) => done.length);
  assert.ok(bars.length >= 2 && bars[bars.length - 1] > bars[0], JSON.stringify(text));
  assert.ok(text.indexOf("epoch 1 of 2") < text.indexOf("  epoch  1: loss"));
  assert.ok(text.indexOf("  epoch  1: loss") < text.indexOf("epoch 2 of 2"));
});

test("Ctrl-C ends the training after the current batch; the script goes on", async () => {
  const { stdout, stderr, status } = await run(command(1000), epochLine(1));
  assert.equal(status, 0);
  const { epochs, stopped } = JSON.parse(stdout);
  assert.equal(stopped, "Ctrl-C was pressed");
  assert.ok(epochs >= 1 && epochs < 1000);
  assert.match(stderr, /Stopped: Ctrl-C was pressed\.\n$/);
});
