// One set-up at a time in this folder: a second one waits for the first instead of tearing at the same files.
import fs from "node:fs";
import path from "node:path";
import { setupFolder } from "./layout.mjs";

const file = path.join(setupFolder, "lock");

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** @returns {boolean} whether this process now holds the lock */
function take() {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Runs `work` while no other set-up runs. A lock whose process has died counts for nothing.
 * @param {() => Promise<void>} work
 */
export async function exclusively(work) {
  fs.mkdirSync(setupFolder, { recursive: true });
  for (let told = false; !take(); ) {
    const holder = Number(fs.existsSync(file) && fs.readFileSync(file, "utf8"));
    if (!(holder > 0 && isRunning(holder))) {
      fs.rmSync(file, { force: true });
      continue;
    }
    if (!told) console.log(`  … waiting for the set-up that process ${holder} is doing in this folder`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  try {
    await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}
