import assert from "node:assert/strict";
import { test } from "node:test";
import type { Images } from "../../lib/data/images";
import { tf } from "../../lib/engine";
import { mae, mse } from "../../lib/metrics/errors";
import { imageSsim } from "../../lib/metrics/image-ssim";
import { psnr } from "../../lib/metrics/psnr";
import { ssim } from "../../lib/metrics/ssim";
import { Random } from "../../lib/random";
import { floats, golden } from "../golden";

interface Case {
  name: string;
  shape: [number, number, number, number];
  dataRange: number;
  clean: string;
  denoised: string;
  psnr: number;
  ssim: number;
  gaussianSsim: number | null;
  mse: number;
  mae: number;
}

const ramp = (length: number, factor: number) => Float32Array.from({ length }, (_, i) => ((i * factor) % 97) / 97);
const images = (n: number, size: number, factor: number): Images => ({
  data: ramp(n * size * size, factor),
  shape: [n, size, size, 1],
});

for (const { name, shape, dataRange, clean, denoised, ...expected } of golden<Case>("metrics.json"))
  test(`metrics equal scikit-image's: ${name}`, () => {
    const pair = [
      { data: floats(clean), shape },
      { data: floats(denoised), shape },
    ] as const;
    const close = (actual: Float64Array, value: number, tolerance = 1e-9) =>
      assert.ok(Math.abs(actual[0] - value) < tolerance, `${actual[0]} instead of ${value}`);
    close(psnr(...pair, { dataRange }), expected.psnr);
    close(ssim(...pair, { dataRange }), expected.ssim);
    close(mse(...pair), expected.mse, 1e-9 * dataRange ** 2);
    close(mae(...pair), expected.mae, 1e-9 * dataRange);
    if (expected.gaussianSsim !== null) close(ssim(...pair, { dataRange, window: "gaussian" }), expected.gaussianSsim);
    else assert.throws(() => ssim(...pair, { window: "gaussian" }), /at least 11x11 pixels/);
  });

/** SSIM of one image as it is defined: for each window, the weighted mean, variances and covariance of its pixels. */
function definedSsim(
  { data: x, shape: [, height, width, channels] }: Images,
  { data: y }: Images,
  weights: number[][],
) {
  const size = weights.length;
  const normalization = size === 7 ? 49 / 48 : 1;
  const values: number[] = [];
  for (let row = 0; row + size <= height; row++)
    for (let column = 0; column + size <= width; column++)
      for (let channel = 0; channel < channels; channel++) {
        const mean = (of: (at: number) => number) =>
          weights
            .flatMap((line, i) =>
              line.map((weight, j) => weight * of(((row + i) * width + column + j) * channels + channel)),
            )
            .reduce((sum, value) => sum + value);
        const [meanX, meanY] = [mean((at) => x[at]), mean((at) => y[at])];
        const covariance = normalization * mean((at) => (x[at] - meanX) * (y[at] - meanY));
        const variances = normalization * mean((at) => (x[at] - meanX) ** 2 + (y[at] - meanY) ** 2);
        values.push(
          ((2 * meanX * meanY + 1e-4) * (2 * covariance + 9e-4)) /
            ((meanX ** 2 + meanY ** 2 + 1e-4) * (variances + 9e-4)),
        );
      }
  return values.reduce((sum, value) => sum + value) / values.length;
}

