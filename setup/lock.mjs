// One set-up at a time in this folder: a second one waits until the first has ended.
// A lock is a file that names its holder. It appears with its content in one step, by link(), so it is never seen empty.
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setupFolder } from "./layout.mjs";

const file = path.join(setupFolder, "lock");

/** Milliseconds of waiting that nobody needs to hear of: a set-up that finds everything done is shorter. */
const patience = 1000;

/** @param {string} content of a lock: a process id, and a word that no other lock has */
const holderOf = (content) => Number.parseInt(content, 10);

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** @param {string} lock a file @returns {string | undefined} its content; undefined when it does not exist */
function read(lock) {
  try {
    return fs.readFileSync(lock, "utf8");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    throw error;
  }
}

/** @param {string} lock a file @returns {boolean} whether this process now holds it */
function take(lock) {
  const unique = randomUUID();
  const whole = `${lock}.${unique}.part`;
  fs.writeFileSync(whole, `${process.pid} ${unique}`);
  try {
    fs.linkSync(whole, lock);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  } finally {
    fs.rmSync(whole);
  }
}

/**
 * Removes a lock whose holder has died. Only one process at a time has the right to, and it looks again first, so it
 * cannot remove a lock that somebody else has taken since. The right is itself a lock, and its holder may die too.
 * @param {string} lock a file
 * @param {string} content as it was read, with the dead holder
 */
export function removeDead(lock, content) {
  const right = `${lock}.${content.replace(/\W/g, "-")}`;
  if (take(right)) {
    if (read(lock) === content) fs.rmSync(lock);
    fs.rmSync(right);
    return;
  }
  const other = read(right);
  if (other !== undefined && !isRunning(holderOf(other))) removeDead(right, other);
}

/**
 * Runs `work` while no other set-up runs. A lock whose process has died counts for nothing.
 * @param {() => Promise<void>} work
 */
export async function exclusively(work) {
  fs.mkdirSync(setupFolder, { recursive: true });
  const began = Date.now();
  for (let told = false; !take(file); ) {
    const content = read(file);
    if (content === undefined) continue;
    const holder = holderOf(content);
    if (!isRunning(holder)) {
      removeDead(file, content);
      continue;
    }
    if (!told && Date.now() - began > patience) {
      console.log(`  … waiting for the set-up that process ${holder} is doing in this folder`);
      told = true;
    }
    await sleep(50);
  }
  try {
    await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}
