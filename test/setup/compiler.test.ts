// Which C++ compiler is used, and what happens where there is none.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");
const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), "compiler "));

/** A copy of the project with all set up but the binding; its node_modules may be written to. */
function copyWithoutBinding(): string {
  const copy = temporary();
  for (const part of ["setup", "lib"]) fs.cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  const [library] = fs.readdirSync(path.join(root, ".setup", "tensorflow"));
  const tensorflow = path.join(copy, ".setup", "tensorflow", library);
  fs.mkdirSync(tensorflow, { recursive: true });
  for (const part of ["lib", "include"])
    fs.symlinkSync(path.join(root, ".setup", "tensorflow", library, part), path.join(tensorflow, part));
  fs.symlinkSync(path.join(root, ".setup", "python"), path.join(copy, ".setup", "python"));
  const packages = path.join(copy, "node_modules");
  fs.mkdirSync(path.join(packages, "@tensorflow"), { recursive: true });
  for (const name of fs.readdirSync(path.join(root, "node_modules")))
    if (name !== "@tensorflow") fs.symlinkSync(path.join(root, "node_modules", name), path.join(packages, name));
  for (const name of fs.readdirSync(path.join(root, "node_modules", "@tensorflow"))) {
    const [source, target] = [root, copy].map((folder) => path.join(folder, "node_modules", "@tensorflow", name));
    if (name === "tfjs-node") fs.cpSync(source, target, { recursive: true, filter: (file) => !file.endsWith(".node") });
    else fs.symlinkSync(source, target);
  }
  return copy;
}

/** A folder for PATH with these programs, and the ones that they need. */
function programs(scripts: Record<string, string>): string {
  const folder = temporary();
  for (const [name, script] of Object.entries(scripts))
    fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

const commandOf = (program: string) =>
  execFileSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();

/** A Python that works, without what else is in its folder. */
function onlyPython(): string {
  const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();
  return programs({ python3: `exec "${python}" "$@"` });
}

/** A compiler that works under any name. */
const works = () => `PATH="${process.env.PATH}" exec "${commandOf("c++")}" "$@"`;

function inCopy(copy: string, script: string, environment: Record<string, string>) {
  return spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: copy,
    env: { ...process.env, CXX: "", ...environment },
    encoding: "utf8",
  });
}

test("CXX comes first, then what was used before, then what the system has and works", () => {
  const copy = copyWithoutBinding();
  const found = (environment: Record<string, string>) =>
    inCopy(copy, 'console.log(await (await import("./setup/compiler.mjs")).findCompiler());', environment);
  const choice = (environment: Record<string, string>) => found(environment).stdout.trim();
  const broken = 'echo "fatal error: memory_resource: No such file"; exit 1';
  const PATH = programs({ "c++": broken, "g++": works(), "clang++": works(), own: works() });
  assert.equal(choice({ PATH }), "[ 'g++' ]", "c++ cannot compile");
  fs.writeFileSync(path.join(copy, ".setup", "compiler.json"), '{"command":["clang++"]}');
  assert.equal(choice({ PATH }), "[ 'clang++' ]");
  assert.equal(choice({ PATH, CXX: "own -O1" }), "[ 'own', '-O1' ]");
  fs.rmSync(path.join(PATH, "clang++"));
  assert.equal(choice({ PATH }), "[ 'g++' ]", "what was used before is gone");
  assert.match(found({ PATH, CXX: "c++" }).stderr, /CXX=c\+\+ cannot compile C\+\+17: \nfatal error: memory_resource/);
  assert.equal(choice({ PATH: temporary() }), "undefined");
});

test("a binding stays whatever compiler made it, unless CXX names another", () => {
  const copy = copyWithoutBinding();
  const isComplete = (CXX: string) =>
    inCopy(copy, 'console.log((await import("./setup/tensorflow-binding.mjs")).tensorflowBinding.isComplete());', {
      PATH: temporary(),
      CXX,
    }).stdout.trim();
  assert.equal(isComplete(""), "false");
  const addon = inCopy(copy, 'console.log((await import("./setup/tensorflow-binding.mjs")).addonFile());', {}).stdout;
  fs.writeFileSync(addon.trim(), "");
  fs.writeFileSync(path.join(copy, ".setup", "compiler.json"), '{"command":["clang++","-O1"]}');
  assert.deepEqual(["", "clang++ -O1", "g++"].map(isComplete), ["true", "true", "false"]);
});

