// Each noise model has the moments and the distribution that theory gives, and scikit-image's where it has one.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { blockQuantization } from "../../lib/noise/block-quantization";
import { correlatedGaussian } from "../../lib/noise/correlated";
import { gaussian } from "../../lib/noise/gaussian";
import { laplace } from "../../lib/noise/laplace";
import { inSequence, type NoiseModel } from "../../lib/noise/noise-model";
import { poisson, poissonGaussian } from "../../lib/noise/poisson";
import { rician } from "../../lib/noise/rician";
import { saltAndPepper } from "../../lib/noise/salt-and-pepper";
import { speckle } from "../../lib/noise/speckle";
import { uniformNoise } from "../../lib/noise/uniform";

const count = 100_000;
const flat = (value: number, n = 10, side = 100): Images => ({
  data: new Float32Array(n * side * side).fill(value),
  shape: [n, side, side, 1],
});
function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}
const models: Record<string, NoiseModel> = {
  gaussian: (clean, draw) => gaussian(clean, { sigma: 0.2, ...draw }),
  uniform: (clean, draw) => uniformNoise(clean, { halfWidth: 0.3, ...draw }),
  laplace: (clean, draw) => laplace(clean, { scale: 0.1, ...draw }),
  "poisson, few photons": (clean, draw) => poisson(clean, { photons: 4, ...draw }),
  "poisson, many photons": (clean, draw) => poisson(clean, { photons: 60, ...draw }),
  "poisson-gaussian": (clean, draw) => poissonGaussian(clean, { photons: 50, sigma: 0.1, ...draw }),
  "salt and pepper": (clean, draw) => saltAndPepper(clean, { amount: 0.2, saltVsPepper: 0.3, ...draw }),
  salt: (clean, draw) => saltAndPepper(clean, { amount: 0.1, saltVsPepper: 1, ...draw }),
  pepper: (clean, draw) => saltAndPepper(clean, { amount: 0.1, saltVsPepper: 0, ...draw }),
  speckle: (clean, draw) => speckle(clean, { sigma: 0.3, ...draw }),
  rician: (clean, draw) => rician(clean, { sigma: 0.2, ...draw }),
  correlated: (clean, draw) => correlatedGaussian(clean, { sigma: 0.1, blur: 1, ...draw }),
};
const sequence = inSequence([models["poisson, many photons"], models.gaussian]);

/** Mean and standard deviation without clipping, of a pixel of value 0.5. */
const unclipped: Record<string, [mean: number, deviation: number]> = {
  gaussian: [0.5, 0.2],
  uniform: [0.5, 0.3 / Math.sqrt(3)],
  laplace: [0.5, 0.1 * Math.SQRT2],
  "poisson, few photons": [0.5, Math.sqrt(0.5 / 4)],
  "poisson, many photons": [0.5, Math.sqrt(0.5 / 60)],
  "poisson-gaussian": [0.5, Math.sqrt(0.5 / 50 + 0.01)],
  "salt and pepper": [0.46, 0.22],
  speckle: [0.5, 0.15],
};
for (const [name, [mean, deviation]] of Object.entries(unclipped))
  test(`${name}: mean and deviation are what theory gives`, () => {
    const found = moments(models[name](flat(0.5), { seed: 1, clip: false }).data);
    assert.ok(Math.abs(found.mean - mean) < (4 * deviation) / Math.sqrt(count), `mean ${found.mean}, not ${mean}`);
    assert.ok(Math.abs(found.deviation - deviation) < 0.015 * deviation, `${found.deviation}, not ${deviation}`);
  });

