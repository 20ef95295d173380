// The stages of models, as read from their layers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { simpleAutoencoder } from "../../lib/models/simple-autoencoder";
import { stagesOf } from "../../lib/models/stages";
import { unet } from "../../lib/models/unet";

const short = (model: Parameters<typeof stagesOf>[0]) => {
  const { stages, links } = stagesOf(model);
  return {
    stages: stages.map(({ level, channels, convolutions }) => [level, channels, convolutions.length]),
    links: links.map(({ from, to, by, skip }) => `${from}${skip ? "..." : "-"}${to}${by ? ` ${by}` : ""}`),
  };
};

test("an autoencoder goes down and up, one convolution a stage", () => {
  assert.deepEqual(short(simpleAutoencoder()), {
    stages: [[0, 1, 0], [0, 32, 1], [1, 32, 1], [2, 32, 1], [1, 32, 1], [0, 1, 1]], // biome-ignore format: short
    links: ["0-1", "1-2 MaxPooling2D", "2-3 MaxPooling2D", "3-4 UpSampling2D", "4-5 UpSampling2D"],
  });
});

test("a U-Net has two convolutions a stage, and skip connections between stages of one size", () => {
  const { stages, links } = short(unet({ filters: [8, 24, 40], residual: true }));
  assert.deepEqual(stages, [[0, 1, 0], [0, 8, 2], [1, 24, 2], [2, 40, 2], [1, 24, 2], [0, 8, 2], [0, 1, 1]]); // biome-ignore format: short
  assert.deepEqual(links, [
    "0-1",
    ...["1-2 MaxPooling2D", "2-3 MaxPooling2D"],
    ...["3-4 Conv2DTranspose", "2...4 Concatenate", "4-5 Conv2DTranspose", "1...5 Concatenate"],
    "5-6",
  ]);
});

test("self-attention belongs to the stage of the convolutions before it", () => {
  const { stages } = stagesOf(unet({ attention: "layer" }));
  assert.deepEqual(
    stages.map(({ attention }) => attention),
    [false, false, false, true, false, false, false],
  );
});

test("the noise that a U-Net predicts is added to its input, of any size", () => {
  const model = unet({ channels: 3, height: null, width: null, predicts: "noise" });
  assert.equal(short(model).links.at(-1), "0...6 Add");
  assert.deepEqual(stagesOf(model).stages[0].size, [null, null]);
});
