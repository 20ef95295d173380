// `npm run sweep`: the grid, what it refuses, and real runs, here and on a Dask cluster of one worker.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import type { Epoch } from "../../lib/training/training-run";
import { findChromium, openOffline } from "../chromium";

const root = path.resolve(__dirname, "../..");
const output = path.join(root, "test", "artefacts", "sweep é");
const folder = path.join(output, "sweeps", "simple-autoencoder");
fs.rmSync(output, { recursive: true, force: true });

const command = path.join(root, "commands", "sweep.mjs");
const env = { ...process.env, IMAGE_DENOISER_OUTPUT: output };
const sweep = (...args: string[]) => spawnSync(process.execPath, [command, ...args], { env, encoding: "utf8" });
/** Few digits to train with: what is learned does not matter here. */
const small = "--notebook simple-autoencoder --quick -p epochs=2 -p batchSize 500 -p validationShare=0.8".split(" ");
const nameOf = (learningRate: number) =>
  `dataset=quick,epochs=2,batchSize=500,learningRate=${learningRate},validationShare=0.8`;
const resultsFile = (learningRate: number) =>
  path.join(folder, nameOf(learningRate), "results", "simple-autoencoder.json");
const record = () => JSON.parse(fs.readFileSync(path.join(folder, "results.json"), "utf8"));

test("the grid has every combination once, in the notebook's order, under names that are safe for files", async () => {
  const { combinations, nameOf, splitValues } = await import("../../commands/support/sweep/grid.mjs");
  const texts = splitValues([
    ["b", "1,2"],
    ["a", "x/y"],
    ["b", "2"],
  ]);
  assert.deepEqual(texts.map(String), ["b,1", "b,2", "a,x/y", "b,2"]);
  assert.deepEqual(combinations(texts, ["a", "b", "c"]).map(nameOf), ["a=x%2Fy,b=1", "a=x%2Fy,b=2"]);
});

test("parameters are read from the notebook's cell, with their kinds", async () => {
  const { parametersOf, readParameters } = await import("../../commands/support/parameters.mjs");
  const types = await parametersOf("unet");
  assert.deepEqual([types.get("sigma"), types.get("resume")], ["number", "boolean"]);
  assert.deepEqual([types.get("dataset"), types.get("filters")], ['"full" | "quick"', "number | undefined"]);
  const given: [string, string][] = [
    ["sigma", "3e-1"],
    ["resume", "true"],
    ["recipe", "best"],
    ["filters", "8"],
  ];
  assert.deepEqual(
    (await readParameters("unet", given)).map(([, value]) => value),
    [0.3, true, "best", 8],
  );
});

test("what cannot be is refused before anything runs", () => {
  const message = (...args: string[]) => {
    const { status, stderr } = sweep(...args);
    assert.equal(status, 1);
    assert.ok(!/\n\s+at /.test(stderr), stderr);
    return stderr;
  };
  assert.match(
    message("-p", "sigma=1"),
    /name a notebook: --notebook simple-autoencoder, unet, noise or photos\.\nUsage/,
  );
  assert.match(message("--notebook", "unet"), /say what to vary/);
  assert.match(message("--notebook", "unet", "-p", "sigma"), /sigma has no value/);
  assert.match(
    message("--notebook", "unet", "-p", "sigma=0.3", "-p", "epoch", "3"),
    /unet\.ipynb has no parameter "epoch"; it has dataset, sigma, noiseKind, seed, .* and attention\./,
  );
  assert.match(message("--notebook", "unet", "-p", "sigma=0.3,"), /sigma must be a number, not ""\./);
  assert.match(message("--notebook", "unet", "-p", "dataset=tiny"), /dataset must be "full" or "quick", not "tiny"\./);
  assert.match(
    message("--notebook", "unet", "-p", "sigma=0.3", "-p", "learningRate=0.001,7"),
    /^learningRate must be a number from 1e-7 to 1, not 7\.$/m,
  );
  assert.match(message(...small, "-p", "sigma=1", "--scheduler", "tcp://127.0.0.1:9"), /No Dask scheduler answers at/);
  assert.ok(!fs.existsSync(path.join(folder, nameOf(1))));
});

/** The history in a checkpoint's header; undefined before the first epoch has ended. */
function checkpointed(): Epoch[] | undefined {
  const file = path.join(folder, nameOf(0.001), "models", "simple-autoencoder-quick.checkpoint");
  if (!fs.existsSync(file)) return undefined;
  const content = fs.readFileSync(file);
  return JSON.parse(content.toString("utf8", 4, 4 + content.readUInt32LE(0))).epochs;
}
let before: Epoch[] | undefined;

