// The benchmarks' own arithmetic and protocol, and `npm run bench` as far as it goes without the Python peers.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "..");
const bench = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(root, "commands", "bench.mjs"), ...args], { cwd: root, encoding: "utf8" });

const benchmark = { name: "a", title: "A", unit: "ms" as const, task: { task: "a" }, peers: ["theirs", "broken"] };

/** Peers that answer at once, and a log of what they were asked. */
function fakes(answers: Record<string, number[]>) {
  const log: string[] = [];
  const start = (name: string) => {
    log.push(`start ${name}`);
    return {
      async ask() {
        log.push(name);
        const value = answers[name].shift();
        if (value === undefined) throw new Error("it broke");
        return { value };
      },
      async stop() {
        log.push(`stop ${name}`);
      },
    };
  };
  return { log, start };
}

test("quantiles lie between the nearest values", async () => {
  const { quantile } = await import("../bench/compare.mjs");
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([4, 1, 2, 3], 0.5), 2.5);
  assert.deepEqual(
    [0, 0.25, 0.75, 1].map((share) => quantile([10, 20, 30, 40, 50], share)),
    [10, 20, 40, 50],
  );
  assert.equal(quantile([7], 0.75), 7);
});

test("peers take turns; one that fails leaves, and is named", async () => {
  const { comparisons, measure } = await import("../bench/compare.mjs");
  const { log, start } = fakes({ ours: [0.002, 0.004, 0.003], theirs: [0.01, 0.03, 0.02], broken: [1] });
  const { answers, failures } = await measure(benchmark, benchmark.peers, { rounds: 3, start, pause: 0 });
  assert.deepEqual(
    log.filter((entry) => !entry.startsWith("st")),
    ["ours", "theirs", "broken", "ours", "theirs", "broken", "ours", "theirs"],
  );
  assert.deepEqual(
    ["ours", "theirs", "broken"].map((name) => log.filter((entry) => entry === `start ${name}`).length),
    [1, 1, 1],
  );
  assert.deepEqual(log.slice(-2), ["stop ours", "stop theirs"]);
  assert.deepEqual(failures, [{ peer: "broken", reason: "it broke" }]);
  const ranges = { oursRange: [2.5, 3.5], theirsRange: [15, 25] };
  assert.deepEqual(comparisons(benchmark, answers), [
    { name: "a", peer: "theirs", ours: 3, theirs: 20, unit: "ms", ratio: 0.15, rounds: 3, ...ranges },
  ]);
});

test("a process for each measurement, where that is asked for; without our answers there is no ratio", async () => {
  const { comparisons, measure } = await import("../bench/compare.mjs");
  const { log, start } = fakes({ ours: [1], theirs: [1, 1] });
  const { answers, failures } = await measure({ ...benchmark, newProcess: true }, ["theirs"], {
    rounds: 2,
    start,
    pause: 0,
  });
  const turn = (name: string) => [`start ${name}`, name, `stop ${name}`];
  assert.deepEqual(log, ["ours", "theirs", "ours", "theirs"].flatMap(turn));
  assert.equal(failures[0].peer, "ours");
  assert.deepEqual(comparisons(benchmark, answers), []);
});

test("a worker answers line by line; of one that dies the reason is told", async () => {
  const { startWorker } = await import("../bench/peers.mjs");
  const script = `
    process.stdin.on("data", (line) => {
      const { task } = JSON.parse(line);
      if (task === "die") throw new TypeError("no such thing");
      if (task === "exit") process.exit(3);
      console.log(JSON.stringify(task === "fail" ? { error: "not today" } : { value: 1 + Number("MALLOC_TOP_PAD_" in process.env) }));
    });`;
  const worker = (tuned = false) => startWorker({ command: [process.execPath, "-e", script], python: false, tuned });
  const alive = worker();
  assert.deepEqual(await alive.ask({ task: "work" }), { value: 1 });
  await assert.rejects(alive.ask({ task: "fail" }), { message: "not today" });
  assert.deepEqual(await alive.ask({ task: "work" }), { value: 1 });
  await alive.stop();
  const tuned = worker(true);
  assert.deepEqual(await tuned.ask({ task: "work" }), { value: 2 });
  await tuned.stop();
  await assert.rejects(
    worker().ask({ task: "die" }),
    /^Error: its process ended with code 1:\n.*TypeError: no such thing/s,
  );
  await assert.rejects(worker().ask({ task: "exit" }), { message: "its process ended with code 3" });
  const nowhere = startWorker({ command: ["/nowhere/python"], python: true, tuned: false });
  await assert.rejects(nowhere.ask({ task: "work" }), /ENOENT/);
});

