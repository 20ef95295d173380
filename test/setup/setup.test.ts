// What set-up says when something is missing, and that it leaves alone what stands.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
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

/** Settings with which neither registry is in reach. */
const offline = {
  npm_config_registry: "http://127.0.0.1:9",
  PIP_INDEX_URL: "http://127.0.0.1:9/simple",
  PIP_NO_INDEX: "",
  PIP_FIND_LINKS: "",
};

/** A folder for PATH with Node and npm only. */
function nodeOnly(): string {
  const folder = temporary();
  fs.symlinkSync(process.execPath, path.join(folder, "node"));
  const npm = execFileSync("/bin/sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim();
  fs.symlinkSync(fs.realpathSync(npm), path.join(folder, "npm"));
  return folder;
}

const listed = (message: string) => message.split("\n").filter((line) => line.startsWith("  - "));

test("all that is missing is listed at once, before anything is installed", () => {
  const copy = bareCopy();
  fs.rmSync(path.join(copy, "node_modules"));
  const old = fake("python3", 'echo "False 3.8.10"');
  const message = failingSetup(copy, {
    ...offline,
    PATH: `${old}:${nodeOnly()}`,
    CXX: "/nowhere/c++",
  });
  const found = listed(message).join("\n");
  assert.match(message, /^\nNothing was installed yet, because something is missing:\n\n {2}- /);
  assert.match(found, /- Python 3\.8\.10 is too old: Python 3\.10 or newer is needed\. Install it with /);
  assert.match(found, /- CXX=\/nowhere\/c\+\+ cannot compile C\+\+17: there is no such program\./);
  assert.match(found, /- npm: the package registry could not be reached; check the network/);
  assert.equal(listed(message).length, 3, message);
  assert.match(message, /Then run the same command again\.\n$/);
  assert.deepEqual(fs.readdirSync(path.join(copy, ".setup")), []);
});

test("no Python, one without venv, one that cannot make environments, or one that is none", () => {
  const copy = bareCopy();
  assert.match(failingSetup(copy, { PATH: temporary() }), /- Python 3\.10 or newer was not found: install it with /);
  const bare = fake("python3", 'echo "True 3.11.2"');
  assert.match(failingSetup(copy, { PATH: bare }), /- Python 3\.11\.2 lacks the venv module: install it with /);
  const debian = 'case $1 in -c) echo "True 3.11.2 venv";; *) echo "ensurepip is not available"; exit 1;; esac';
  assert.match(
    failingSetup(copy, { PATH: fake("python3", debian) }),
    /- Python's venv module is incomplete: install it /,
  );
  assert.match(
    failingSetup(copy, { PYTHON: "/nowhere/python" }),
    /- PYTHON=\/nowhere\/python is not a Python that runs/,
  );
});

test("neither registry is in reach: both are named, as npm and pip are set up to reach them", () => {
  const copy = bareCopy();
  fs.rmSync(path.join(copy, "node_modules"));
  const found = listed(failingSetup(copy, { ...offline, PIP_RETRIES: "0" })).join("\n");
  assert.match(found, /- PyPI: the package registry could not be reached; check the network/);
  assert.match(found, /- npm: the package registry could not be reached; check the network/);
});

test("too little disk space, on a disk that is small", { skip: !canMount() }, () => {
  const disk = temporary();
  const script = `mount -t tmpfs -o size=80m none "$1" && cp -r "$2"/commands "$2"/setup "$2"/lib "$2"/package*.json "$1" &&
    ${JSON.stringify(process.execPath)} "$1"/commands/setup.mjs`;
  const { stderr } = spawnSync("unshare", ["--mount", "sh", "-c", script, "sh", disk, root], {
    env: { ...process.env, ...offline },
    encoding: "utf8",
  });
  assert.match(stderr, /- \d{4} MB of disk space are needed in .* and \d+ MB are free: make room\./);
});

function canMount(): boolean {
  return spawnSync("unshare", ["--mount", "true"]).status === 0;
}

const nobody = { uid: 65534, gid: 65534 };
/** As root, and in a folder that others may read. */
const canBeNobody = () =>
  spawnSync(process.execPath, ["--check", path.join(root, "commands", "setup.mjs")], nobody).status === 0;

test("a project of another user: whose it is", { skip: !canBeNobody() }, () => {
  const copy = bareCopy();
  fs.chmodSync(copy, 0o755);
  const { status, stderr } = spawnSync(process.execPath, [path.join(copy, "commands", "setup.mjs")], {
    env: { ...process.env, ...offline, PYTHON: "/nowhere/python", HOME: os.tmpdir() },
    encoding: "utf8",
    ...nobody,
  });
  assert.equal(status, 1);
  const found = listed(stderr).join("\n");
  assert.match(found, /- The folder .* is not writable: become its owner, for example with `sudo chown -R \$USER /);
  assert.match(found, /- PYTHON=\/nowhere\/python is not a Python that runs/);
});

test("what to install, on each kind of system", async () => {
  const { howToInstall, unsupported } = await import("../../setup/system.mjs");
  const release = {
    debian: 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n',
    mint: 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
    fedora: "ID=fedora\nVERSION_ID=44\n",
    rocky: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    arch: "ID=arch\n",
    unknown: "ID=plan9\n",
  };
  const on = (name: keyof typeof release, program: "python" | "venv" | "compiler", root = false) =>
    howToInstall(program, { platform: "linux", release: release[name], root });
  assert.equal(on("debian", "venv"), "with `sudo apt install python3-venv`");
  assert.equal(on("debian", "compiler", true), "with `apt install g++`");
  assert.equal(on("mint", "python"), "with `sudo apt install python3 python3-venv`");
  assert.equal(on("fedora", "compiler"), "with `sudo dnf install gcc-c++`");
  assert.equal(on("rocky", "python"), "with `sudo dnf install python3.12`");
  assert.equal(on("arch", "venv"), "with `sudo pacman -S python`");
  assert.equal(on("unknown", "python"), "with the package manager of your system");
  const mac = { platform: "darwin", release: "", root: false } as const;
  assert.equal(howToInstall("compiler", mac), "with `xcode-select --install`");

  assert.equal(unsupported("linux-x64", false), undefined);
  assert.match(unsupported("linux-x64", true)!, /not published for systems with the C library musl, as Alpine/);
  assert.match(unsupported("win32-x64", false)!, /Windows Subsystem for Linux: run `wsl --install`/);
  assert.match(unsupported("darwin-x64", false)!, /not published for darwin-x64/);
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
  const programs = fs.readdirSync(path.join(copy, "commands")).filter((name) => name.endsWith(".mjs"));
  // image-denoiser starts at once and works on pictures in any folder: it only says that set-up is missing
  for (const file of programs.filter((name) => name !== "denoiser.mjs")) {
    const args = [path.join(copy, "commands", file), ...(needed[path.basename(file, ".mjs")] ?? [])];
    const { status, stderr } = spawnSync(process.execPath, args, {
      env: { ...process.env, npm_execpath: npm, PYTHON: "/nowhere/python", CXX: "/nowhere/c++" },
      encoding: "utf8",
    });
    assert.equal(status, 1, file);
    assert.match(stderr, /(^|\n)\nNothing was installed yet, .*\n {2}- npm: the package registry could not be /s, file);
  }
});

test("what programs print is turned into sentences", async () => {
  const { failure, lackOfSpace } = await import("../../setup/run.mjs");
  const sentence = (printed: string) => failure("Node packages", printed).message;
  assert.match(
    sentence("npm error code ENOSPC"),
    /^Node packages could not be installed: the disk is full; free about 3 GB/,
  );
  assert.match(sentence("getaddrinfo EAI_AGAIN registry"), /registry could not be reached/);
  assert.match(sentence("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]"), /setting cert\)/);
  assert.match(
    sentence("npm error code SELF_SIGNED_CERT_IN_CHAIN"),
    /certificate of the package registry is not trusted/,
  );
  assert.match(sentence("npm error code E401"), /refuses access/);
  assert.match(sentence("EACCES: permission denied"), /not writable/);
  assert.match(sentence("line 1\nsomething else"), /line 1\nsomething else/);
  assert.match(sentence("npm error code EUSAGE\nusage: …"), /installed:\nnpm error code EUSAGE$/);
  assert.match(
    lackOfSpace(root, 1e18)!,
    /^1000000000000 MB of disk space are needed in .* and \d+ MB are free: make room/,
  );
  assert.equal(lackOfSpace(root, 1), undefined);
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
  assert.ok(
    printed.startsWith(`  … waiting for the set-up that process ${sleeper.pid} is doing in this folder\n`),
    printed,
  );
  assert.ok(!fs.existsSync(lock));
});

test("a second set-up has nothing to do and says so; it needs no network and no program", () => {
  const { status, stdout } = spawnSync(process.execPath, [path.join(root, "commands", "setup.mjs")], {
    env: { ...process.env, ...offline, PATH: temporary(), CXX: "", PYTHON: "" },
    encoding: "utf8",
  });
  assert.deepEqual([status, stdout], [0, "Everything is set up.\n"]);
});
