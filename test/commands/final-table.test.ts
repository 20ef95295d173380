// The table at the end of `npm start`: what stands in it was measured on the same noisy images.
import assert from "node:assert/strict";
import { test } from "node:test";
import { resultsOf, row } from "./results-of";

const autoencoder = resultsOf("simple-autoencoder", 19, { cores: 2 });
const methods = (noisy: number, autoencoderName: string, autoencoderPsnr: number, unet: number) => [
  row("noisy", noisy),
  row("mean 3x3", 15),
  row(autoencoderName, autoencoderPsnr),
  row("U-Net", unet),
];
const unet = resultsOf("unet", 21, { cores: 8, methods: methods(9, "simple autoencoder", 19, 21) });
const otherNoise = resultsOf("unet", 24, {
  sigma: 0.3,
  methods: methods(13, "simple autoencoder, trained with sigma 0.5", 22, 24),
});
const tables = async (...runs: ReturnType<typeof resultsOf>[]) => {
  const { finalTables } = await import("../../commands/support/final-table.mjs");
  return finalTables(runs);
};
/** Names, means and accuracies. */
const brief = ({ rows }: { rows: string[][] }) =>
  rows.map(([name, psnr, , accuracy]) => [name, psnr.split(" ")[0], accuracy]);

test("runs on the same noisy images are in one table", async () => {
  const [table, ...others] = await tables(autoencoder, unet);
  assert.equal(others.length, 0);
  assert.equal(table.columns[0], "10,000 test digits");
  assert.deepEqual(brief(table), [
    ["noisy", "9.00", "90.0"],
    ["mean 3x3", "15.00", "90.0"],
    ["simple autoencoder", "19.00", "90.0"],
    ["U-Net", "21.00", "90.0"],
  ]);
});

test("runs on different noisy images have tables of their own, each with its noise in the heading", async () => {
  const [first, second] = await tables(autoencoder, otherNoise);
  assert.equal(first.columns[0], "10,000 test digits, sigma 0.5, seed 42, run on 2026-11-25");
  assert.equal(second.columns[0], "10,000 test digits, sigma 0.3, seed 42, run on 2026-11-25");
  assert.deepEqual(brief(first), [
    ["noisy", "9.00", ""],
    ["simple autoencoder", "19.00", ""],
  ]);
  assert.deepEqual(brief(second), [
    ["noisy", "13.00", "90.0"],
    ["mean 3x3", "15.00", "90.0"],
    ["simple autoencoder, trained with sigma 0.5", "22.00", "90.0"],
    ["U-Net", "24.00", "90.0"],
  ]);
});

test("the Keras original's scores stand only beside runs with its noise", async () => {
  const original = "the Keras original";
  const [first, second] = await tables(autoencoder, otherNoise);
  assert.equal(first.columns.at(-1), original);
  assert.equal(first.rows.at(-1)?.at(-1), "19.75 / 0.8637");
  assert.ok(!second.columns.includes(original) && second.rows.every((cells) => cells.length === second.columns.length));
  const laplace = { ...autoencoder, parameters: { ...autoencoder.parameters, noiseKind: "laplace" } };
  assert.ok(!(await tables(laplace))[0].columns.includes(original));
});

test("an accuracy stands only beside the PSNR of the same model", async () => {
  const again = resultsOf("simple-autoencoder", 19.5);
  assert.deepEqual(brief((await tables(again, unet))[0])[2], ["simple autoencoder", "19.50", ""]);
  const quick = resultsOf("simple-autoencoder", 18, { dataset: "quick" });
  assert.deepEqual(brief((await tables(quick, unet))[0]).slice(2), [
    ["simple autoencoder", "19.00", "90.0"],
    ["simple autoencoder, trained with dataset quick", "18.00", ""],
    ["U-Net", "21.00", "90.0"],
  ]);
});

test("after a run, what was measured on other noisy images is left out, which is said", async () => {
  const { finalText } = await import("../../commands/support/final-table.mjs");
  const text = finalText([otherNoise], [autoencoder]);
  assert.doesNotMatch(text, /9\.00|19\.00/);
  assert.match(
    text,
    /U-Net +24\.00 .*\n\nThe simple autoencoder's last run \(sigma 0\.5, seed 42, run on 2026-11-25\) is left out: it was scored on other noisy images\./s,
  );
  assert.match(finalText([unet], [autoencoder]), /simple autoencoder +19\.00 .*U-Net +21\.00 [^\n]*$/s);
  assert.match(finalText([autoencoder, otherNoise]), /seed 42.*seed 42.*\n\nScores of different tables are not comparable: .*different noisy images/s); // biome-ignore format: short
});

test("the times are those of the machines of the runs", async () => {
  const times = async (...runs: ReturnType<typeof resultsOf>[]) => {
    const [{ columns, rows }] = await tables(...runs);
    return [columns[4], ...rows.map((cells) => cells[4]).filter(Boolean)];
  };
  assert.deepEqual(await times(unet), ["training, 8 cores", "1.5 min"]);
  assert.deepEqual(await times(autoencoder, unet), ["training", "1.5 min, 2 cores", "1.5 min, 8 cores"]);
  const older = resultsOf("simple-autoencoder", 19);
  assert.deepEqual(await times(older, unet), ["training", "1.5 min", "1.5 min, 8 cores"]);
});
