// Runs for the page of all runs: two of each notebook on the same noisy images, one on others, one unfinished.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { exampleCount, writeExamples } from "../../lib/evaluation/example-images";
import { createRun, listRuns } from "../../lib/evaluation/runs";
import type { ListedRun } from "../../lib/report/runs-page";
import { resultsOf } from "../commands/results-of";

const images = (value: number) => ({
  data: new Float32Array(exampleCount * 4).fill(value),
  shape: [exampleCount, 2, 2, 1] as const,
});

/** @param output the folder of runs/; a temporary one, unless it is given */
export function madeUpRuns(output = fs.mkdtempSync(path.join(os.tmpdir(), "all runs "))): ListedRun[] {
  const make = (minute: number, notebook: string, psnr: number, parameters: Record<string, number>, kept = true) => {
    const made = resultsOf(notebook, psnr, { sigma: parameters.sigma ?? 0.5 });
    const all = { ...made.parameters, ...parameters };
    const run = createRun(output, notebook, all, new Date(2026, 10, 27, 22, minute, 5));
    const history = [3, 2, 1].map((loss, i) => ({ epoch: i + 1, loss, valLoss: loss + 10 / psnr, learningRate: 0.001, seconds: 1 })); // biome-ignore format: short
    const results = { ...made, parameters: all, history, run: run.name };
    if (kept)
      writeExamples(run.folder, notebook, { clean: images(1), noisy: images(0.5), denoised: images(psnr / 25) });
    fs.mkdirSync(path.join(run.folder, "results"), { recursive: true });
    fs.writeFileSync(path.join(run.folder, "results", `${notebook}.json`), JSON.stringify(results));
  };
  make(1, "simple-autoencoder", 19, { epochs: 10 });
  make(2, "unet", 21, { filters: 16 }, false);
  make(3, "unet", 22, { filters: 32 });
  make(4, "unet", 24, { filters: 16, sigma: 0.3 });
  createRun(output, "unet", { filters: 8 }, new Date(2026, 10, 27, 22, 50));
  return listRuns(output).map((run) => ({ ...run, report: run.results && `../runs/${run.name}/reports/unet.html` }));
}
