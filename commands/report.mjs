// npm run report: exports the notebooks as they stand, with the outputs saved in them, to reports/.
//   npm run report -- notebooks/my-own.ipynb
import fs from "node:fs";
import path from "node:path";
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";
import { main } from "./main.mjs";
import { exportReport, notebooks } from "./notebooks.mjs";

await main(async () => {
  const given = process.argv.slice(2);
  const sources =
    given.length > 0
      ? given.map((file) => path.resolve(file))
      : notebooks.map((name) => path.join(root, "notebooks", `${name}.ipynb`));
  const missing = sources.find((file) => !fs.existsSync(file));
  if (missing) throw new UserError(`There is no notebook ${missing}.`);
  for (const source of sources) console.log(await exportReport(source, path.basename(source, ".ipynb")));
});
