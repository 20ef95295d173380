// Prints the scores of the last runs: for the end of `npm start`, or with --markdown for the README.
import { availableParallelism } from "node:os";
import { loadResults } from "./results";
import { formatInterval, type ScoreRow } from "./score-tables";
import { type Table, tableMarkdown, tableText } from "./table";

/** The models, with what the README of the Keras original says of its own (no intervals; validated on the test set). */
const models = [
  { notebook: "simple-autoencoder", name: "simple autoencoder", original: "19.75 / 0.8637" },
  { notebook: "unet", name: "U-Net", original: "20.96 / 0.8371" },
];

const runs = models.flatMap((model) => {
  const results = loadResults(model.notebook);
  return results ? [{ ...model, results }] : [];
});

/** Digits recognized, in percent; only the last notebook asks. */
const recognized = ({ accuracy }: Partial<ScoreRow> = {}) => (accuracy ? (100 * accuracy.mean).toFixed(1) : "");

function scoresTable(): Table {
  const methods = runs.flatMap(({ results }) => results.test.methods ?? []);
  const methodOf = (name: string) => methods.find((method) => method.name === name);
  const untrained = [
    { name: "noisy", scores: runs[0].results.test.noisy },
    ...methods.filter(({ name }) => name !== "noisy" && models.every((model) => model.name !== name)),
  ];
  const cells = ({ name, scores: { psnr, ssim } }: ScoreRow) => [
    name,
    formatInterval(psnr, 2),
    formatInterval(ssim, 4),
    recognized(methodOf(name)),
  ];
  return {
    columns: [
      "10,000 test digits",
      "PSNR, dB (95 % interval)",
      "SSIM (95 % interval)",
      "recognized, %",
      `training, ${availableParallelism()} cores`,
      "the Keras original",
    ],
    rows: [
      ...untrained.map((row) => [...cells(row), "", ""]),
      ...runs.map(({ name, original, results }) => [
        ...cells({ name, scores: results.test.denoised }),
        `${(results.seconds.training / 60).toFixed(1)} min`,
        original,
      ]),
    ],
  };
}

if (runs.length > 0) console.log((process.argv.includes("--markdown") ? tableMarkdown : tableText)(scoresTable()));
