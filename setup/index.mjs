// Everything that must stand before a command can do its work. Each part looks at what is there and does only what
// is missing, so that set-up may be interrupted anywhere and run again.
import fs from "node:fs";
import { setupFolder } from "./layout.mjs";
import { nodePackages } from "./node-packages.mjs";
import { pythonEnvironment } from "./python-environment.mjs";
import { SetupError } from "./terminal.mjs";

export async function setup() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new SetupError(`Node ${process.versions.node} is too old: Node 20 or newer is needed.`);
  fs.mkdirSync(setupFolder, { recursive: true });
  await nodePackages();
  await pythonEnvironment();
  const { tensorflowLibrary, tensorflowBinding } = await import("./tensorflow.mjs");
  await tensorflowLibrary();
  await tensorflowBinding();
  const { jupyter } = await import("./jupyter.mjs");
  await jupyter();
}
