// The cost of the live display: the U-Net trained in JupyterLab with the display and without it, in turns, with a browser
// on the same machine.
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import * as lib from "../lib";
import { browserFlags, findChromium } from "../test/chromium";
import { openNotebook, startJupyterLab, writeNotebook } from "../test/jupyterlab";
import type { StudyAnswer } from "./study";

const root = path.resolve(__dirname, "..");

export interface LiveDisplayOptions {
  readonly rounds?: number;
  /** Of each training, which is planned as long as the recipe says, so that the display is updated as often as in that. */
  readonly batches?: number;
  /** Runs the cell in a notebook in that folder, until the file exists. */
  readonly runCell?: (cell: string, folder: string, file: string) => Promise<void>;
}

interface Round {
  /** Seconds of the training without the display. */
  readonly silent: number;
  /** With it. */
  readonly live: number;
  /** In the display's functions; the rest of what it costs is JupyterLab's and the browser's work. */
  readonly spent: number;
}

/** A cell that measures in the kernel and writes the rounds to a file; the first round warms up and is not counted. */
const cellOf = (rounds: number, batches: number, file: string) => `
import fs from "node:fs";
import { chooseRecipe, fitByRecipe, gaussian, loadMnist, sliceImages, unet } from "../../../lib";
import { liveTraining } from "../../../lib/notebook";
const recipe = chooseRecipe("default");
const mnist = loadMnist();
const clean = sliceImages(mnist.validation, 0, 64);
const validation = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 1, stream: "validation noise" }) };
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
  for (const kind of round % 2 ? ["live", "silent"] as const : ["silent", "live"] as const) {
    const display: any = liveTraining("Loss");
    for (const event of ["onTrainBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"]) display[event] = timed(display[event]);
    spent = 0;
    const brief = { onBatchEnd: (progress: any, run: any) => { if (progress.batch === ${batches}) run.stop("enough"); } };
    const data = { train: mnist.train, validation, sigma: 0.5, seed: round };
    const history = await fitByRecipe(model, recipe, data, { callbacks: kind === "live" ? [display, brief] : [brief] });
    seconds[kind] = history.seconds;
    if (kind === "live") seconds.spent = spent;
  }
  if (round > 0) rounds.push(seconds);
}
fs.writeFileSync(${JSON.stringify(`${file}.part`)}, JSON.stringify(rounds));
fs.renameSync(${JSON.stringify(`${file}.part`)}, ${JSON.stringify(file)});
`;

async function runInBrowser(cell: string, folder: string, file: string): Promise<void> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("this study needs a browser: install chromium, or name one in CHROMIUM");
  const notebook = path.join(folder, "cost.ipynb");
  writeNotebook(notebook, [cell]);
  const lab = await startJupyterLab();
  const browser = await chromium.launch({ executablePath, args: browserFlags });
  try {
    const page = await openNotebook(browser, lab, notebook);
    await page.locator(".jp-Notebook .jp-Cell").first().click();
    await page.keyboard.press("Control+Enter");
    const failure = page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]');
    while (!fs.existsSync(file)) {
      if ((await failure.count()) > 0) throw new Error((await failure.textContent()) ?? "the cell failed");
      await page.waitForTimeout(1000);
    }
  } finally {
    await browser.close();
    await lab.stop();
  }
}

export async function liveDisplay({
  rounds = 9,
  batches = 250,
  runCell = runInBrowser,
}: LiveDisplayOptions = {}): Promise<StudyAnswer> {
  const folder = path.join(root, "test", "artefacts", "live-display");
  const file = path.join(folder, "rounds.json");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await runCell(cellOf(rounds, batches, file), folder, file);
  const measured: Round[] = JSON.parse(fs.readFileSync(file, "utf8"));
  const percents = (share: (round: Round) => number) => lib.bootstrapMean(measured.map((round) => 100 * share(round)));
  const spent = percents((round) => round.spent / round.live);
  const cost = percents(({ live, silent }) => live / silent - 1);
  const table: lib.Table = {
    columns: [`mean of ${rounds} rounds`, "% of the training time (95 % interval)"],
    rows: [
      ["spent in the display's functions", lib.formatInterval(spent, 1)],
      ["training with the display, against without", lib.formatDifference(cost, 1)],
    ],
  };
  return { result: { batches, rounds: measured, spent, cost }, table };
}