test("DENOISER_INSTRUCTIONS=avx2: a second binding is wanted, and loaded in place of the usual one", {
  skip: process.arch !== "x64" && "only x86",
}, () => {
  const copy = copyWithoutBinding();
  const setUp = (script: string, DENOISER_INSTRUCTIONS: string) =>
    inCopy(copy, `const binding = await import("./setup/tensorflow-binding.mjs"); ${script}`, {
      DENOISER_INSTRUCTIONS,
    });
  const isComplete = () => setUp("console.log(binding.tensorflowBinding.isComplete());", "avx2").stdout.trim();
  const [library] = fs.readdirSync(path.join(copy, ".setup", "tensorflow"));
  const folder = path.join(copy, ".setup", "tensorflow", library);
  const usual = path.basename(setUp("console.log(binding.addonFile());", "").stdout.trim());
  const made = path.join(root, ".setup", "tensorflow", library, usual);
  fs.copyFileSync(made, path.join(folder, usual));
  assert.equal(isComplete(), "false");
  fs.copyFileSync(made, path.join(folder, usual.replace("binding-", "binding-avx2-")));
  assert.equal(isComplete(), "true");
  setUp("binding.linkBinding();", "avx2");
  const loaded = (DENOISER_INSTRUCTIONS: string) => {
    const script = `
      require("./lib/engine/node-util-shim.cjs");
      require("./lib/engine/binding.cjs");
      const tf = require("@tensorflow/tfjs-node");
      console.log(tf.ones([2]).dataSync().length);
      const files = Object.keys(require.cache).filter((file) => file.includes("tfjs_binding"));
      console.log(...new Set(files.map((file) => require.cache[file].filename)));`;
    const env = { ...process.env, DENOISER_INSTRUCTIONS };
    return spawnSync(process.execPath, ["-e", script], { cwd: copy, env, encoding: "utf8" });
  };
  assert.match(loaded("").stdout, /^2\n[^\n]*\/tfjs_binding-\w+\.node\n$/);
  assert.match(loaded("avx2").stdout, /^2\n[^\n]*\/tfjs_binding-avx2-\w+\.node\n$/);
  assert.match(loaded("sse9").stderr, /DENOISER_INSTRUCTIONS must be avx2, or not be set, not sse9/);
  assert.match(setUp("binding.linkBinding();", "sse9").stderr, /it must be avx2, or not be set, and is sse9 on x64/);
});

test("no compiler, and PyPI is not in reach: what to install; nothing half-made stays", () => {
  const copy = copyWithoutBinding();
  const script = `
    const { requirePrerequisites } = await import("./setup/prerequisites.mjs");
    const { tensorflowBinding } = await import("./setup/tensorflow-binding.mjs");
    await requirePrerequisites([tensorflowBinding]);`;
  const { status, stderr } = inCopy(copy, script, {
    PATH: onlyPython(),
    PIP_INDEX_URL: "http://127.0.0.1:9/simple",
    PIP_FIND_LINKS: "",
    PIP_RETRIES: "0",
  });
  assert.equal(status, 1);
  assert.match(
    stderr,
    / {2}- A C\+\+ compiler was not found: install one with .*\. With access to PyPI, set-up takes one/,
  );
  assert.match(stderr, / {2}- PyPI: the package registry could not be reached/);
  assert.deepEqual(fs.readdirSync(path.join(copy, ".setup")).sort(), ["python", "tensorflow"]);
});

// 100 MB to download, and Clang's standard library is compiled too
test("no compiler: the binding is compiled with the one from PyPI", { skip: !process.env.CI && "only in CI" }, () => {
  const copy = copyWithoutBinding();
  const script = `
    const { tensorflowBinding } = await import("./setup/tensorflow-binding.mjs");
    await tensorflowBinding.make();
    console.log(tensorflowBinding.isComplete());
    await tensorflowBinding.make(); // the compiler is there, and remembered`;
  const { status, stdout, stderr } = inCopy(copy, script, { PATH: onlyPython() });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /C\+\+ compiler \(none was found here: the one of ziglang [\d.]+, 100 MB from PyPI\)/);
  assert.match(stdout, /TensorFlow binding: compiled with ziglang's clang version .*\ntrue\n/);
  const { command } = JSON.parse(fs.readFileSync(path.join(copy, ".setup", "compiler.json"), "utf8"));
  assert.match(command.join(" "), /\.setup\/ziglang\/\w+\/ziglang\/zig c\+\+$/);
  assert.equal(stdout.split("100 MB from PyPI").length, 3, "the step's two lines, once");
});
