// What set-up says when something is missing, and that it leaves alone what stands.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");
const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), "set-up "));

/** An executable shell script of that name, in a folder of its own that can be put on PATH. */
function fake(name: string, script: string): string {
  const folder = temporary();
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

/** A copy of the project with its Node packages, and nothing else set up. */
function bareCopy(): string {
  const copy = temporary();
  for (const part of ["commands", "setup", "lib", "package.json", "package-lock.json"])
    fs.cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  fs.symlinkSync(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  return copy;
}

/** Runs set-up and expects it to fail with sentences only. */
function failingSetup(copy: string, environment: Record<string, string>): string {
  const { status, stderr, stdout } = spawnSync(process.execPath, [path.join(copy, "commands", "setup.mjs")], {
    env: { ...process.env, PYTHON: "", CXX: "", ...environment },
    encoding: "utf8",
  });
  assert.equal(status, 1, stdout + stderr);
  assert.ok(!/\n\s+at /.test(stderr), stderr);
  return stderr;
}

test("no Python: what to install", () => {
  assert.match(
    failingSetup(bareCopy(), { PATH: temporary() }),
    /Python 3\.10 or newer was not found: install it with /,
  );
});

test("a Python that is too old, without venv, or not one", () => {
  const copy = bareCopy();
  const old = fake("python3", 'echo "False 3.8.10"');
  assert.match(failingSetup(copy, { PATH: old }), /Python 3\.8\.10 is too old: Python 3\.10 or newer is needed/);
  const bare = fake("python3", 'echo "True 3.11.2"');
  assert.match(failingSetup(copy, { PATH: bare }), /Python 3\.11\.2 lacks the venv module: install it with /);
  assert.match(failingSetup(copy, { PYTHON: "/nowhere/python" }), /PYTHON=\/nowhere\/python is not a Python that runs/);
});

test("on a fresh clone every command sets up first, without a package of its own", () => {
  const copy = bareCopy();
  fs.rmSync(path.join(copy, "node_modules"));
  for (const part of ["bench", "studies", "notebooks", "test"])
    fs.cpSync(path.join(root, part), path.join(copy, part), {
      recursive: true,
      filter: (source) => path.basename(source) !== "artefacts",
    });
  const npm = path.join(temporary(), "npm.cjs");
  fs.writeFileSync(npm, 'console.error("npm error code EAI_AGAIN"); process.exit(1);');
  const needed: Record<string, string[]> = { study: ["best"], sweep: ["--notebook", "unet", "-p", "sigma=1"] };
  for (const file of fs.readdirSync(path.join(copy, "commands")).filter((name) => name.endsWith(".mjs"))) {
    const args = [path.join(copy, "commands", file), ...(needed[path.basename(file, ".mjs")] ?? [])];
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: { ...process.env, npm_execpath: npm },
      encoding: "utf8",
    });
    assert.equal(status, 1, file);
    assert.match(stderr, /(^|\n)\nNode packages could not be installed: .*\n$/, file);
  }
});

test("no network: a sentence about the registry, for Python's packages", () => {
  const message = failingSetup(bareCopy(), {
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    PIP_FIND_LINKS: "",
    PIP_RETRIES: "0",
    PIP_NO_CACHE_DIR: "1",
  });
  assert.match(
    message,
    /JupyterLab could not be installed: the package registry could not be reached; check the network/,
  );
});

test("what programs print is turned into sentences", async () => {
  const { failure, requireDiskSpace } = await import("../../setup/run.mjs");
  const sentence = (printed: string) => failure("Node packages", printed).message;
  assert.match(
    sentence("npm error code ENOSPC"),
    /^Node packages could not be installed: the disk is full; free about 3 GB/,
  );
  assert.match(sentence("getaddrinfo EAI_AGAIN registry"), /registry could not be reached/);
  assert.match(sentence("EACCES: permission denied"), /not writable/);
  assert.match(sentence("line 1\nsomething else"), /line 1\nsomething else/);
  assert.match(sentence("npm error code EUSAGE\nusage: …"), /installed:\nnpm error code EUSAGE$/);
  assert.throws(() => requireDiskSpace(root, 1e18), /Set-up needs 1000000000000 MB of disk space and \d+ MB are free/);
});

test("no compiler: what to install; nothing half-made stays", () => {
  const copy = bareCopy();
  const environment = path.join(root, ".setup");
  fs.mkdirSync(path.join(copy, ".setup"));
  fs.symlinkSync(path.join(environment, "python"), path.join(copy, ".setup", "python"));
  const [library] = fs.readdirSync(path.join(environment, "tensorflow"));
  const folder = path.join(copy, ".setup", "tensorflow", library);
  fs.mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", 'await (await import("./setup/tensorflow.mjs")).tensorflowBinding();'],
    { cwd: copy, env: { PATH: temporary() }, encoding: "utf8" },
  );
  assert.equal(status, 1);
  assert.match(stderr, /A C\+\+ compiler was not found: install one with /);
  assert.deepEqual(fs.readdirSync(folder), []);
});

test("a set-up waits for another one in the same folder, and not for one that has died", async () => {
  const copy = bareCopy();
  fs.mkdirSync(path.join(copy, ".setup"));
  const lock = path.join(copy, ".setup", "lock");
  const sleeper = spawn("sleep", ["3"]);
  fs.writeFileSync(lock, String(sleeper.pid));
  const setup = spawn(process.execPath, [path.join(copy, "commands", "setup.mjs")], {
    env: { ...process.env, PYTHON: "/nowhere/python" },
  });
  let printed = "";
  setup.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  await new Promise((resolve) => setup.on("close", resolve));
  assert.equal(printed, `  … waiting for the set-up that process ${sleeper.pid} is doing in this folder\n`);
  assert.ok(!fs.existsSync(lock));
});

test("a second set-up has nothing to do and says so", () => {
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, "commands", "setup.mjs")], {
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout], [0, "Everything is set up.\n"]);
});
