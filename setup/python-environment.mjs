// A Python environment of the project's own with the pinned JupyterLab, nbconvert, papermill, Plotly renderer and Dask.
// requirements.txt is made from requirements.in:
//   uv pip compile --universal --python-version 3.10 --generate-hashes --no-header requirements.in -o requirements.txt
import fs from "node:fs";
import path from "node:path";
import { pythonFolder, root } from "./layout.mjs";
import { failure, run } from "./run.mjs";
import { virtualEnvironment } from "./virtual-environment.mjs";

const translator = path.join(root, "setup", "papermill-typescript");

export async function pythonEnvironment() {
  await virtualEnvironment({
    title: "Python environment with JupyterLab",
    subject: "JupyterLab",
    folder: pythonFolder,
    requirements: path.join(root, "setup", "requirements.txt"),
    sources: fs.readdirSync(translator).map((name) => path.join(translator, name)),
    size: 2e9,
    oldest: 10,
    async finish(python, pip) {
      const copy = path.join(pythonFolder, "papermill-typescript"); // setuptools builds in place
      fs.cpSync(translator, copy, { recursive: true });
      const own = await run(python, [...pip, "--no-deps", "--no-index", "--no-build-isolation", copy]);
      if (own.code !== 0) throw failure("The papermill translator", own.output);
    },
  });
}