for (const [height, width, channels] of [
  [7, 7, 1],
  [11, 60, 2],
  [60, 11, 3],
  [28, 28, 1],
  [300, 12, 1],
])
  test(`SSIM is what its definition says: ${height}x${width}, ${channels} channels`, () => {
    const random = new Random(height);
    const noise = (outlier: number): Images => {
      const data = Float32Array.from({ length: height * width * channels }, () => random.uniform());
      data[data.length >> 1] = outlier;
      return { data, shape: [1, height, width, channels] };
    };
    const uniform = Array.from({ length: 7 }, () => new Array<number>(7).fill(1 / 49));
    const bell = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / 4.5));
    const sum = bell.reduce((total, value) => total + value);
    const gaussian = bell.map((a) => bell.map((b) => (a * b) / sum ** 2));
    for (const outlier of [0, 1000]) {
      const [clean, noisy] = [noise(0.5), noise(outlier)];
      assert.ok(Math.abs(ssim(clean, noisy)[0] - definedSsim(clean, noisy, uniform)) < 1e-9);
      if (Math.min(height, width) >= 11)
        assert.ok(Math.abs(ssim(clean, noisy, { window: "gaussian" })[0] - definedSsim(clean, noisy, gaussian)) < 1e-9);
    }
  });

test("each image of a stack gets its own value", () => {
  const clean = images(3, 12, 31);
  const noisy = images(3, 12, 37);
  for (const metric of [psnr, ssim, imageSsim]) {
    const together = metric(clean, noisy);
    for (let i = 0; i < 3; i++) {
      const one = (all: Images): Images => ({ data: all.data.slice(i * 144, (i + 1) * 144), shape: [1, 12, 12, 1] });
      assert.ok(Math.abs(metric(one(clean), one(noisy))[0] - together[i]) < 1e-9);
    }
  }
});

