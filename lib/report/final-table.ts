// Prints the scores of the last runs, for the end of `npm start`.
import { formatInterval, type Table, tableText } from "../figures/table";
import { loadResults, type Results } from "./results";

const models = [
  ["simple-autoencoder", "simple autoencoder"],
  ["unet", "U-Net"],
] as const;

const runs = models.flatMap(([notebook, name]) => {
  const results = loadResults(notebook);
  return results ? [{ name, results }] : [];
});

const row = (name: string, { psnr, ssim }: Results["test"]["noisy"], run?: Results) => [
  name,
  formatInterval(psnr, 2),
  formatInterval(ssim, 4),
  run ? `${(run.seconds.training / 60).toFixed(1)} min` : "",
  run ? run.data.train.toLocaleString("en-US") : "",
  run ? String(run.history.length) : "",
];

if (runs.length > 0) {
  const table: Table = {
    columns: ["10,000 test digits", "PSNR, dB (95 % interval)", "SSIM (95 % interval)", "training", "digits", "epochs"],
    rows: [
      row("noisy", runs[0].results.test.noisy),
      ...runs.map(({ name, results }) => row(name, results.test.denoised, results)),
    ],
  };
  console.log(tableText(table));
}
