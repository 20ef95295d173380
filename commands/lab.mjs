// npm run lab: JupyterLab on the notebooks, with our kernel. Further arguments go to JupyterLab.
import { spawn } from "node:child_process";
import { jupyterEnvironment, python, root } from "../setup/layout.mjs";
import { main } from "./support/main.mjs";

await main(
  () => process.argv.slice(2),
  (given) =>
    new Promise((resolve) => {
      const settings = [
        `--ServerApp.root_dir=${root}`,
        "--LabApp.default_url=/lab/tree/notebooks/simple-autoencoder.ipynb",
      ];
      if (process.getuid?.() === 0) settings.push(...settingsForRoot(given));
      const lab = spawn(python, ["-m", "jupyterlab", ...settings, ...given], {
        cwd: root,
        env: jupyterEnvironment(),
        stdio: "inherit",
      });
      for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
        process.on(signal, () => signal === "SIGTERM" && lab.kill(signal));
      lab.on("close", (code) => resolve(code ?? 0));
    }),
);

/**
 * JupyterLab refuses to run as root, which is who one is in a container. Here it may, unless it is asked to listen to
 * others or to let them in another way than by its token: then --allow-root is for those who ask to type.
 * @param {string[]} given
 */
function settingsForRoot(given) {
  if (given.some((argument) => /\b(ip|token|password|config)\b/.test(argument))) return [];
  console.log("You are root: cells may change everything on this machine. JupyterLab listens to this machine only.");
  return ["--allow-root", "--ServerApp.ip=127.0.0.1"];
}