test("identical images: infinite PSNR, SSIM of 1", () => {
  const same = images(2, 16, 29);
  assert.deepEqual([...psnr(same, same)], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  for (const value of [...ssim(same, same), ...imageSsim(same, same)]) assert.ok(Math.abs(value - 1) < 1e-9);
});

test("metrics are symmetric, and do not change when values and dataRange are scaled together", () => {
  const a = images(1, 16, 29);
  const b = images(1, 16, 41);
  const scaled = ({ data, shape }: Images): Images => ({ data: data.map((value) => value * 255), shape });
  for (const metric of [psnr, ssim, imageSsim]) {
    assert.ok(Math.abs(metric(a, b)[0] - metric(b, a)[0]) < 1e-9);
    assert.ok(Math.abs(metric(a, b)[0] - metric(scaled(a), scaled(b), { dataRange: 255 })[0]) < 1e-5);
  }
});

test("wrong input is an error that says what is wrong, never NaN", () => {
  const good = images(2, 16, 29);
  const broken: Images = { ...good, data: good.data.map((value, i) => (i === 300 ? Number.NaN : value)) };
  for (const metric of [psnr, ssim, imageSsim]) {
    assert.throws(
      () => metric(good, images(2, 12, 29)),
      /clean \[2, 16, 16, 1\] and denoised \[2, 12, 12, 1\] must have the same shape/,
    );
    assert.throws(() => metric(good, { ...good, data: good.data.slice(1) }), /needs 512 values, but data holds 511/);
    assert.throws(() => metric(good, broken), /denoised holds NaN \(image 1\)/);
    assert.throws(() => metric(good, good, { dataRange: 0 }), /dataRange must be a number from 1e-38 to 3e\+38, not 0/);
  }
  assert.throws(() => ssim(images(1, 6, 3), images(1, 6, 3)), /at least 7x7 pixels, not 6x6/);
  for (const side of [1, 9, 17])
    assert.throws(() => imageSsim(images(1, side, 3), images(1, side, 5)), /cannot score .* its last window/);
  for (const side of [2, 8, 10, 23])
    assert.ok(Number.isFinite(imageSsim(images(1, side, 3), images(1, side, 5))[0]), `${side}`);
  assert.throws(() => ssim(good, good, { window: "box" as "uniform" }), /window must be "uniform" or "gaussian"/);
});

test("a value that is not finite is an error wherever it is, in one image or in both", () => {
  const good = images(2, 16, 29);
  const gaussianSsim: typeof ssim = (clean, denoised) => ssim(clean, denoised, { window: "gaussian" });
  for (const metric of [psnr, mse, mae, ssim, gaussianSsim, imageSsim])
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (const place of [0, 255, 256, 400, 511]) {
        const broken: Images = { ...good, data: good.data.map((old, i) => (i === place ? value : old)) };
        const said = (name: string) => new RegExp(`${name} holds ${value} \\(image ${place >> 8}\\)`);
        assert.throws(() => metric(broken, good), said("clean"));
        assert.throws(() => metric(good, broken), said("denoised"));
        assert.throws(() => metric(broken, broken), said("clean"));
      }
});

const gaussianSsim: typeof ssim = (clean, denoised, options) =>
  ssim(clean, denoised, { ...options, window: "gaussian" });

for (const dataRange of [1e-38, 2 ** -100, 1e-20, 1e-10, 2 ** 30, 1e19, 2 ** 100, 1e38, 3e38])
  test(`scores of images in [0, ${dataRange}] are those of the same images in [0, 1]`, () => {
    const [clean, noisy] = [images(2, 16, 29), images(2, 16, 41)];
    const scaled = ({ data, shape }: Images): Images => ({ data: data.map((value) => value * dataRange), shape });
    // a power of two changes no digit; other factors round each value once more
    const tolerance = Number.isInteger(Math.log2(dataRange)) ? 1e-9 : 1e-5;
    for (const metric of [psnr, ssim, gaussianSsim, imageSsim]) {
      const expected = metric(clean, noisy);
      for (const [i, score] of metric(scaled(clean), scaled(noisy), { dataRange }).entries())
        assert.ok(Math.abs(score - expected[i]) < tolerance, `${score} instead of ${expected[i]}`);
    }
  });

test("a data range that single precision cannot hold is refused", () => {
  const [clean, noisy] = [images(1, 16, 29), images(1, 16, 41)];
  for (const metric of [psnr, ssim, gaussianSsim, imageSsim])
    for (const dataRange of [1e-320, 1e-200, 1e-40, 3.5e38, 1e200, Number.POSITIVE_INFINITY, Number.NaN, -1])
      assert.throws(() => metric(clean, noisy, { dataRange }), /dataRange must be a number from 1e-38 to 3e\+38/);
});

test("values too large for the data range give a right number or an error, never NaN", () => {
  const [clean, noisy] = [images(1, 16, 29), images(1, 16, 41)];
  const large = ({ data, shape }: Images): Images => ({ data: data.map((value) => 3e38 * value), shape });
  for (const metric of [psnr, ssim, gaussianSsim, imageSsim])
    for (const dataRange of [1e-38, 1e-20, 1])
      for (const pair of [[clean, noisy] as const, [large(clean), large(noisy)] as const])
        try {
          assert.ok(Number.isFinite(metric(...pair, { dataRange })[0]));
        } catch (error) {
          assert.match((error as Error).message, /images with values of up to \S+ are too large for a dataRange of/);
        }
});

test("images without pixels are refused; a stack of no images has no scores", () => {
  for (const metric of [psnr, ssim, gaussianSsim, imageSsim, mse, mae]) {
    for (const shape of [
      [2, 16, 16, 0],
      [2, 0, 16, 1],
    ] as const) {
      const empty: Images = { data: new Float32Array(0), shape };
      assert.throws(() => metric(empty, empty), /images of .* have no pixels/);
    }
    const none = images(0, 16, 1);
    assert.deepEqual(metric(none, none), new Float64Array(0));
  }
});

test("without TensorFlow, SSIM is the same", async () => {
  const pairs = [
    [images(3, 28, 29), images(3, 28, 41)],
    [images(1, 7, 13), images(1, 7, 31)],
  ] as const;
  const options = [{}, { dataRange: 255 }, { dataRange: 1e-30 }] as const;
  const scores = () => pairs.flatMap((pair) => options.flatMap((option) => [...ssim(...pair, option)]));
  const native = scores();
  await tf.setBackend("cpu");
  try {
    for (const [i, score] of scores().entries())
      assert.ok(Math.abs(score - native[i]) < 1e-12, `${score} and ${native[i]}`);
  } finally {
    await tf.setBackend("tensorflow");
  }
});
