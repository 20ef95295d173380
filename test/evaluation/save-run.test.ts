// What a notebook's last cell saves, in JupyterLab, by papermill, and under a command.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { tf } from "../../lib/engine";
import { scoreRow, trainedMethod } from "../../lib/evaluation/evaluate";
import { readExamples } from "../../lib/evaluation/example-images";
import { loadResults, type NotebookRun } from "../../lib/evaluation/results";
import { createRun, listRuns, readImageScores } from "../../lib/evaluation/runs";
import { saveRun } from "../../lib/evaluation/save-run";
import { loadModelAndCard } from "../../lib/models/files";
import { gaussian } from "../../lib/noise/gaussian";

const output = fs.mkdtempSync(path.join(os.tmpdir(), "gespeichert "));
process.env.IMAGE_DENOISER_OUTPUT = output;
after(() => {
  delete process.env.IMAGE_DENOISER_OUTPUT;
  delete process.env.IMAGE_DENOISER_RUN;
});

const images = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const, labels: Uint8Array.of(7) };
/** A model whose output is the same everywhere, so that one can be told from another. */
function constant(value: number): tf.LayersModel {
  const layer = tf.layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [null, null, 1] as unknown as number[] });
  const model = tf.sequential({ layers: [layer] });
  model.setWeights([tf.zeros([1, 1, 1, 1]), tf.tensor1d([value])]);
  return model;
}
function run(value: number, dataset: string, notebook = "simple-autoencoder"): NotebookRun {
  const scores = (psnr: number) => ({ psnr: Float64Array.of(psnr), ssim: Float64Array.of(0.9), imageSsim: Float64Array.of(0.8) }); // biome-ignore format: short
  return {
    notebook,
    parameters: { dataset, sigma: 0.5, seed: 42 },
    model: constant(value),
    data: { train: images, validation: images, test: images, digests: { digits: "0123456789abcdef0123" } },
    test: { clean: images, noisy: gaussian(images, { sigma: 0.5, seed: 42 }) },
    history: { epochs: [{ epoch: 1, loss: 0.1, valLoss: 0.2, learningRate: 0.001, seconds: 3 }], seconds: 90 },
    noisy: scores(9),
    denoised: scores(20 + value),
    seconds: { evaluation: 1, total: 120 },
  };
}
const baseline = async (dataset: string) => {
  const parameters = { dataset, sigma: 0.5, seed: 42 };
  const [method] = await trainedMethod("simple autoencoder", "simple-autoencoder", images, parameters);
  return { value: method.images.data[0], name: method.name, run: method.run };
};

test("noise of another level than the parameter says is refused, and nothing is saved", async () => {
  const given = run(0.25, "full", "mislabelled");
  const parameters = { ...given.parameters, sigma: 0.2 };
  await assert.rejects(
    saveRun({ ...given, parameters }),
    /^Error: Nothing was saved: .* noise of sigma 0\.2 it would be /,
  );
  assert.ok(!fs.existsSync(path.join(output, "runs")));
});

test("a training that was stopped or resumed is not shown as a whole one of this session", async () => {
  const given = run(0.25, "full", "stopped");
  const parameters = { ...given.parameters, epochs: 20, folder: "/home/somebody/pictures" };
  const { message, results } = await saveRun({ ...given, parameters, seconds: { evaluation: 1, total: 30 } });
  assert.equal(results.seconds.total, 91, "90 s of training, most of it before a restart, and the evaluation");
  assert.match(message, /\n\| duration \| training 1\.5 minutes \(1 of 20 epochs\), everything 1\.5 minutes \|/);
  assert.match(message, /\n\| command \| .* -p folder "…\/pictures"/);
  fs.rmSync(path.join(output, "runs"), { recursive: true });
});

