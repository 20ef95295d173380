// The machine on which something was measured: times hold for it only.
import os from "node:os";

export interface Machine {
  /** Those that this process may use. */
  readonly cores: number;
  readonly cpu: string;
  readonly os: string;
}

export const machine = (): Machine => ({
  cores: os.availableParallelism(),
  cpu: os.cpus()[0]?.model ?? os.arch(),
  os: os.type(),
});
