// What is kept of a benchmark: each comparison with the machine and the versions that it holds for, and the document's text.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { peersPython } from "../setup/peers.mjs";
import { timeToQuality } from "./benchmarks.mjs";
import { markdownTable } from "./table.mjs";

/** @typedef {import("./compare.mjs").Comparison} Comparison */
/** @typedef {Comparison & { command: string, date: string, machine: string, versions: Record<string, string> }} BenchRecord */

const pythonPackages = ["keras", "tensorflow-cpu", "tensorflow", "torch", "scikit-image", "numpy"];

/** Versions of everything that is measured. Each program is asked in its own process and answers with JSON. */
export function versions() {
  const peers = `import json, platform, importlib.metadata as m
found = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in m.distributions()}
print(json.dumps({"python": platform.python_version(), **{n: found[n] for n in ${JSON.stringify(pythonPackages)} if n in found}}))`;
  const ours = `const { tf } = require("./lib");
console.log(JSON.stringify({ tfjs: tf.version.tfjs, "tfjs-node's TensorFlow": tf.backend().binding.TF_Version }))`;
  return {
    node: process.versions.node,
    ...ask(process.execPath, "--require", "ts-node/register", "--eval", ours),
    ...ask(peersPython, "-c", peers),
  };
}

/** @param {string} program @param {string[]} args @returns {Record<string, string>} */
function ask(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} did not tell its versions: ${error?.message ?? stderr.trim()}`);
  return JSON.parse(stdout);
}

/**
 * The table of one processor with what its numbers hold for, in Markdown.
 * @param {BenchRecord[]} records
 * @param {string} file the address of all records
 */
export function documentText(records, file) {
  const [{ machine, instructions }] = records;
  const short = records.find(({ name }) => name !== timeToQuality.name);
  const heading = `### ${machine}${instructions ? `: ${instructions}` : ""}`;
  const table = `${heading}\n\n${markdownTable(records)}`;
  if (!short) return table;
  const { rounds, date, versions } = short;
  const names = [
    ["Node", versions.node],
    ["TensorFlow", versions["tensorflow-cpu"] ?? versions.tensorflow],
    ["Keras", versions.keras],
    ["PyTorch", versions.torch],
    ["scikit-image", versions["scikit-image"]],
  ];
  const software = names.map((name) => name.join(" ")).join(", ");
  return `${table}\n\nMedians of ${rounds} rounds in turns. ${software}; ${date}. All modes: [${path.basename(file)}](${file}).`;
}
