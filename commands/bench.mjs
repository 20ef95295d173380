// npm run bench: how fast we are beside Keras, PyTorch, scikit-image and stock tfjs-node, measured in turns.
//   npm run bench -- --install-peers                        the Python programs among them (7 GB)
//   npm run bench -- --only unet-train-step --peer keras    some benchmarks, some peers
//   npm run bench -- --quick                                five to six minutes: less work, of each peer its usual best mode
//   npm run bench -- --instructions avx2                    everybody without AVX-512
//   npm run bench -- --rounds 9 --json                      more rounds; for machines
//   npm run bench -- --keep                                 also puts the results into the documents
//   npm run bench -- --time-to-quality                      whole trainings, half an hour
import { benchmarks, quickly, timeToQuality } from "../bench/benchmarks.mjs";
import { comparisons, measure } from "../bench/compare.mjs";
import { instructionSet, instructionSettings } from "../bench/instructions.mjs";
import { peers } from "../bench/peers.mjs";
import { versions } from "../bench/record.mjs";
import { textTable } from "../bench/table.mjs";
import { root } from "../setup/layout.mjs";
import { installCommand, installPeers, peersInstalled } from "../setup/peers.mjs";
import { UserError } from "../setup/terminal.mjs";
import { ArgumentError, mustBeOneOf, readArguments } from "./support/arguments.mjs";
import { main } from "./support/main.mjs";
import { publishBench } from "./support/publish.mjs";

/** @type {import("./support/arguments.mjs").Syntax} */
const syntax = {
  usage:
    "npm run bench -- [--quick] [--instructions avx2] [--only BENCHMARK]... [--peer PEER]... [--rounds N] [--json] [--keep] [--install-peers] [--time-to-quality]",
  options: {
    only: { type: "string", multiple: true },
    peer: { type: "string", multiple: true },
    rounds: { type: "string" },
    quick: { type: "boolean" },
    instructions: { type: "string" },
    json: { type: "boolean" },
    keep: { type: "boolean" },
    "install-peers": { type: "boolean" },
    "time-to-quality": { type: "boolean" },
  },
};

console.log = console.error; // standard output is for the results, set-up speaks too

await main(
  () => readArguments(syntax, interpret),
  async (options) => {
    if (options.installPeers) {
      await installPeers();
      console.error("The peers are installed: `npm run bench` measures them.");
      return 0;
    }
    const wanted = new Set(options.chosen.flatMap((benchmark) => benchmark.peers.filter(options.hasPeer)));
    const absent = peersInstalled() ? [] : [...wanted].filter((name) => peers[name].python);
    const notice = `Not installed, so not measured: ${absent.join("; ")}.\nThis installs them: ${installCommand}`;
    if (absent.length > 0) {
      if (options.keep) throw new UserError(`--keep needs all peers. This installs them: ${installCommand}`);
      console.error(notice);
    }

    const instructions = instructionSet(process.env.DENOISER_INSTRUCTIONS);
    const records = [];
    let failed = false;
    for (const benchmark of options.chosen) {
      const present = benchmark.peers.filter((name) => options.hasPeer(name) && !absent.includes(name));
      if (present.length === 0) continue;
      const say = progress();
      const { answers, failures } = await measure(benchmark, present, { rounds: benchmark.rounds, say });
      say("");
      for (const { peer, reason } of failures) console.error(`${benchmark.name}: ${peer} failed: ${reason}`);
      failed ||= failures.length > 0;
      records.push(...comparisons(benchmark, answers).map((comparison) => ({ ...comparison, instructions })));
    }

    if (options.json) process.stdout.write(`${JSON.stringify(records, null, 1)}\n`);
    else {
      if (records.length > 0) process.stdout.write(`\n${textTable(records)}\n`);
      if (absent.length > 0) process.stdout.write(`\n${notice}\n`);
    }
    if (failed) {
      if (options.keep) console.error("Nothing was kept, because of the failures above.");
      return 1;
    }
    const restricted = Boolean(process.env.DENOISER_INSTRUCTIONS);
    if (options.keep) publishBench(options.file, options.command, records, { versions: versions(), restricted }, root);
    return 0;
  },
);

/** On a terminal one line that is rewritten, elsewhere a line each. */
function progress() {
  const live = process.stderr.isTTY === true;
  /** @param {string} text */
  return (text) => {
    if (live) process.stderr.write(`\r\x1b[2K${text && `  ${text}`}`);
    else if (text) console.error(`  ${text}`);
  };
}

/** @param {Record<string, any>} values */
function interpret(values) {
  const long = values["time-to-quality"] === true;
  /** @type {{ only?: string[], peer?: string[], quick?: boolean }} */
  const { only, peer, quick = false } = values;
  const names = benchmarks.map(({ name }) => name);
  mustBeOneOf("benchmark", only ?? [], names);
  mustBeOneOf(
    "peer",
    peer ?? [],
    Object.keys(peers).filter((name) => name !== "ours"),
  );
  if (long && only) throw new ArgumentError("--time-to-quality is a benchmark of its own: leave --only away");
  if (quick && (long || peer || values.rounds))
    throw new ArgumentError(
      "--quick chooses the peers and the rounds: leave --peer, --rounds and --time-to-quality away",
    );
  const { instructions = process.env.DENOISER_INSTRUCTIONS } = values;
  if (instructions) {
    mustBeOneOf("setting of --instructions", [instructions], Object.keys(instructionSettings));
    Object.assign(process.env, instructionSettings[instructions]); // for set-up and every process that is started
  }
  const rounds = Number(values.rounds ?? (long ? 1 : 5));
  if (!(Number.isInteger(rounds) && rounds >= 1))
    throw new ArgumentError(`--rounds must be a whole number of at least 1, not ${values.rounds}`);
  if (values.keep && (only || peer || quick || (!long && rounds < 5)))
    throw new ArgumentError("--keep is for whole runs of at least five rounds, without --only, --peer and --quick");
  const all = long ? [timeToQuality] : benchmarks.filter(({ name }) => only?.includes(name) ?? true);
  const chosen = quick ? quickly(all) : all.map((benchmark) => ({ ...benchmark, rounds }));
  if (chosen.length === 0) throw new ArgumentError(`--quick leaves out ${only?.join(" and ")}`);
  return {
    chosen,
    /** @param {string} name */
    hasPeer: (name) => peer?.includes(name) ?? true,
    json: values.json === true,
    keep: values.keep === true,
    installPeers: values["install-peers"] === true,
    file: long ? /** @type {const} */ ("time-to-quality") : /** @type {const} */ ("bench"),
    command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
  };
}
