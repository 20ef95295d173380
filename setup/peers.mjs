// The Python peers of `npm run bench`, in an environment of their own, which is installed only when somebody asks for it.
// bench/requirements.txt is made from bench/requirements.in:
//   uv pip compile --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
import path from "node:path";
import { root, setupFolder } from "./layout.mjs";
import { exclusively } from "./lock.mjs";
import { lackOfSpace } from "./run.mjs";
import { UserError } from "./terminal.mjs";
import { isComplete, pythonOf, virtualEnvironment } from "./virtual-environment.mjs";

const peers = {
  title: "Peers: TensorFlow with Keras, PyTorch, scikit-image",
  subject: "The peers",
  folder: path.join(setupFolder, "peers"),
  requirements: path.join(root, "bench", "requirements.txt"),
  oldest: 11,
  newest: 13,
};

/** Bytes on disk: 7 GB, and what pip downloads and unpacks on the way. */
const size = 11e9;

export const peersPython = pythonOf(peers);
export const installCommand = "npm run bench -- --install-peers";

/** @returns {boolean} */
export const peersInstalled = () => isComplete(peers);

export async function installPeers() {
  if (peersInstalled()) return;
  if (process.platform === "linux")
    console.log("PyTorch for Linux brings CUDA's libraries: about 3.4 GB to download, 7 GB on disk.");
  const lack = lackOfSpace(root, size);
  if (lack) throw new UserError(lack);
  await exclusively(() => virtualEnvironment(peers));
}
