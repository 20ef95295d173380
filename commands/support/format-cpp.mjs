// The format of C++ files, by clang-format with the rules of .clang-format.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pythonFolder, root } from "../../setup/layout.mjs";

const folders = ["lib/engine/native/arithmetic", "lib/engine/native/ops", "test/engine/native"];

/**
 * Formats all C++ files, or with `check` says which are not formatted.
 * @param {boolean} check
 * @returns {boolean} whether all are
 */
export function formatCpp(check) {
  const files = folders.flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder))
      .filter((name) => /\.(cc|h)$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  const mode = check ? ["--dry-run", "--Werror"] : ["-i"];
  const { status } = spawnSync(path.join(pythonFolder, "bin", "clang-format"), [...mode, ...files], {
    cwd: root,
    stdio: "inherit",
  });
  return status === 0;
}
