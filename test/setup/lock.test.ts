// The lock of set-up: at most one process is inside at any moment, whatever dies on the way.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");

/** A folder with the lock's modules, whose own .setup/ is locked. */
function project(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lock "));
  for (const name of ["lock.mjs", "layout.mjs"])
    fs.cpSync(path.join(root, "setup", name), path.join(folder, "setup", name));
  fs.mkdirSync(path.join(folder, ".setup"));
  return folder;
}

/** Enters `times` times from a common start on, and says when somebody else is inside too. */
const visitor = (start: number, times: number) => `
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { exclusively } from "./setup/lock.mjs";
console.log = () => {};
await sleep(${start} - Date.now());
for (let i = 0; i < ${times}; i++)
  await exclusively(async () => {
    try {
      fs.writeFileSync("inside", "", { flag: "wx" });
    } catch {
      fs.appendFileSync("overlaps", process.pid + " ");
    }
    await sleep(2);
    fs.rmSync("inside", { force: true });
    fs.appendFileSync("visits", "x");
  });
`;

function run(cwd: string, script: string): Promise<number | null> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve) => child.on("close", resolve));
}

const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");

/** The process id of a program that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn("true");
  await new Promise((resolve) => child.on("close", resolve));
  return child.pid!;
}

test("many processes at once, beside the lock of one that has died: never two inside", async () => {
  const dead = await deadProcess();
  for (const left of [`${dead}`, ""]) {
    const folder = project();
    fs.writeFileSync(path.join(folder, ".setup", "lock"), left);
    const start = Date.now() + 1500;
    const codes = await Promise.all(Array.from({ length: 12 }, () => run(folder, visitor(start, 5))));
    assert.deepEqual(codes, Array(12).fill(0));
    assert.equal(read(path.join(folder, "overlaps")), "", "these were not alone");
    assert.equal(read(path.join(folder, "visits")).length, 60);
    assert.deepEqual(fs.readdirSync(path.join(folder, ".setup")), [], "nothing stays behind");
  }
});

test("one that dies inside does not keep the others out", async () => {
  const folder = project();
  const dying = `
    import { exclusively } from "./setup/lock.mjs";
    await exclusively(async () => process.kill(process.pid, "SIGKILL"));`;
  const start = Date.now() + 500;
  await Promise.all([...Array.from({ length: 3 }, () => run(folder, dying)), run(folder, visitor(start, 3))]);
  assert.deepEqual([read(path.join(folder, "visits")), read(path.join(folder, "overlaps"))], ["xxx", ""]);
});

test("whoever sees a dead lock removes that one only, even when it has been replaced meanwhile", async () => {
  const { removeDead } = await import("../../setup/lock.mjs");
  const file = path.join(project(), ".setup", "lock");
  const dead = `${await deadProcess()} left`;
  fs.writeFileSync(file, `${process.pid} new`);
  removeDead(file, dead);
  assert.equal(read(file), `${process.pid} new`);

  // somebody died while removing it
  fs.writeFileSync(file, dead);
  fs.writeFileSync(`${file}.${dead.replace(/\W/g, "-")}`, `${await deadProcess()} remover`);
  while (read(file) === dead) removeDead(file, dead);
  assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
});
