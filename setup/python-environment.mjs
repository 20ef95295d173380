// A Python environment of the project's own with the pinned JupyterLab, nbconvert, papermill and Dask.
// requirements.txt is made from requirements.in:
//   uv pip compile --universal --python-version 3.10 --generate-hashes --no-header requirements.in -o requirements.txt
import fs from "node:fs";
import path from "node:path";
import { pythonFolder, root } from "./layout.mjs";
import { findPython } from "./python.mjs";
import { failure, run } from "./run.mjs";
import { isComplete, virtualEnvironment } from "./virtual-environment.mjs";

const translator = path.join(root, "setup", "papermill-typescript");

/** @type {import("./virtual-environment.mjs").Environment} */
const environment = {
  title: "Python environment with JupyterLab",
  subject: "JupyterLab",
  folder: pythonFolder,
  requirements: path.join(root, "setup", "requirements.txt"),
  sources: fs.readdirSync(translator).map((name) => path.join(translator, name)),
  oldest: 10,
  async finish(python, pip) {
    const copy = path.join(pythonFolder, "papermill-typescript"); // setuptools builds in place
    fs.cpSync(translator, copy, { recursive: true });
    const own = await run(python, [...pip, "--no-deps", "--no-index", "--no-build-isolation", copy]);
    if (own.code !== 0) throw failure("The papermill translator", own.output);
  },
};

/** @type {import("./prerequisites.mjs").Part} */
export const pythonEnvironment = {
  isComplete: () => isComplete(environment),
  size: 0.6e9,
  needs: ["Python", "PyPI"],
  make: () => virtualEnvironment(environment),
};

/** @returns {Promise<string>} the command of the Python that the environment is made with */
export const basePython = () => findPython(environment);
