// What it costs to watch: the U-Net trained in a notebook's kernel with the live display and without, in turns.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import * as lib from "../lib";

const root = path.resolve(__dirname, "..");
const python = path.join(root, ".setup", "python", "bin", "python");
const rounds = 7;

/** Runs in the kernel; prints seconds of each round, and those spent in the display's functions. */
const cell = `
import { chooseRecipe, fitByRecipe, gaussian, loadMnist, sliceImages, unet } from "../lib";
import { liveTraining } from "../lib/notebook";
const recipe = { ...chooseRecipe("default"), epochs: 2 };
const mnist = loadMnist();
const train = sliceImages(mnist.train, 0, 6400);
const clean = sliceImages(mnist.validation, 0, 64);
const validation = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1 }) };
const model = unet({ filters: recipe.filters });
let spent = 0;
const timed = (work: (...given: any[]) => void) => (...given: any[]) => {
  const began = performance.now();
  work(...given);
  spent += (performance.now() - began) / 1000;
};
const rounds: { silent: number; live: number; spent: number }[] = [];
for (let round = 0; round <= ${rounds}; round++) {
  const seconds = { silent: 0, live: 0, spent: 0 };
  for (const kind of ["silent", "live"] as const) {
    const display: any = liveTraining("Loss");
    for (const event of ["onTrainBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"]) display[event] = timed(display[event]);
    spent = 0;
    const data = { train: train, validation: validation, sigma: 0.5, seed: round };
    const history = await fitByRecipe(model, recipe, data, { callbacks: kind === "live" ? [display] : [] });
    seconds[kind] = history.seconds;
    seconds.spent = spent;
  }
  if (round > 0) rounds.push(seconds);
}
console.log(JSON.stringify(rounds));
`;

function runInKernel(source: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "live-display-"));
  const [input, output] = ["in.ipynb", "out.ipynb"].map((name) => path.join(folder, name));
  const kernelspec = { name: "image-denoiser", display_name: "TypeScript (Image Denoiser)", language: "typescript" };
  const cells = [{ cell_type: "code", id: "cell", metadata: {}, execution_count: null, outputs: [], source }];
  fs.writeFileSync(input, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  const args = ["-m", "papermill", "--no-progress-bar", "--cwd", path.join(root, "notebooks"), input, output];
  const { status, stderr } = spawnSync(python, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  type Output = { output_type: string; text?: string[] };
  const outputs: Output[] = JSON.parse(fs.readFileSync(output, "utf8")).cells[0].outputs;
  fs.rmSync(folder, { recursive: true });
  return outputs.flatMap(({ text }) => text ?? []).join("");
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const measured: { silent: number; live: number; spent: number }[] = JSON.parse(runInKernel(cell));
const share = median(measured.map(({ live, spent }) => spent / live));
const ratio = median(measured.map(({ live, silent }) => live / silent));
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const table: lib.Table = {
  columns: [`medians of ${rounds} rounds`, "of the training time"],
  rows: [
    ["spent in the display's functions", percent(share)],
    ["training with the display, against without", `${ratio < 1 ? "−" : "+"}${percent(Math.abs(ratio - 1))}`],
  ],
};
const result = { rounds: measured, share, ratio };
process.stdout.write(JSON.stringify({ result, text: lib.tableText(table), markdown: lib.tableMarkdown(table) }));