test("tables: a block for people, a row for the README with each peer at its best", async () => {
  const { markdownTable, textTable } = await import("../bench/table.mjs");
  const ranges = { rounds: 5, oursRange: [0, 0] as [number, number], theirsRange: [0, 0] as [number, number] };
  const record = (peer: string, theirs: number) => ({
    ...{ name: "unet-train-step", peer, ours: 200, theirs, unit: "ms", ratio: 200 / theirs },
    ...ranges,
  });
  const records = [record("keras", 500), record("keras, malloc tuned", 400), record("pytorch compiled", 160)];
  assert.match(textTable(records), /\n {2}ours +200 ms +ours \/ theirs\n {2}keras +500 ms +0\.40\n/);
  assert.match(markdownTable(records), /\| \*\*200 ms\*\* \| 400 ms \(0\.50\) \| 160 ms \(1\.25\) \| {2}\|$/);
});

test("a quick run has of each peer the usual best mode, less work, and a round for what takes a process each", async () => {
  const { benchmarks, quickly } = await import("../bench/benchmarks.mjs");
  assert.deepEqual(quickly(benchmarks.filter(({ name }) => name === "unet-epoch")), []);
  for (const { peers, rounds, task, name } of quickly(benchmarks)) {
    const benchmark = benchmarks.find((other) => other.name === name) as (typeof benchmarks)[number];
    const all = benchmark.peers.map((peer) => peer.split(/[ ,]/)[0]).filter((who) => who !== "ours");
    assert.deepEqual(new Set(peers.map((peer) => peer.split(/[ ,]/)[0])), new Set(all), `${name}: nobody is left out`);
    assert.ok(peers.length <= 3 && peers.every((peer) => benchmark.peers.includes(peer)), name);
    assert.equal(rounds, benchmark.newProcess ? 1 : 3, name);
    assert.deepEqual(Object.keys(task), Object.keys(benchmark.task), name);
  }
});

test("--instructions avx2: every process is told so, in its own setting", async () => {
  const { instructionSet, instructionSettings } = await import("../bench/instructions.mjs");
  const { startWorker } = await import("../bench/peers.mjs");
  const names = Object.keys(instructionSettings.avx2);
  const script = `process.stdin.once("data", () => {
    const values = ${JSON.stringify(names)}.map((name) => process.env[name]);
    console.log(JSON.stringify({ value: 1, values }));
  });`;
  Object.assign(process.env, instructionSettings.avx2);
  try {
    const worker = startWorker({ command: [process.execPath, "-e", script], python: true, tuned: false });
    assert.deepEqual((await worker.ask({})).values, Object.values(instructionSettings.avx2));
    await worker.stop();
  } finally {
    for (const name of names) delete process.env[name];
  }
  assert.equal(instructionSet("avx2"), "AVX2");
});

test("npm run bench --json: well-formed records of a measurement", async () => {
  const only = ["--only", "simple-train-step", "--peer", "tfjs-node as it comes"];
  const { status, stdout, stderr } = bench(...only, "--rounds", "1", "--json");
  assert.equal(status, 0, stderr);
  const [record, ...others] = JSON.parse(stdout);
  assert.deepEqual(others, []);
  const { name, peer, unit, rounds, ours, theirs, ratio, instructions } = record;
  assert.deepEqual([name, peer, unit, rounds], ["simple-train-step", "tfjs-node as it comes", "ms", 1]);
  const { instructionSet } = await import("../bench/instructions.mjs");
  assert.equal(instructions, instructionSet(process.env.DENOISER_INSTRUCTIONS));
  assert.ok(ours > 0 && theirs > 0, stdout);
  assert.equal(ratio, ours / theirs);
});

test("peers that are not installed are named, with the command that installs them", async () => {
  const { peersInstalled } = await import("../setup/peers.mjs");
  const { status, stdout, stderr } = bench("--only", "metrics", "--rounds", "1", "--json");
  assert.equal(status, 0, stderr);
  if (peersInstalled()) assert.equal(JSON.parse(stdout)[0].peer, "scikit-image");
  else {
    assert.deepEqual(JSON.parse(stdout), []);
    assert.match(stderr, /Not installed, so not measured: scikit-image\.\n.*: npm run bench -- --install-peers\n/);
    assert.match(bench("--keep").stderr, /^\n--keep needs all peers.*--install-peers\n$/);
  }
});

test("what cannot be is answered with a sentence", () => {
  const message = (...args: string[]) => {
    const { status, stdout, stderr } = bench(...args);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.ok(!/\n\s+at /.test(stderr), stderr);
    return stderr;
  };
  assert.match(message("--only", "speed"), /there is no benchmark "speed"; there are unet-train-step, .*\nUsage: /);
  assert.match(message("--peer", "numpy"), /there is no peer "numpy"/);
  assert.match(message("--rounds", "0"), /--rounds must be a whole number of at least 1, not 0/);
  assert.match(message("--keep", "--only", "metrics"), /--keep is for whole runs/);
  assert.match(message("--quick", "--only", "unet-epoch"), /--quick leaves out unet-epoch/);
  assert.match(message("--keep", "--quick"), /--keep is for whole runs/);
  assert.match(message("--quick", "--rounds", "9"), /--quick chooses the peers and the rounds: leave .*--rounds/);
  assert.match(message("--instructions", "sse9"), /there is no setting of --instructions "sse9"; there are avx2/);
});
