// The card that a training makes of its model.
import "../../lib/engine";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { imageFolder } from "../../lib/data/image-folder";
import type { Images } from "../../lib/data/images";
import { writeImage } from "../../lib/data/picture";
import { digestsOf, modelCard } from "../../lib/evaluation/model-card";
import { evaluatePictures } from "../../lib/evaluation/pictures";
import { bootstrapMean } from "../../lib/metrics/bootstrap";
import { problemOfCard } from "../../lib/models/card";
import { loadModelAndCard, saveModel } from "../../lib/models/files";
import { unet } from "../../lib/models/unet";
import { gaussian } from "../../lib/noise/gaussian";
import { temporaryFolder } from "../data/pictures";

const folder = temporaryFolder();
const place = path.join(folder, "in");
const [height, width] = [40, 60];
const set = (async () => {
  fs.mkdirSync(place);
  for (let i = 0; i < 5; i++) {
    const images: Images = {
      data: new Float32Array(height * (width + i)).fill(0.3 + i / 10),
      shape: [1, height, width + i, 1],
    };
    await writeImage(path.join(place, `${i}.png`), images);
  }
  return (await imageFolder(place, { channels: 1, validationShare: 0, testShare: 1 })).test;
})();
test("a card holds what the training knows, and what follows from the model", async () => {
  const model = unet({ filters: 2, height: null, width: null });
  const [{ scores }] = (await evaluatePictures(await set, [], { sigma: 0.1, seed: 42 })).evaluated;
  const flat: Images = { data: new Float32Array(50 * 64 * 64).fill(0.5), shape: [50, 64, 64, 1] };
  const card = modelCard({
    ...{ model, name: "flat", description: "Removes noise from flat pictures.", recipe: { epochs: 3 }, seed: 7 },
    trainedOn: { data: "5 flat pictures", size: null, digests: digestsOf(await set) },
    ...{ sigma: [0.05, 0.2], clipped: true, noisy: gaussian(flat, { sigma: [0.05, 0.2], seed: 2 }) },
    scores: [{ data: "5 test pictures", sigma: 0.1, scores }],
    command: "make it",
  });
  assert.equal(problemOfCard(card), undefined);
  const { trainedOn, noise, receptiveField, versions } = card;
  assert.deepEqual([trainedOn.channels, trainedOn.size, trainedOn.data], [1, null, "5 flat pictures"]);
  const digest = createHash("sha256")
    .update(fs.readFileSync(path.join(place, "3.png")))
    .digest("hex");
  assert.equal(trainedOn.digests["3.png"], digest);
  assert.deepEqual([noise.kind, noise.sigma, noise.clipped], ["gaussian", [0.05, 0.2], true]);
  assert.ok(noise.estimated[0] > 0.045 && noise.estimated[0] < 0.075, `${noise.estimated}`);
  assert.ok(noise.estimated[1] > 0.17 && noise.estimated[1] < 0.205, `${noise.estimated}`);
  const { mean, low, high } = bootstrapMean(scores.psnr);
  assert.deepEqual(card.scores[0], { data: "5 test pictures", sigma: 0.1, metric: "PSNR", mean, low, high });
  assert.equal(card.scores[1].metric, "SSIM");
  assert.deepEqual(receptiveField, [47, 47]);
  assert.equal(versions.node, process.versions.node);
  await saveModel(model, path.join(folder, "model"), card);
  assert.deepEqual((await loadModelAndCard(path.join(folder, "model"))).card, JSON.parse(JSON.stringify(card)));
});

test("large sets have one digest", async () => {
  const { pictures, channels } = await set;
  const many = { pictures: Array.from({ length: 101 }, (_, i) => ({ ...pictures[0], name: `${i}` })), channels };
  const [name, ...others] = Object.keys(digestsOf(many));
  assert.deepEqual([name, others], ["101 pictures", []]);
  assert.match(digestsOf(many)[name], /^[0-9a-f]{64}$/);
  assert.equal(Object.keys(digestsOf(await set)).length, 5);
});
