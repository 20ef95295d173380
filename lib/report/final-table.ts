// Prints the scores of the last runs: for the end of `npm start`, or with --markdown for the README.
import { availableParallelism } from "node:os";
import { formatInterval, type Table, tableText } from "../figures/table";
import type { Scores } from "../metrics/scores";
import { loadResults, type Results } from "./results";

/** The models, with what the README of the Keras original says of its own (no intervals; validated on the test set). */
const models = [
  { notebook: "simple-autoencoder", name: "simple autoencoder", original: { psnr: 19.75, ssim: 0.8637 } },
  { notebook: "unet", name: "U-Net", original: { psnr: 20.96, ssim: 0.8371 } },
];

const columns = ["10,000 test digits", "PSNR, dB (95 % interval)", "SSIM (95 % interval)"];

function row(name: string, { psnr, ssim }: Scores, results?: Results): string[] {
  const training = results && [
    `${(results.seconds.training / 60).toFixed(1)} min`,
    results.data.train.toLocaleString("en-US"),
    String(results.history.length),
  ];
  return [name, formatInterval(psnr, 2), formatInterval(ssim, 4), ...(training ?? ["", "", ""])];
}

const runs = models.flatMap((model) => {
  const results = loadResults(model.notebook);
  return results ? [{ ...model, results }] : [];
});

if (runs.length > 0) {
  const noisy = row("noisy", runs[0].results.test.noisy);
  const ours = runs.map(({ name, results }) => row(name, results.test.denoised, results));
  if (process.argv.includes("--markdown")) {
    const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
    const original = (i: number) => `${runs[i].original.psnr} / ${runs[i].original.ssim}`;
    const head = [...columns, `training, ${availableParallelism()} cores`, "the Keras original's PSNR / SSIM"];
    const body = [[...noisy.slice(0, 4), ""], ...ours.map((cells, i) => [...cells.slice(0, 4), original(i)])];
    console.log([line(head), line(["---", "--:", "--:", "--:", "--:"]), ...body.map(line)].join("\n"));
  } else {
    const table: Table = { columns: [...columns, "training", "digits", "epochs"], rows: [noisy, ...ours] };
    console.log(tableText(table));
  }
}
