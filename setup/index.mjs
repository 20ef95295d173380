// Everything that must stand before a command can do its work. Each part looks at what is there and does only what
// is missing, so that set-up may be interrupted anywhere and run again.

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
