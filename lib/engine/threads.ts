// How many threads TensorFlow and the native kernels compute with: as many as the machine gives this process.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** TensorFlow's own setting. The native kernels read it too. */
export const threadsVariable = "TF_NUM_INTRAOP_THREADS";

/**
 * The number of threads to compute with: what the environment variable says, otherwise as many as there are cores that
 * the process may run on (its affinity), and at most what the quota of its control group allows, as containers set it.
 * @param given the variable's value
 * @throws {Error} when it is no whole number of at least 1
 */
export function computingThreads(given: string | undefined, cores = os.availableParallelism(), quota = cpuQuota()) {
  if (given === undefined || given === "") return Math.max(1, Math.floor(Math.min(cores, quota)));
  if (!/^[1-9]\d{0,3}$/.test(given))
    throw new Error(`${threadsVariable}, the number of threads, must be a whole number of at least 1, not ${given}`);
  return Number(given);
}

/**
 * The processor time that this process's control groups allow it, in cores; Infinity without a limit.
 * @param root "/", or a folder with copies of the files for tests
 */
export function cpuQuota(root = "/"): number {
  const groups = read(root, "proc/self/cgroup") ?? "";
  const own = groups
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([, controllers]) => controllers === "" || controllers?.split(",").includes("cpu"));
  const quotas = own.flatMap(([, controllers, ...rest]) =>
    withParents(rest.join(":")).map((group) => {
      if (controllers === "") return share(read(root, "sys/fs/cgroup", group, "cpu.max")?.split(" "));
      const folder = ["sys/fs/cgroup/cpu", group];
      return share(["cpu.cfs_quota_us", "cpu.cfs_period_us"].map((name) => read(root, ...folder, name)));
    }),
  );
  return Math.min(Infinity, ...quotas);
}

/** "max" and -1 stand for no limit. */
function share([quota, period]: readonly (string | undefined)[] = []): number {
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : Infinity;
}

/** "/a/b", "/a", "/". In a container its own group is the topmost one that can be seen. */
const withParents = (group: string): string[] =>
  group === "/" ? ["/"] : [group, ...withParents(path.posix.dirname(group))];

function read(...names: string[]): string | undefined {
  try {
    return fs.readFileSync(path.join(...names), "utf8").trim();
  } catch {
    return undefined;
  }
}
