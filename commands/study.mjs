// npm run study: trainings that answer a question. Each prints a table.
//   npm run study -- ablation           what each part of the default recipe is worth
//   npm run study -- noise              all methods from little noise to much; needs the models that npm start leaves
//   npm run study -- original           does the original's recipe give here what it gives there
//   npm run study -- best               what a larger network reaches in less than an hour
//   npm run study -- live-display       what it costs to watch a training
//   npm run study -- noise --keep       also keeps the results for the README
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "../setup/layout.mjs";
import { UserError } from "../setup/terminal.mjs";
import { main } from "./main.mjs";
import { refreshReadme } from "./readme.mjs";

/** The script in studies/ that answers, what it is told, and the file in docs/results that keeps the answer. */
const studies = {
  ablation: { script: "ablation", args: [], file: "ablation" },
  noise: { script: "noise", args: [], file: "noise-levels" },
  original: { script: "recipe", args: ["original"], file: "original" },
  best: { script: "recipe", args: ["best"], file: "best" },
  "live-display": { script: "live-display", args: [], file: "live-display" },
};

await main(async () => {
  const { name, keep } = readArguments();
  const { result, text, markdown, pictures = {} } = await answer(name);
  console.log(`\n${text}`);
  if (!keep) return;
  const command = `npm run study -- ${name} --keep`;
  const about = {
    command,
    date: new Date().toISOString().slice(0, 10),
    machine: `${os.availableParallelism()} cores, ${os.cpus()[0].model}, ${os.type()}`,
  };
  const docs = path.join(root, "docs");
  write(
    path.join(docs, "results", `${studies[name].file}.json`),
    `${JSON.stringify({ ...about, ...result }, null, 1)}\n`,
  );
  for (const [picture, svg] of Object.entries(pictures)) write(path.join(docs, "images", `${picture}.svg`), svg);
  refreshReadme(`<!-- results: ${command} -->`, `<!-- end of ${name} -->`, markdown);
});

/** @param {string} file @param {string} content */
function write(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(`${file}.part`, content);
  fs.renameSync(`${file}.part`, file);
}

/**
 * @param {keyof typeof studies} name
 * @returns {Promise<{ result: object, text: string, markdown: string, pictures?: Record<string, string> }>}
 */
async function answer(name) {
  const { script, args } = studies[name];
  const file = path.join(root, "studies", `${script}.ts`);
  const child = spawn(process.execPath, ["--require", "ts-node/register", file, ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new UserError(`The study "${name}" was not finished.`);
  return JSON.parse(printed);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options: { keep: { type: "boolean" } }, allowPositionals: true });
    const names = Object.keys(studies);
    const [name] = positionals;
    if (positionals.length !== 1 || !names.includes(name)) throw new Error(`name one study: ${names.join(", ")}`);
    return { name: /** @type {keyof typeof studies} */ (name), keep: values.keep === true };
  } catch (error) {
    throw new UserError(`${/** @type {Error} */ (error).message}\nUsage: npm run study -- NAME [--keep]`);
  }
}
