// image-denoiser denoise --scheduler: a real Dask cluster of two workers, one of which is killed half-way.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { readImage, writeImage } from "../../lib/data/picture";
import "../../lib/engine";
import { saveModel } from "../../lib/models/files";
import { Random } from "../../lib/random";
import { largestDifference, temporaryFolder } from "../data/pictures";
import { meanModel, meanOf } from "../models/mean-model";
import { denoiser } from "./run-denoiser";

const root = path.resolve(__dirname, "../..");
const folder = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
let cluster: ChildProcess;
let scheduler: string;
let workers: number[];

/** A scheduler and two workers on this machine, until our end of its input closes. */
async function startCluster(): Promise<{ scheduler: string; workers: number[] }> {
  fs.writeFileSync(
    at("cluster.py"),
    `
import json, sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        workers = [nanny.process.pid for nanny in cluster.workers.values()]
        print(json.dumps({"scheduler": cluster.scheduler_address, "workers": workers}), flush=True)
        sys.stdin.read()
`,
  );
  const python = path.join(root, ".setup", "python", "bin", "python");
  cluster = spawn(python, [at("cluster.py")], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  for await (const line of createInterface({ input: cluster.stdout! })) return JSON.parse(line);
  throw new Error("the cluster did not start");
}

before(async () => {
  await saveModel(meanModel(1), at("model"));
  fs.mkdirSync(at("in", "more"), { recursive: true });
  const random = new Random(1);
  for (let i = 0; i < 4; i++) {
    const data = new Float32Array(30 * 40).map(() => random.uniform());
    await writeImage(at("in", i % 2 ? "more" : "", `${i}.png`), { data, shape: [1, 30, 40, 1] });
  }
  fs.writeFileSync(at("in", "text.png"), "no picture");
  ({ scheduler, workers } = await startCluster());
});
after(() => cluster?.stdin?.end());

const results = (out: string) =>
  (fs.existsSync(out) ? (fs.readdirSync(out, { recursive: true }) as string[]) : [])
    .filter((name) => name.endsWith(".png"))
    .sort();
const names = ["0.png", "2.png", "more/1.png", "more/3.png"];

test("a worker that is killed half-way loses nothing; what failed is listed; a second run does what is missing", async () => {
  const out = at("out");
  const args = ["denoise", at("in"), "-o", out, "-m", at("model"), "--scheduler", scheduler];
  const running = denoiser(args);
  while (results(out).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(workers[0], "SIGKILL");
  const { code, stderr } = await running;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /1 failed\.\nFailed:\n.*text\.png is not a picture that can be read/);
  // what the dead worker had finished without saying so is skipped by the one that gets its part
  const [, cleaned, skipped = 0] = stderr.match(/(\d) pictures? cleaned; (?:(\d) skipped)?/) ?? [];
  assert.equal(Number(cleaned) + Number(skipped), names.length, stderr);
  assert.deepEqual(results(out), names);
  for (const name of names)
    assert.ok(
      largestDifference((await readImage(path.join(out, name))).data, meanOf(await readImage(at("in", name)))) <
        0.51 / 255 + 1e-4,
    );
  fs.rmSync(path.join(out, "2.png"));
  const again = await denoiser(args);
  assert.match(again.stderr, /1 picture cleaned; 3 skipped.*1 failed/);
});

test("stopped, it says what is left, and the same command goes on", async () => {
  const stop = new AbortController();
  const args = ["denoise", at("in"), "-o", at("stopped"), "-m", at("model"), "--scheduler", scheduler];
  const running = denoiser(args, { signal: stop.signal });
  while (results(at("stopped")).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  stop.abort();
  const { code, stderr } = await running;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /Stopped with \d pictures left\. No result is half-written/);
  assert.equal((await denoiser(args)).code, 1);
  assert.deepEqual(results(at("stopped")), names);
});

test("no scheduler, and standard input: a sentence", async () => {
  const refused = async (input: string, output: string, address: string) => {
    const { code, stderr } = await denoiser([
      "denoise",
      input,
      "-o",
      output,
      "-m",
      at("model"),
      "--scheduler",
      address,
    ]);
    assert.equal(code, 1);
    return stderr;
  };
  assert.match(
    await refused(at("in"), at("none"), "tcp://127.0.0.1:9"),
    /No Dask scheduler answers at tcp:\/\/127\.0\.0\.1:9/,
  );
  assert.match(await refused("-", "-", scheduler), /--scheduler takes files/);
});