test("Ctrl-C stops a sweep and says how to go on", async () => {
  const child = spawn(process.execPath, [command, ...small, "-p", "learningRate=0.001"], { env });
  const closed = once(child, "close");
  let printed = "";
  child.stderr.on("data", (chunk) => {
    printed += chunk;
  });
  while (!checkpointed() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill("SIGINT");
  await closed;
  assert.match(printed, /Stopped\. The same command goes on from here\./);
  assert.ok(!fs.existsSync(resultsFile(0.001)));
  before = checkpointed();
});

/** Makes a run fail: where its training wants a folder there is a file, which looks like its own. */
async function cannotSave(learningRate: number): Promise<void> {
  const { fingerprintOf } = await import("../../commands/support/sweep/fingerprint.mjs");
  const run = path.join(folder, nameOf(learningRate));
  const values = { dataset: "quick", epochs: 2, batchSize: 500, learningRate, validationShare: 0.8 };
  fs.mkdirSync(run, { recursive: true });
  fs.writeFileSync(path.join(run, "models"), "");
  const fingerprint = fingerprintOf("simple-autoencoder", Object.entries(values));
  fs.writeFileSync(path.join(run, "fingerprint.json"), JSON.stringify(fingerprint));
}

test("a failed run does not stop the next; what is finished is not run again, what is half-written is", async () => {
  fs.mkdirSync(path.dirname(resultsFile(0.001)), { recursive: true });
  fs.writeFileSync(resultsFile(0.001), '{ "schema": 1, "notebook": "simple-auto');
  await cannotSave(0.002);
  const first = sweep(...small, "-p", "learningRate=0.002,0.001");
  assert.equal(first.status, 1);
  assert.match(first.stdout, /run 1 of 2: learningRate 0\.002\n.* +failed: .* in cell In \[\d+\]:\n.*EEXIST.*models/s);
  assert.match(first.stdout, /run 2 of 2: learningRate 0\.001\n.*lowest validation loss 0\.\d+ in epoch \d/s);
  assert.match(first.stderr, /1 of 2 runs failed; .*\n +learningRate 0\.002\n/);
  const results = JSON.parse(fs.readFileSync(resultsFile(0.001), "utf8"));
  assert.deepEqual([results.parameters.learningRate, results.history.length], [0.001, 2]);
  assert.equal(results.history[0].seconds, before?.[0].seconds, "the training went on; it did not begin anew");
  assert.deepEqual(
    record().runs.map(({ name, status }: { name: string; status: string }) => [name, status]),
    [
      [nameOf(0.001), "finished"],
      [nameOf(0.002), "failed"],
    ],
  );

  const { mtimeMs } = fs.statSync(resultsFile(0.001));
  const second = sweep(...small, "-p", "learningRate=0.001");
  assert.equal(second.status, 0, second.stderr);
  assert.match(second.stdout, /run 1 of 1.*\n +finished before: lowest validation loss/);
  assert.equal(fs.statSync(resultsFile(0.001)).mtimeMs, mtimeMs);

  if (findChromium())
    assert.deepEqual(
      await openOffline(path.join(folder, "index.html"), path.join(root, "test", "artefacts", "sweep.png")),
      {
        plots: 1,
        requests: [],
        errors: [],
      },
    );
});

let cluster: ChildProcess | undefined;
after(() => cluster?.stdin?.end());

/** A scheduler and one worker on this machine, until our end of its input closes. */
async function startCluster(): Promise<string> {
  const script = `
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
`;
  const file = path.join(output, "cluster.py");
  fs.writeFileSync(file, script);
  cluster = spawn(path.join(root, ".setup", "python", "bin", "python"), [file], {
    cwd: output,
    stdio: ["pipe", "pipe", "ignore"],
  });
  for await (const line of createInterface({ input: cluster.stdout! })) return line;
  throw new Error("the cluster did not start");
}

test("the same runs go to a Dask cluster; one that fails there does not stop the others, outdated ones are run again", async () => {
  const recorded = path.join(folder, nameOf(0.001), "fingerprint.json");
  const fingerprint = JSON.parse(fs.readFileSync(recorded, "utf8"));
  fs.writeFileSync(recorded, JSON.stringify({ ...fingerprint, code: "other" }));
  await cannotSave(0.002);
  const scheduler = await startCluster();
  const { status, stdout, stderr } = sweep(...small, "-p", "learningRate=0.002,0.001", "--scheduler", scheduler);
  assert.equal(status, 1, stdout + stderr);
  assert.match(stdout, /run 1 of 2: learningRate 0\.002\n.* +failed: .*EEXIST.*models/s);
  assert.match(stdout, /run 2 of 2: learningRate 0\.001\n +is run again: the code in lib\/ has changed\n/);
  assert.match(stdout, /run 2 of 2: learningRate 0\.001\n +lowest validation loss/);
  assert.deepEqual(JSON.parse(fs.readFileSync(recorded, "utf8")), fingerprint);
  assert.equal(JSON.parse(fs.readFileSync(resultsFile(0.001), "utf8")).parameters.learningRate, 0.001);
  assert.ok(fs.existsSync(path.join(folder, nameOf(0.001), "reports", "simple-autoencoder.html")));
});
