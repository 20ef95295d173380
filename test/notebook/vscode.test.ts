// The kernel started as VS Code's Jupyter extension starts it, as far as that can be known without VS Code.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");
const python = path.join(root, ".setup", "python", "bin", "python");

test("the kernel runs cells, is interrupted, completes, inspects, restarts and ends, without npm, PATH or JUPYTER_PATH", () => {
  const script = path.join(__dirname, "start_as_vscode.py");
  const { stdout, stderr, status } = spawnSync(python, [script, path.join(root, "notebooks")], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    language: "typescript",
    onControl: "kernel_info_reply",
    comms: {},
    imports: ["ok", "function\n"],
    completion: ["name"],
    hover: "let sigma: number",
    interrupted: "error",
    loop: "error",
    afterwards: ["ok", "0.5\n"],
    terminated: -15,
    restarted: ["error", "line 1: Cannot find name 'sigma'."],
    shutdown: "shutdown_reply",
    ended: 0, // although a cell has started a timer
  });
});

test("the workspace's settings lead to the environment that has the kernel", () => {
  const settings = JSON.parse(fs.readFileSync(path.join(root, ".vscode", "settings.json"), "utf8"));
  assert.equal(settings["python.defaultInterpreterPath"].replace(/^\$\{workspaceFolder\}/, root), python);
});
