import assert from "node:assert/strict";
import { test } from "node:test";
import { correctClipping } from "../../lib/classical/clipping";
import { gaussianFilter } from "../../lib/classical/linear";
import { nonLocalMeans } from "../../lib/classical/non-local-means";
import { tuneClassical } from "../../lib/classical/tuning";
import { clipImages, type Images, sliceImages } from "../../lib/data/images";
import { loadMnist } from "../../lib/data/mnist";
import { drawPatches } from "../../lib/data/patches";
import { loadPhotographs } from "../../lib/data/photographs";
import { psnr } from "../../lib/metrics/psnr";
import { gaussian } from "../../lib/noise/gaussian";

const sigma = 0.5;
const { train, validation } = loadMnist({ dataset: "quick" });
const noisyPair = (clean: Images, seed: number) => ({ clean, noisy: gaussian(clean, { sigma, seed }) });
const pair = noisyPair(sliceImages(train, 0, 40), 7);
const other = noisyPair(validation, 8);
const methods = tuneClassical(pair, sigma);
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("five methods with their parameters, and much better pictures than the noisy ones on other images", () => {
  assert.deepEqual(
    methods.map(({ name }) => name.replace(/sigma [\d.]+/, "sigma …")),
    ["mean 3x3", "Gaussian, sigma …", "median 3x3", "total variation", "non-local means"],
  );
  for (const { name, parameters, denoise } of methods) {
    assert.ok(Object.keys(parameters).length > 0);
    const denoised = denoise(other.noisy);
    assert.ok(denoised.data.every((value) => value >= 0 && value <= 1));
    const score = mean(psnr(other.clean, denoised));
    assert.ok(score > 14.5, `${name}: ${score} dB`);
  }
});

test("the same images give the same choice", () => {
  const few = noisyPair(sliceImages(train, 0, 8), 9);
  const choices = () => tuneClassical(few, sigma).map(({ name, parameters }) => ({ name, parameters }));
  assert.deepEqual(choices(), choices());
});

test("the chosen sigma is the best one", () => {
  const { parameters, denoise } = methods[1];
  const score = mean(psnr(pair.clean, denoise(pair.noisy)));
  for (const factor of [0.7, 1.4]) {
    const corrected = correctClipping(gaussianFilter(pair.noisy, { sigma: factor * parameters.sigma }), sigma);
    const data = corrected.data.map((value) => Math.min(Math.max(value, 0), 1));
    assert.ok(mean(psnr(pair.clean, { ...corrected, data })) < score);
  }
});

test("no other strength or distance of non-local means is better than the chosen one", () => {
  const scoreOf = (denoised: Images) => mean(psnr(pair.clean, clipImages(correctClipping(denoised, sigma))));
  const { denoise } = methods[4];
  const best = mean(psnr(pair.clean, denoise(pair.noisy)));
  for (const patchDistance of [3, 5])
    for (const h of [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5]) {
      const score = scoreOf(nonLocalMeans(pair.noisy, { h, patchSize: 5, patchDistance }));
      assert.ok(score <= best, `h ${h}, distance ${patchDistance}: ${score} dB instead of ${best}`);
    }
});

test("wrong input is an error that says what is wrong", () => {
  const none = { data: new Float32Array(0), shape: [0, 28, 28, 1] } as const;
  assert.throws(() => tuneClassical({ clean: none, noisy: none }, sigma), /there are no images to tune on/);
  assert.throws(() => tuneClassical({ ...pair, clean: none }, sigma), /must have the same shape/);
  assert.throws(() => tuneClassical(pair, 0), /sigma must be a number from 1e-9 to 1000000, not 0/);
});

for (const channels of [1, 3] as const)
  test(`photographs, ${channels === 1 ? "grey" : "colour"}, sigma 25/255: no best parameter lies at an edge of its grid`, async () => {
    const sigma = 25 / 255;
    const { train } = loadPhotographs({ channels });
    const clean = await drawPatches(train, { size: 32, count: 6, seed: 42, stream: "tuning patches" });
    const noisy = gaussian(clean, { sigma, seed: 42, stream: "tuning noise", clip: false });
    const tuned = tuneClassical({ clean, noisy }, sigma, { clipped: false });
    const [, { parameters: gaussianFilter }, , { parameters: variation }, { parameters: nonLocal }] = tuned;
    assert.ok(gaussianFilter.sigma > 0.4 && gaussianFilter.sigma < 2, `${gaussianFilter.sigma}`);
    const weight = variation.weight / sigma;
    assert.ok(weight > 0.5 && weight < 2.4, `weight ${weight} sigma`);
    const h = nonLocal.h / sigma;
    assert.ok(h > 0.15 && h < 0.75, `h ${h} sigma`);
    assert.equal(nonLocal.sigma, sigma);
    const before = mean(psnr(clean, noisy));
    for (const { name, denoise } of tuned) {
      const denoised = denoise(noisy);
      assert.ok(denoised.data.every((value) => value >= 0 && value <= 1));
      assert.ok(mean(psnr(clean, denoised)) > before + 3, name);
    }
  });
