// npm run lab: JupyterLab on the notebooks, with our kernel. Further arguments go to JupyterLab.
import { spawn } from "node:child_process";
import { jupyterEnvironment, python, root } from "../setup/layout.mjs";
import { main } from "./support/main.mjs";

await main(
  () => process.argv.slice(2),
  (given) =>
    new Promise((resolve) => {
      const settings = [`--ServerApp.root_dir=${root}`, "--LabApp.default_url=/lab/tree/notebooks/unet.ipynb"];
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
