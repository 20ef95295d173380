// The compiler's start: from the snapshot that set-up makes, and without one.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createCompiler } from "../../lib/notebook/kernel/compiler";
import { snapshotFile } from "../../lib/notebook/kernel/snapshot.cjs";

const root = path.resolve(__dirname, "../..");
const folder = path.join(root, "notebooks");
const launcher = path.join(root, "lib", "notebook", "kernel", "launch-compiler.cjs");
const snapshot = snapshotFile(root, folder);

const start = (...execArgv: string[]): ChildProcess =>
  fork(launcher, [root, folder], { execArgv, serialization: "advanced", silent: true });
function compilerOf(t: TestContext, first: ChildProcess, next: () => ChildProcess) {
  const compiler = createCompiler(first, next);
  const alive = setInterval(() => {}, 1000); // a kernel's sockets keep it alive, its compiler does not
  t.after(() => {
    clearInterval(alive);
    compiler.close();
  });
  return compiler;
}
const never = (): ChildProcess => assert.fail("the first process should do");

test("the compiler starts from the snapshot of set-up, and knows files that are newer", async (t) => {
  const name = `newer-${process.pid}`;
  const file = path.join(folder, `${name}.ts`);
  fs.writeFileSync(file, "export const sigma: number = 0.5;\n");
  t.after(() => fs.rmSync(file));
  const compiler = compilerOf(t, start("--snapshot-blob", snapshot), never);
  const { declared } = await compiler.compile(new Map(), `import { sigma } from "./${name}";`, "cell [1]");
  assert.deepEqual([...declared.keys()], ["sigma"]);
  await assert.rejects(compiler.compile(new Map(), `import { sigmas } from "./${name}";`, "cell [2]"));
});

test("where the snapshot cannot be used, the compiler starts without, and answers what it was asked meanwhile", async (t) => {
  const damaged = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "snapshot-")), "compiler.snapshot");
  fs.writeFileSync(damaged, fs.readFileSync(snapshot).subarray(0, 100_000));
  const compiler = compilerOf(t, start("--snapshot-blob", damaged), () => start());
  const { declared } = await compiler.compile(new Map(), 'import { readFileSync } from "node:fs";', "cell [1]");
  assert.deepEqual([...declared.keys()], ["readFileSync"]);
});

test("a compiler that ends later is an error that says what to do", async (t) => {
  const child = start("--snapshot-blob", snapshot);
  const compiler = compilerOf(t, child, never);
  await compiler.checked;
  child.kill();
  await assert.rejects(compiler.compile(new Map(), "1 + 1", "cell [1]"), /compiler has ended: restart the kernel/);
});
