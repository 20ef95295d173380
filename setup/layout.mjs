// Where set-up puts things: everything below `.setup/`, so that deleting that folder undoes it.
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
export const setupFolder = path.join(root, ".setup");

/** The project's own Python environment (JupyterLab, nbconvert, papermill). */
export const pythonFolder = path.join(setupFolder, "python");
export const python = path.join(pythonFolder, "bin", "python");

/** The TensorFlow library, its C headers, and the binding compiled against them. */
export const tensorflowFolder = path.join(setupFolder, "tensorflow");

/** JupyterLab's settings, workspaces and run-time files, kept out of the home folder. */
export const jupyterFolder = path.join(setupFolder, "jupyter");

export const kernelName = "image-denoiser";
export const kernelDisplayName = "TypeScript (Image Denoiser)";

/**
 * Environment variables under which the project's Jupyter programs run: our environment first on PATH, nothing
 * read from or written to the home folder.
 * @returns {NodeJS.ProcessEnv}
 */
export function jupyterEnvironment() {
  return {
    ...process.env,
    PATH: [path.join(pythonFolder, "bin"), path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_CONFIG_DIR: path.join(jupyterFolder, "config"),
    JUPYTER_DATA_DIR: path.join(jupyterFolder, "data"),
    JUPYTER_RUNTIME_DIR: path.join(jupyterFolder, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: path.join(jupyterFolder, "settings"),
    JUPYTERLAB_WORKSPACES_DIR: path.join(jupyterFolder, "workspaces"),
    PYTHONNOUSERSITE: "1",
    PYTHONUTF8: "1",
  };
}
