// Who is measured, and the processes in which they work: a JSON line in, a JSON line out, so that whoever is not being
// measured sleeps. Our own side is started the same way.
import { spawn } from "node:child_process";
import path from "node:path";
import readline from "node:readline";
import { root } from "../setup/layout.mjs";
import { peersPython } from "../setup/peers.mjs";

/** @typedef {{ command: string[], python: boolean, tuned: boolean }} Peer */
/** @typedef {{ value: number, [more: string]: number }} Answer */

/** glibc keeps memory instead of giving it back after every operation. */
const mallocSettings = {
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: "17179869184",
  MALLOC_TOP_PAD_: "268435456",
};

/** @param {string[]} options @returns {Peer} */
const typescript = (...options) => ({
  command: [process.execPath, "--require", "ts-node/register", path.join(root, "bench", "ours.ts"), ...options],
  python: false,
  tuned: false,
});

/** @param {string} program @param {string[]} options @returns {Peer} */
const python = (program, ...options) => ({
  command: [peersPython, path.join(root, "bench", "peers", program), ...options],
  python: true,
  tuned: false,
});

/** @param {Peer} peer @returns {Peer} */
const tuned = (peer) => ({ ...peer, tuned: true });

const keras = python("keras_peer.py");
const eager = python("pytorch_peer.py", "eager");
const compiled = python("pytorch_peer.py", "compiled");

/** @type {Record<string, Peer>} */
export const peers = {
  ours: typescript(),
  "ours, malloc tuned": tuned(typescript()),
  "tfjs-node as it comes": typescript("--plain"),
  "the rest of the step": typescript("--rest-of-step"),
  keras,
  "keras, malloc tuned": tuned(keras),
  "pytorch eager": eager,
  "pytorch eager, malloc tuned": tuned(eager),
  "pytorch compiled": compiled,
  "pytorch compiled, malloc tuned": tuned(compiled),
  "scikit-image": python("scikit_image_peer.py"),
  "ONNX Runtime": python("onnxruntime_peer.py"),
};

/** @param {Peer} peer */
function environment({ tuned }) {
  const shell = Object.entries(process.env).filter(([name]) => !name.startsWith("MALLOC_"));
  const ours = { PYTHONNOUSERSITE: "1", PYTHONUTF8: "1", ...(tuned ? mallocSettings : {}) };
  return { ...Object.fromEntries(shell), ...ours };
}

/**
 * PyTorch, trained as we are on photographs: see photographs.ts.
 * @param {string} interpreter @returns {Record<string, Peer>}
 */
export function photographPeers(interpreter = peersPython) {
  const program = path.join(root, "bench", "peers", "pytorch_photos.py");
  /** @param {string} mode @returns {Peer} */
  const peer = (mode) => ({ command: [interpreter, program, mode], python: true, tuned: false });
  return {
    "pytorch eager": peer("eager"),
    "pytorch eager, malloc tuned": tuned(peer("eager")),
    "pytorch compiled, malloc tuned": tuned(peer("compiled")),
  };
}

/** @param {string} printed by a program that failed: the reason is near the end */
const lastLines = (printed) => (printed.trim() ? `:\n${printed.trim().split("\n").slice(-12).join("\n")}` : "");

/**
 * Starts a peer's process.
 * @param {Peer} peer
 */
export function startWorker(peer) {
  const [program, ...args] = peer.command;
  const child = spawn(program, args, { cwd: root, env: environment(peer), stdio: ["pipe", "pipe", "pipe"] });
  let printed = "";
  child.stderr.on("data", (/** @type {Buffer} */ chunk) => {
    printed = (printed + chunk.toString()).slice(-20_000);
  });
  child.stdin.on("error", () => {}); // it has ended: `ended` says so
  /** @type {Promise<string>} how */
  const ended = new Promise((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.on("close", (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`));
  });
  const answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    /**
     * @param {object} task
     * @returns {Promise<Answer>}
     * @throws {Error} with the reason
     */
    async ask(task) {
      child.stdin.write(`${JSON.stringify(task)}\n`);
      const { value: line } = await answers.next();
      if (line === undefined) throw new Error(`its process ${await ended}${lastLines(printed)}`);
      const { error, ...answer } = JSON.parse(line);
      if (error) throw new Error(error);
      return answer;
    },
    /** Lets it end by itself, for three seconds. */
    async stop() {
      child.stdin.end();
      const impatience = setTimeout(() => child.kill("SIGKILL"), 3000);
      await ended;
      clearTimeout(impatience);
    },
  };
}