/** random_noise(np.full((1000, 1000), value), mode, rng=1) of scikit-image 0.26, clipped: mean and deviation. */
const scikitImage: [model: string, value: number, mean: number, deviation: number][] = [
  ["gaussian", 0.1, 0.1394, 0.1486], // var=0.04 instead of sigma 0.2
  ["gaussian", 0.9, 0.8606, 0.1486],
  ["speckle", 0.1, 0.1, 0.0299], // var=0.09 instead of sigma 0.3
  ["speckle", 0.9, 0.8352, 0.1901],
  ["salt and pepper", 0.1, 0.14, 0.22], // mode "s&p"
  ["salt and pepper", 0.9, 0.7801, 0.3155],
  ["salt", 0.5, 0.55, 0.15],
  ["pepper", 0.5, 0.45, 0.15],
  ["poisson, few photons", 0.1, 0.1, 0.1582], // an image of three values: it takes 4 photons
  ["poisson, few photons", 0.5, 0.4814, 0.3121],
  ["poisson, few photons", 0.9, 0.7578, 0.2848],
];
for (const [name, value, mean, deviation] of scikitImage)
  test(`${name}: clipped noise on ${value} is distributed as scikit-image's`, () => {
    const found = moments(models[name](flat(value), { seed: 2 }).data);
    assert.ok(Math.abs(found.mean - mean) < (5 * deviation) / Math.sqrt(count), `mean ${found.mean}, not ${mean}`);
    assert.ok(Math.abs(found.deviation - deviation) < 0.02 * deviation, `${found.deviation}, not ${deviation}`);
  });

const distributions: [model: string, value: number, probabilityBelow: (x: number) => number][] = [
  ["uniform", 0.5, (x) => (x - 0.2) / 0.6],
  ["laplace", 0.5, (x) => (x < 0.5 ? Math.exp((x - 0.5) / 0.1) / 2 : 1 - Math.exp((0.5 - x) / 0.1) / 2)],
  ["rician", 0, (x) => 1 - Math.exp(-(x * x) / (2 * 0.04))],
];
for (const [name, value, below] of distributions)
  test(`${name}: the distribution is the closed form's (Kolmogorov-Smirnov)`, () => {
    const sorted = models[name](flat(value), { seed: 3, clip: false }).data.sort();
    const largest = sorted.reduce((most, x, i) => Math.max(most, Math.abs(below(x) - (i + 0.5) / count)), 0);
    assert.ok(largest < 1.95 / Math.sqrt(count), `distance ${largest}`); // 1 in 1,000 is larger
  });

for (const mean of [0.3, 2, 9.9, 10, 30, 200])
  test(`counts of mean ${mean} are as often as Poisson's formula says`, () => {
    const counts = poisson(flat(1), { photons: mean, seed: 4, clip: false }).data.map((x) => Math.round(x * mean));
    let probability = Math.exp(-mean);
    let expected = 0;
    for (let k = 0, largest = 3 * mean + 10; k <= largest; k++, probability *= mean / k) {
      expected += probability;
      const found = counts.reduce((sum, x) => sum + (x <= k ? 1 : 0), 0) / count;
      assert.ok(Math.abs(found - expected) < 1.95 / Math.sqrt(count), `${found} up to ${k}, not ${expected}`);
    }
  });

test("correlated noise: pixels at distance d are correlated by exp(-d² / 4 blur²), the border is as the rest", () => {
  const { data } = correlatedGaussian(flat(0, 100, 32), { sigma: 1, blur: 1.5, seed: 5, clip: false });
  for (const distance of [0, 1, 2, 3])
    for (const step of [1, 32]) {
      let [sum, pairs] = [0, 0];
      for (let i = 0; i < data.length; i++) {
        const along = step === 1 ? i % 32 : Math.floor(i / 32) % 32;
        if (along + distance < 32) {
          sum += data[i] * data[i + distance * step];
          pairs++;
        }
      }
      const expected = Math.exp(-(distance ** 2) / 9);
      assert.ok(Math.abs(sum / pairs - expected) < 0.05, `${sum / pairs} at ${distance}, not ${expected}`);
    }
  const top = data.filter((_, i) => i % 1024 < 32);
  assert.ok(Math.abs(moments(top).deviation - 1) < 0.08, `${moments(top).deviation}`);
});

