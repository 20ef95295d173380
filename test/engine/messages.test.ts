// What TensorFlow writes to the terminal.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

const engine = path.resolve(__dirname, "../../lib/engine");
const script = `const { tf } = require(${JSON.stringify(engine)});
console.log(tf.matMul(tf.ones([1, 2]), tf.ones([2, 1])).dataSync()[0]);`;

function output(level?: string) {
  const { TF_CPP_MIN_LOG_LEVEL: _, ...env } = process.env;
  const given = level === undefined ? env : { ...env, TF_CPP_MIN_LOG_LEVEL: level };
  return spawnSync(process.execPath, ["--require", "ts-node/register", "-e", script], { env: given, encoding: "utf8" });
}

test("TensorFlow starts without a message", () => {
  const { stdout, stderr, status } = output();
  assert.deepEqual({ stdout, stderr, status }, { stdout: "2\n", stderr: "", status: 0 });
});

test("TF_CPP_MIN_LOG_LEVEL=0 shows TensorFlow's messages", () => {
  const { stdout, stderr } = output("0");
  assert.equal(stdout, "2\n");
  assert.match(stderr, /^I\d+ .*\.cc:\d+\] /m);
});
