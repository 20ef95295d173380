// The notebooks' compiler with the types of all packages already read, so that the first cell need not wait for it.
import fs from "node:fs";
import path from "node:path";
import { root } from "./layout.mjs";
import { step } from "./terminal.mjs";

export async function compilerSnapshot() {
  const { makeSnapshot, snapshotFile } = (await import("../lib/notebook/kernel/snapshot.cjs")).default;
  const notebooks = path.join(root, "notebooks");
  if (!fs.existsSync(notebooks) || fs.existsSync(snapshotFile(root, notebooks))) return;
  const line = step("Types for the notebooks");
  try {
    await makeSnapshot(root, notebooks);
    line.done();
  } catch (error) {
    line.failed();
    const [reason] = String(error instanceof Error ? error.message : error).split("\n");
    console.log(`    The notebooks work without, but their first cell takes some seconds longer. (${reason})`);
  }
}
