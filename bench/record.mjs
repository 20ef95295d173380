// docs/results/bench.json and the README's table: comparisons, each with the machine and the versions that it holds for.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { refreshReadme } from "../commands/readme.mjs";
import { root } from "../setup/layout.mjs";
import { peersPython } from "../setup/peers.mjs";
import { markdownTable } from "./table.mjs";

/** @typedef {import("./compare.mjs").Comparison} Comparison */
/** @typedef {Comparison & { command: string, date: string, machine: string, versions: Record<string, string> }} Kept */

const pythonPackages = ["keras", "tensorflow-cpu", "tensorflow", "torch", "scikit-image", "numpy"];

/** @param {string} name */
const fileOf = (name) => path.join(root, "docs", "results", `${name}.json`);

function versions() {
  const peers = `import json, platform, importlib.metadata as m
found = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in m.distributions()}
print(json.dumps({"python": platform.python_version(), **{n: found[n] for n in ${JSON.stringify(pythonPackages)} if n in found}}))`;
  const ours = `const { tf } = require("./lib");
console.log(JSON.stringify({ tfjs: tf.version.tfjs, "tfjs-node's TensorFlow": tf.backend().binding.TF_Version }))`;
  /** @param {string} program @param {string[]} args */
  const ask = (program, ...args) => JSON.parse(spawnSync(program, args, { cwd: root, encoding: "utf8" }).stdout);
  return {
    node: process.versions.node,
    ...ask(process.execPath, "--require", "ts-node/register", "--eval", ours),
    ...ask(peersPython, "-c", peers),
  };
}

/** @param {string} name @returns {Kept[]} */
function read(name) {
  return fs.existsSync(fileOf(name)) ? JSON.parse(fs.readFileSync(fileOf(name), "utf8")) : [];
}

const machine = () => `${os.availableParallelism()} cores, ${os.cpus()[0].model}, ${os.type()}`;

/**
 * @param {"bench" | "time-to-quality"} name of the file
 * @param {string} command that remakes it
 * @param {Comparison[]} records
 */
export function keep(name, command, records) {
  const file = fileOf(name);
  const about = { command, date: new Date().toISOString().slice(0, 10), machine: machine(), versions: versions() };
  const kept = records.map((record) => JSON.stringify({ ...record, ...about }));
  fs.writeFileSync(`${file}.part`, `[\n${kept.join(",\n")}\n]\n`);
  fs.renameSync(`${file}.part`, file);
  refreshReadme("<!-- results: npm run bench -- --keep -->", "<!-- end of bench -->", readmeText());
}

function readmeText() {
  const short = read("bench");
  const table = markdownTable([...short, ...read("time-to-quality")]);
  if (short.length === 0) return table;
  const [{ rounds, machine, date, versions }] = short;
  const names = [
    ["Node", versions.node],
    ["TensorFlow", versions["tensorflow-cpu"] ?? versions.tensorflow],
    ["Keras", versions.keras],
    ["PyTorch", versions.torch],
    ["scikit-image", versions["scikit-image"]],
  ];
  const software = names.map((name) => name.join(" ")).join(", ");
  return `${table}\n\nIn brackets ours / theirs: below 1, ours is better. Medians of ${rounds} rounds in turns, each peer in its best mode, with its memory allocator tuned if that helps it. ${machine}; ${software}; ${date}. All modes: [bench.json](docs/results/bench.json).`;
}