test("block quantization: a flat block stays to half a step, quality 100 keeps pictures, 5 does not, twice is once", () => {
  const shape = [1, 13, 11, 2] as const;
  const picture = { data: Float32Array.from({ length: 286 }, (_, i) => 0.5 + 0.3 * Math.sin(i * i)), shape };
  const error = (a: Images, b: Images) => a.data.reduce((most, x, i) => Math.max(most, Math.abs(x - b.data[i])), 0);
  // one step of the mean of a block is 16 / 8 / 255 at quality 50
  assert.ok(error(blockQuantization(flat(0.3, 1, 8), { quality: 50 }), flat(0.3, 1, 8)) <= 1 / 255 + 1e-6);
  assert.ok(error(blockQuantization(picture, { quality: 100 }), picture) < 4 / 255);
  assert.ok(error(blockQuantization(picture, { quality: 5 }), picture) > 0.2);
  const whole = { data: picture.data.slice(0, 256), shape: [2, 8, 16, 1] as const };
  const once = blockQuantization(whole, { quality: 30, clip: false });
  assert.ok(error(blockQuantization(once, { quality: 30, clip: false }), once) < 1e-5);
});

for (const [name, model] of [...Object.entries(models), ["in sequence", sequence] as const])
  test(`${name}: seeds, streams, clipping, the first images of a set, a data range, no images`, () => {
    const clean = flat(0.7, 4, 10);
    const noise = (images: Images, seed: number, stream: string) => model(images, { seed, stream });
    const noisy = noise(clean, 1, "test noise");
    assert.deepEqual(noise(clean, 1, "test noise"), noisy);
    assert.notDeepEqual(noise(clean, 2, "test noise"), noisy);
    assert.notDeepEqual(noise(clean, 1, "training noise"), noisy);
    assert.deepEqual(noise(flat(0.7, 2, 10), 1, "test noise").data, noisy.data.slice(0, 200));
    assert.ok(clean.data.every((value) => value === Math.fround(0.7)));
    assert.ok(noisy.data.every((value) => value >= 0 && value <= 1));
    assert.equal(model(flat(0, 0), { seed: 1 }).data.length, 0);
    assert.throws(() => model(flat(Number.NaN, 1, 2), { seed: 1 }), /clean holds NaN/);
    assert.throws(() => model(clean, { seed: 1.5 }), /seed must be a whole number, not 1.5/);
    assert.throws(() => model(clean, { seed: 1, dataRange: 0 }), /dataRange must be a number from 1e-38/);
  });

test("what makes no sense is refused with the value", () => {
  const grey = flat(0.5, 1, 2);
  const draw = { seed: 1 };
  assert.throws(() => inSequence([]), /at least one noise model/);
  assert.throws(() => uniformNoise(grey, { halfWidth: -1, ...draw }), /halfWidth must be .* not -1/);
  assert.throws(() => laplace(grey, { scale: Number.NaN, ...draw }), /scale must be .* not NaN/);
  assert.throws(() => speckle(grey, { sigma: -1, ...draw }), /sigma must be .* not -1/);
  assert.throws(() => rician(grey, { sigma: -1, ...draw }), /sigma must be .* not -1/);
  assert.throws(() => saltAndPepper(grey, { amount: 1.1, ...draw }), /amount must be a number from 0 to 1, not 1.1/);
  assert.throws(() => saltAndPepper(grey, { amount: 1, saltVsPepper: 2, ...draw }), /saltVsPepper must be .* not 2/);
  assert.throws(() => poisson(grey, { photons: 0, ...draw }), /photons must be a positive number, not 0/);
  assert.throws(() => poisson(flat(-0.5, 1, 2), { photons: 9, ...draw }), /values of at least 0, not -0.5/);
  assert.throws(
    () => correlatedGaussian(grey, { sigma: 1, blur: 0, ...draw }),
    /blur must be a positive number, not 0/,
  );
  for (const quality of [0, 101, 50.5])
    assert.throws(() => blockQuantization(grey, { quality }), /quality must be a whole number from 1 to 100/);
});
