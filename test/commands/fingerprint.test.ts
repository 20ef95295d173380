// A finished run of a sweep counts as finished only while what it was made of is the same.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const cell = (source: string, outputs: object[] = []) => ({
  cell_type: "code",
  id: "a",
  metadata: {},
  source,
  outputs,
});
const prose = (source: string) => ({ cell_type: "markdown", id: "b", metadata: {}, source });

/** The files of a project that a run depends on. */
function project(): { folder: string; write: (file: string, content: string) => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "project "));
  const write = (file: string, content: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), content);
  };
  write("lib/a.ts", "1");
  write("lib/engine/b.cc", "2");
  write("notebooks/unet.ipynb", JSON.stringify({ cells: [prose("words"), cell("let sigma = 0.5;")] }));
  write("package-lock.json", "{}");
  write("setup/tensorflow.mjs", "2.21.0");
  return { folder, write };
}

test("a run is outdated when its code, notebook, parameters or packages change, and says which", async () => {
  const { difference, fingerprintOf } = await import("../../commands/support/sweep/fingerprint.mjs");
  const { folder, write } = project();
  const parameters: [string, number][] = [["sigma", 0.3]];
  const made = fingerprintOf("unet", parameters, folder);
  const change = (values = parameters) => difference(fingerprintOf("unet", values, folder), made);
  assert.equal(change(), undefined);

  write("notebooks/unet.ipynb", JSON.stringify({ cells: [prose("other words"), cell("let sigma = 0.5;", [{}])] }));
  write("README.md", "nothing that it depends on");
  assert.equal(change(), undefined);

  assert.equal(change([["sigma", 0.4]]), "the parameters have changed");
  write("lib/engine/b.cc", "3");
  assert.equal(change(), "the code in lib/ has changed");
  write("lib/engine/b.cc", "2");
  write("lib/c.ts", "new");
  assert.equal(change(), "the code in lib/ has changed");
  fs.rmSync(path.join(folder, "lib/c.ts"));
  write("package-lock.json", '{ "a": 1 }');
  assert.equal(change(), "the packages' versions have changed");
  write("notebooks/unet.ipynb", JSON.stringify({ cells: [cell("let sigma = 0.6;")] }));
  assert.equal(change(), "the notebook's code, the packages' versions have changed");
});

test("an unfinished run is neither finished nor outdated; one of unknown code is outdated", async () => {
  const { stateOf } = await import("../../commands/support/sweep/runs.mjs");
  const { fingerprintOf } = await import("../../commands/support/sweep/fingerprint.mjs");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "run "));
  const run = { name: "a", notebook: "unet", folder, parameters: [] };
  const record = (fingerprint: object) =>
    fs.writeFileSync(path.join(folder, "fingerprint.json"), JSON.stringify(fingerprint));
  assert.deepEqual(stateOf(run), {});
  record(fingerprintOf("unet", []));
  assert.deepEqual(stateOf(run), {});
  fs.mkdirSync(path.join(folder, "results"));
  fs.writeFileSync(path.join(folder, "results", "unet.json"), '{ "schema": 1 }');
  assert.deepEqual(stateOf(run), { results: { schema: 1 } });
  record({ ...fingerprintOf("unet", []), node: "18.0.0" });
  assert.deepEqual(stateOf(run), { outdated: "Node's version has changed" });
  fs.rmSync(path.join(folder, "fingerprint.json"));
  assert.deepEqual(stateOf(run), { outdated: "it is not recorded from which code it was made" });
});
