// npm run lab: who may reach the JupyterLab that it starts.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startJupyterLab } from "../jupyterlab";

const isRoot = process.getuid?.() === 0;

test("JupyterLab starts, as root too, for this machine only, and asks for its token", async () => {
  const lab = await startJupyterLab();
  try {
    assert.match(lab.address, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await fetch(`${lab.address}/api/contents`)).status, 403);
    assert.equal((await fetch(`${lab.address}/api/contents?token=${lab.token}`)).status, 200);
  } finally {
    await lab.stop();
  }
});

test("as root, who wants others to reach JupyterLab must say --allow-root", { skip: !isRoot }, async () => {
  for (const open of ["--ip=0.0.0.0", "--IdentityProvider.token="]) {
    const lab = spawn(process.execPath, [
      path.join(__dirname, "..", "..", "commands", "lab.mjs"),
      ...["--no-browser", "--port=0", open],
    ]);
    let printed = "";
    lab.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    lab.stderr.on("data", (chunk) => {
      printed += chunk;
    });
    const code = await new Promise((resolve) => lab.on("close", resolve));
    assert.notEqual(code, 0);
    assert.match(printed, /Use --allow-root to bypass/);
  }
});

test("when npm is told to end, so does its JupyterLab", async () => {
  const npm = spawn("npm", ["run", "lab", "--", "--no-browser", "--port=0"], { cwd: path.join(__dirname, "../..") });
  let printed = "";
  const address = await new Promise<string>((resolve) => {
    for (const stream of [npm.stdout, npm.stderr])
      stream.on("data", (chunk) => {
        printed += chunk;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (found) resolve(found);
      });
  });
  const answers = () =>
    fetch(`${address}/api`).then(
      () => true,
      () => false,
    );
  while (!(await answers())) await sleep(200);
  npm.kill("SIGTERM");
  const deadline = Date.now() + 20_000;
  while ((await answers()) && Date.now() < deadline) await sleep(200);
  assert.equal(await answers(), false, printed);
});
