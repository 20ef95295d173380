// What people type: mistakes are answered with a sentence that names what is possible, before anything else happens.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");
const usage = "npm run thing -- …";
const syntax = {
  usage,
  options: {
    keep: { type: "boolean" as const },
    size: { type: "string" as const },
    parameter: { type: "string" as const, short: "p", multiple: true },
  },
};

test("options are read; each mistake has its sentence", async () => {
  const { readArguments } = await import("../../commands/support/arguments.mjs");
  const read = (args: string[], more: object = {}) =>
    readArguments({ ...syntax, args, ...more }, (values, positionals) => ({ ...values, positionals }));
  assert.deepEqual(read(["--keep", "--size", "3", "-p", "a=-1", "-p=b"]), {
    keep: true,
    size: "3",
    parameter: ["a=-1", "=b"],
    positionals: [],
  });
  assert.deepEqual(read(["x"], { positionals: true }).positionals, ["x"]);
  const message = (...args: string[]) => {
    try {
      read(args);
    } catch (error) {
      return (error as Error).message.split("\n");
    }
    throw new Error("it was accepted");
  };
  assert.deepEqual(message("--fast"), [
    "there is no option --fast; there are --keep, --size and -p.",
    `Usage: ${usage}`,
  ]);
  assert.equal(message("-x")[0], "there is no option -x; there are --keep, --size and -p.");
  assert.equal(message("--keep=yes")[0], "--keep takes no value.");
  assert.equal(message("--size")[0], "--size needs a value.");
  assert.equal(message("--size", "--keep")[0], "--size needs a value.");
  assert.equal(message("extra")[0], '"extra" is not expected.');
});

const command = (name: string, ...args: string[]) =>
  spawnSync(process.execPath, [path.join(root, "commands", `${name}.mjs`), ...args], { encoding: "utf8" });

for (const [name, args, sentence] of [
  ["setup", ["--force"], "there is no option --force; there are none."],
  ["format", ["--chek"], "there is no option --chek; there is --check."],
  ["report", ["nowhere.ipynb"], "there is no notebook nowhere.ipynb."],
  [
    "study",
    [],
    "name one study: ablation, noise-levels, supervision, noise-models, networks, default, original, best, live-display or playground.",
  ],
  [
    "study",
    ["noise"],
    'there is no study "noise"; there are ablation, noise-levels, supervision, noise-models, networks, default, original, best, live-display and playground.',
  ],
  ["table", ["--html"], "there is no option --html; there is --markdown."],
  ["test", ["test/nowhere"], "there is no file or folder test/nowhere."],
] as const)
  test(`npm run ${[name, ...args].join(" ")}: a sentence, and how it is used`, () => {
    const { status, stdout, stderr } = command(name, ...args);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^\n[^\n]+\nUsage: npm [^\n]+\n$/);
    assert.equal(stderr.split("\n")[1], sentence);
  });

for (const [args, sentence] of [
  [["-p", "sigma", "-1"], "sigma must be a number from 0 to 10, not -1."],
  [["--notebook", "unet", "-p", "epochs", "0.5"], "epochs must be a whole number from 1 to 10000, not 0.5."],
] as const)
  test(`npm start -- ${args.join(" ")} is refused before a notebook runs`, () => {
    const { status, stdout, stderr } = command("start", ...args);
    assert.deepEqual([status, stdout, stderr.trim()], [1, "", sentence]);
  });

test("--help says how a command is used", () => {
  const { status, stdout } = command("study", "--help");
  assert.deepEqual([status, stdout], [0, "npm run study -- NAME [--keep]\n"]);
});
