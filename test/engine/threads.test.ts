import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { computingThreads, cpuQuota } from "../../lib/engine/threads";

const root = path.resolve(__dirname, "../..");

test("as many threads as the process may use cores, at most its quota, or as many as it is told", () => {
  assert.equal(computingThreads(undefined, 8, Infinity), 8);
  assert.equal(computingThreads("", 8, 2.5), 2);
  assert.equal(computingThreads(undefined, 8, 0.5), 1);
  assert.equal(computingThreads("3", 8, 2), 3);
  for (const wrong of ["0", "-1", "1.5", "two", "99999"])
    assert.throws(() => computingThreads(wrong, 8, 2), /TF_NUM_INTRAOP_THREADS.* at least 1, not /);
});

test("the quota is the smallest of the process's control groups, of either version", (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cgroup-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), `${text}\n`);
  };
  assert.equal(cpuQuota(folder), Infinity, "not on Linux");
  write("proc/self/cgroup", "0::/pod/container");
  assert.equal(cpuQuota(folder), Infinity, "no limits");
  write("sys/fs/cgroup/pod/cpu.max", "150000 100000");
  write("sys/fs/cgroup/pod/container/cpu.max", "max 100000");
  assert.equal(cpuQuota(folder), 1.5);
  write("proc/self/cgroup", "3:memory:/\n2:cpuacct,cpu:/docker\n0::/");
  assert.equal(cpuQuota(folder), Infinity);
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
  write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  assert.equal(cpuQuota(folder), Infinity);
  write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000");
  assert.equal(cpuQuota(folder), 3, "in a container the group's own path is not to be seen");
});

test("TensorFlow and the native kernels start that many", { skip: process.platform !== "linux" }, () => {
  const script = `
    const { tf, unet } = require("./lib");
    unet().predict(tf.zeros([16, 28, 28, 1])).dataSync();
    console.log(require("node:fs").readdirSync("/proc/self/task").length);
  `;
  const running = (threads: string) => {
    const args = ["--require", "ts-node/register", "--eval", script];
    const env = { ...process.env, TF_NUM_INTRAOP_THREADS: threads };
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", env });
    assert.match(stdout, /^\d+\n$/, stderr);
    return Number(stdout);
  };
  assert.equal(running("4") - running("2"), 4, "two more of each");
});