test("a run has a folder of its own, and the newest is copied to models/ and results/; the message says where", async () => {
  const { message, results } = await saveRun(run(0.25, "full"));
  const [saved, ...others] = listRuns(output);
  assert.deepEqual([others.length, saved.results?.run, saved.name], [0, saved.name, results.run]);
  assert.ok(Date.now() - Date.parse(saved.began) >= 120_000, "it began before it ended");
  assert.deepEqual(loadResults("simple-autoencoder"), saved.results);
  assert.ok(message.startsWith(`Saved in \`${path.join("runs", saved.name)}\`. `), message);
  assert.match(message, /^Saved in `.*`\. Training took 1\.5 minutes, everything 2\.0 minutes\. `models\/simple-autoencoder\/` and `results\/simple-autoencoder\.json` hold a copy\.\n\n\| provenance \|/); // biome-ignore format: short
  assert.match(
    message,
    /\n\| command \| npm start -- --notebook simple-autoencoder.* \|\n\| parameters \| dataset full, .*seed 42/,
  );
  for (const name of ["data", "SHA-256 of the data", "versions", "machine", "duration", "date"])
    assert.match(message, new RegExp(`\\n\\| ${name} \\| .*\\w`));
  assert.deepEqual(readImageScores(saved)?.psnr, Float64Array.of(20.25));
  const examples = readExamples(saved);
  assert.deepEqual(examples?.clean, { data: images.data, shape: images.shape });
  assert.deepEqual(examples?.denoised.data.slice(0, 2), Float32Array.of(64 / 255, 64 / 255), "0.25, in 8 bit");
  assert.deepEqual((await baseline("full")).value, 0.25);
});

test("a quick run leaves a full one where it is, says so, and is what quick runs are compared with", async () => {
  const before = loadResults("simple-autoencoder");
  const { message } = await saveRun(run(0.5, "quick"));
  const [quick] = listRuns(output);
  assert.match(quick.name, / simple-autoencoder dataset=quick$/);
  assert.deepEqual(loadResults("simple-autoencoder"), before);
  assert.ok(message.includes(`keep the full run of ${before?.date?.slice(0, 10)}; to replace it: \`npm run runs -- use "${quick.name}"\`.\n\n`)); // biome-ignore format: short
  assert.deepEqual(await baseline("quick"), { value: 0.5, name: "simple autoencoder", run: quick.name });
  assert.equal((await baseline("full")).value, 0.25);
  const each = Float64Array.of(20);
  const scores = { psnr: each, ssim: each, imageSsim: each };
  assert.equal(scoreRow({ name: "simple autoencoder", scores, run: quick.name }).run, quick.name);
});

test("under a command it goes to the command's folder, and nowhere else", async () => {
  const before = loadResults("simple-autoencoder");
  const { folder, name } = createRun(output, "simple-autoencoder", {});
  process.env.IMAGE_DENOISER_RUN = folder;
  const { message } = await saveRun(run(0.75, "full"));
  assert.equal(listRuns(output)[0].results?.run, name);
  assert.deepEqual(loadResults("simple-autoencoder"), before);
  assert.doesNotMatch(message, /copy|keep/);
});

test("a model is saved with its card, whose copy is beside the copy of the model", async () => {
  delete process.env.IMAGE_DENOISER_RUN;
  const noisy = { data: Float32Array.from({ length: 8 * 784 }, (_, i) => (i * 0.618) % 1), shape: [8, 28, 28, 1] as const }; // biome-ignore format: short
  const card = { description: "Removes noise.", data: "MNIST", noisy, sigma: 0.5, clipped: true };
  const made = run(0.75, "full", "with-card");
  await saveRun({ ...made, parameters: { ...made.parameters, folder: "/home/somebody/pictures" }, card });
  const { card: saved } = await loadModelAndCard(path.join(output, "models", "with-card"));
  assert.deepEqual([saved?.name, saved?.trainedOn.size, saved?.noise.sigma], ["with-card", [28, 28], [0.5, 0.5]]);
  assert.deepEqual(saved?.scores[0], { data: "1 test digits", sigma: 0.5, metric: "PSNR", mean: 20.75, low: 20.75, high: 20.75 }); // biome-ignore format: short
  assert.equal(saved?.command, "npm start -- --notebook with-card -p dataset full -p sigma 0.5 -p seed 42 -p folder pictures"); // biome-ignore format: short
  assert.ok(!JSON.stringify(saved).includes("somebody"));
  const file = path.join(output, "models", "with-card", "card.json");
  assert.ok(fs.existsSync(file));
  await saveRun(run(0.75, "full", "with-card"));
  assert.ok(!fs.existsSync(file), "a model without a card does not keep that of the one before");
});

test("where the model had been trained before, the record of the run says so", async () => {
  const given = run(0.25, "full", "continued");
  const { results, message } = await saveRun({ ...given, history: { ...given.history, trainedBefore: 12 } });
  assert.equal(results.trainedBefore, 12);
  assert.match(message, /training 1\.5 minutes, after 12 epochs in an earlier training of the same model, everything/);
});
