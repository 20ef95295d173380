// Programs that read exported models, for the tests: ONNX Runtime and Keras with JAX, in an environment of their own, which
// is installed when a test first needs it. Where the benchmark's peers are installed, they are taken, with PyTorch.
// test/models/export/requirements.txt is made from requirements.in there:
//   uv pip compile --universal --python-version 3.10 --generate-hashes --no-header requirements.in -o requirements.txt
import path from "node:path";
import { root, setupFolder } from "./layout.mjs";
import { exclusively } from "./lock.mjs";
import { peersInstalled, peersPython } from "./peers.mjs";
import { pythonOf, virtualEnvironment } from "./virtual-environment.mjs";

const readers = {
  title: "Readers of exported models: ONNX Runtime, Keras",
  subject: "ONNX Runtime and Keras",
  folder: path.join(setupFolder, "model-readers"),
  requirements: path.join(root, "test", "models", "export", "requirements.txt"),
  oldest: 10,
  newest: 14,
};

/** @returns {Promise<{ python: string, backend: "tensorflow" | "jax" }>} the backend is that of Keras */
export async function modelReaders() {
  if (peersInstalled()) return { python: peersPython, backend: "tensorflow" };
  await exclusively(() => virtualEnvironment(readers));
  return { python: pythonOf(readers), backend: "jax" };
}
