// What it costs to watch: the U-Net trained in JupyterLab, in a browser on the same machine, with the live display and
// without, in turns.
import fs from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import * as lib from "../lib";
import { browserFlags, findChromium } from "../test/chromium";
import { openNotebook, startJupyterLab, writeNotebook } from "../test/jupyterlab";

const root = path.resolve(__dirname, "..");
const rounds = 9;
/** Of each training, which is planned as long as the recipe says, so that the display is updated as often as in that. */
const batches = 250;

interface Round {
  /** Seconds of the training without the display. */
  readonly silent: number;
  /** With it. */
  readonly live: number;
  /** In the display's functions; the rest of what it costs is JupyterLab's and the browser's work. */
  readonly spent: number;
}

/** Runs in the kernel and prints the rounds; the first warms up. */
const cell = `
import { chooseRecipe, fitByRecipe, gaussian, loadMnist, sliceImages, unet } from "../../../lib";
import { liveTraining } from "../../../lib/notebook";
const recipe = chooseRecipe("default");
const mnist = loadMnist();
const clean = sliceImages(mnist.validation, 0, 64);
const validation = { clean, noisy: gaussian(clean, { sigma: 0.5, seed: 42, stream: "validation noise" }) };
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
console.log(JSON.stringify(rounds));
`;

async function runInBrowser(source: string): Promise<string> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("this study needs a browser: install chromium, or name one in CHROMIUM");
  const folder = path.join(root, "test", "artefacts", "live-display");
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "cost.ipynb");
  writeNotebook(file, [source]);
  const lab = await startJupyterLab();
  const browser = await chromium.launch({ executablePath, args: browserFlags });
  try {
    const page = await openNotebook(browser, lab, file);
    page.setDefaultTimeout(1_800_000);
    await page.locator(".jp-Notebook .jp-Cell").first().click();
    await page.keyboard.press("Control+Enter");
    const printed = page.locator(".jp-OutputArea-output pre", { hasText: /"silent"|Error/ });
    await printed.waitFor();
    return (await printed.textContent()) ?? "";
  } finally {
    await browser.close();
    await lab.stop();
  }
}

async function main(): Promise<void> {
  const measured: Round[] = JSON.parse(await runInBrowser(cell));
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
  const result = { batches, rounds: measured, spent, cost };
  process.stdout.write(JSON.stringify({ result, text: lib.tableText(table), markdown: lib.tableMarkdown(table) }));
}

main();
