// Sets up everything that commands need. Each part checks what is there and does only what is missing, so set-up can be
// interrupted at any point and run again.

import { compilerSnapshot } from "./compiler-snapshot.mjs";
import { jupyter } from "./jupyter.mjs";
import { exclusively } from "./lock.mjs";
import { nodePackages } from "./node-packages.mjs";
import { photographs } from "./photographs.mjs";
import { isWritable, requirePrerequisites } from "./prerequisites.mjs";
import { pythonEnvironment } from "./python-environment.mjs";
import { tensorflowLibrary } from "./tensorflow.mjs";
import { linkBinding, tensorflowBinding } from "./tensorflow-binding.mjs";
import { UserError } from "./terminal.mjs";

const parts = [nodePackages, pythonEnvironment, tensorflowLibrary, tensorflowBinding, photographs];

export async function setup() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 10))
    throw new UserError(`Node ${process.versions.node} is too old: Node 20.10 or newer is needed.`);
  await (isWritable() ? exclusively(makeMissing) : makeMissing());
}

async function makeMissing() {
  const missing = parts.filter((part) => !part.isComplete());
  if (missing.length > 0) await requirePrerequisites(missing);
  for (const part of missing) await part.make();
  linkBinding();
  await jupyter();
  await compilerSnapshot();
}
