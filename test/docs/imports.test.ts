// The rules of .dependency-cruiser.cjs, tried on two small projects: one that keeps them, one that breaks each.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const root = path.resolve(__dirname, "../..");

/** The violations in a project whose files import the named files: "rule: file -> imported file". */
function violations(project: Record<string, string[]>): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "imports "));
  try {
    fs.writeFileSync(path.join(folder, "tsconfig.json"), "{}");
    for (const [file, imported] of Object.entries(project)) {
      fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      const lines = imported.map((name) => (name.startsWith("import") ? name : `import "${name}";`));
      fs.writeFileSync(path.join(folder, file), ["export type Here = string;", ...lines, ""].join("\n"));
    }
    const program = path.join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const config = path.join(root, ".dependency-cruiser.cjs");
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program, "--config", config, "--output-type", "json", "."],
      { cwd: folder, encoding: "utf8" },
    );
    assert.ok(stdout.startsWith("{"), stderr);
    const found: { rule: { name: string }; from: string; to: string }[] = JSON.parse(stdout).summary.violations;
    return found.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`).sort();
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test("imports down the list of folders are allowed", () => {
  const found = violations({
    "lib/index.ts": ["./training/fit", "./metrics/psnr"],
    "lib/training/fit.ts": ["../noise/gaussian", "../engine", "../random", "../checks"],
    "lib/metrics/psnr.ts": ["../engine/index"],
    "lib/noise/gaussian.ts": ["../random"],
    "lib/engine/index.ts": ["./deferred"],
    "lib/engine/deferred.ts": [],
    "lib/random.ts": ["./checks"],
    "lib/checks.ts": [],
    "lib/notebook/index.ts": ["../figures/figure", "./kernel/kernel"],
    "lib/notebook/kernel/kernel.ts": ["node:path"],
    "lib/figures/figure.ts": ["../evaluation/table"],
    "lib/evaluation/table.ts": [],
    "test/engine/deferred.test.ts": ["../../lib/engine/deferred"],
    "commands/main.mjs": [],
  });
  assert.deepEqual(found, []);
});

test("each wrong import is found", () => {
  const found = violations({
    "lib/index.ts": ["./noise/gaussian", "./metrics/psnr", "./engine/index"],
    "lib/noise/gaussian.ts": ["../training/fit"],
    "lib/training/fit.ts": ["../engine/kernels"],
    "lib/metrics/psnr.ts": ['import type { Here } from "../evaluation/table";'],
    "lib/evaluation/table.ts": ["../figures/markup", "../index"],
    "lib/figures/markup.ts": ["../../commands/main.mjs"],
    "lib/engine/index.ts": ["./kernels", "../random"],
    "lib/engine/kernels.ts": [],
    "lib/random.ts": ["./data/images"],
    "lib/data/images.ts": ["./missing"],
    "lib/data/unused.ts": [],
    "lib/notebook/kernel/kernel.ts": ["../display"],
    "lib/notebook/display.ts": [],
    "lib/notebook/index.ts": ["./display", "./kernel/kernel"],
    "commands/main.mjs": ["./other.mjs"],
    "commands/other.mjs": ["./main.mjs"],
  });
  assert.deepEqual(
    found.filter((violation) => !violation.startsWith("no-cycles: lib")),
    [
      "base-imports-nothing: lib/random.ts -> lib/data/images.ts",
      "direction-evaluation: lib/evaluation/table.ts -> lib/figures/markup.ts",
      "direction-metrics: lib/metrics/psnr.ts -> lib/evaluation/table.ts",
      "direction-noise: lib/noise/gaussian.ts -> lib/training/fit.ts",
      "engine-entrance: lib/training/fit.ts -> lib/engine/kernels.ts",
      "lib-not-through-its-index: lib/evaluation/table.ts -> lib/index.ts",
      "lib-stands-alone: lib/figures/markup.ts -> commands/main.mjs",
      "no-cycles: commands/main.mjs -> commands/other.mjs",
      "no-unresolvable: lib/data/images.ts -> ./missing",
      "no-unused-module: lib/data/unused.ts -> lib/data/unused.ts",
      "standalone-engine: lib/engine/index.ts -> lib/random.ts",
      "standalone-kernel: lib/notebook/kernel/kernel.ts -> lib/notebook/display.ts",
    ],
  );
});
