// The machine on which something was measured: times hold for it only.
import os from "node:os";

export interface Machine {
  /** Those that this process may use. */
  readonly cores: number;
  readonly cpu: string;
  readonly os: string;
}

/** The cores of the machine that all of these were run on; undefined when there were several, or one is not known. */
export function commonCores(runs: readonly { readonly machine?: Machine }[]): number | undefined {
  const [cores, ...others] = new Set(runs.map(({ machine }) => machine?.cores));
  return others.length === 0 ? cores : undefined;
}

export const machine = (): Machine => ({
  cores: os.availableParallelism(),
  cpu: os.cpus()[0]?.model ?? os.arch(),
  os: os.type(),
});
