// Sets up everything that commands need. Each part checks what is there and does only what is missing, so set-up can be
// interrupted at any point and run again.

import { jupyter } from "./jupyter.mjs";
import { exclusively } from "./lock.mjs";
import { nodePackages } from "./node-packages.mjs";
import { pythonEnvironment } from "./python-environment.mjs";
import { tensorflowBinding, tensorflowLibrary } from "./tensorflow.mjs";
import { UserError } from "./terminal.mjs";

export async function setup() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new UserError(`Node ${process.versions.node} is too old: Node 20 or newer is needed.`);
  await exclusively(async () => {
    await nodePackages();
    await pythonEnvironment();
    await tensorflowLibrary();
    await tensorflowBinding();
    await jupyter();
  });
}
