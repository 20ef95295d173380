import assert from "node:assert/strict";
import { test } from "node:test";
import { meanFilter } from "../../lib/classical/linear";
import type { Images } from "../../lib/data/images";
import { scoreLevels } from "../../lib/evaluation/noise-levels";
import { psnr } from "../../lib/metrics/psnr";
import { ssim } from "../../lib/metrics/ssim";
import { gaussian } from "../../lib/noise/gaussian";

const clean: Images = { data: new Float32Array(6 * 256).fill(0.5), shape: [6, 16, 16, 1] };
const noisy = (sigma: number) => gaussian(clean, { sigma, seed: 1, stream: "test noise" });
const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

test("each method is scored on the same noisy images of each level, of which it is told the level", () => {
  const told: number[] = [];
  const smooth = (images: Images, sigma: number) => {
    told.push(sigma);
    assert.deepEqual(images, noisy(sigma));
    return meanFilter(images, { size: 3 });
  };
  const [unchanged, filtered] = scoreLevels(clean, [0.1, 0.3], [{ name: "mean 3x3", denoise: smooth }], noisy);
  assert.deepEqual([unchanged.name, filtered.name], ["noisy", "mean 3x3"]);
  assert.deepEqual(told, [0.1, 0.3]);
  for (const [i, sigma] of [0.1, 0.3].entries()) {
    assert.equal(unchanged.psnr[i].mean, mean(psnr(clean, noisy(sigma))));
    const denoised = meanFilter(noisy(sigma), { size: 3 });
    assert.equal(filtered.psnr[i].mean, mean(psnr(clean, denoised)));
    assert.equal(filtered.ssim[i].mean, mean(ssim(clean, denoised)));
    assert.ok(filtered.psnr[i].low < filtered.psnr[i].mean && filtered.psnr[i].mean < filtered.psnr[i].high);
  }
});

test("a method that gives images of another shape is refused", () => {
  const wrong = () => ({ data: new Float32Array(4), shape: [1, 2, 2, 1] as const });
  assert.throws(() => scoreLevels(clean, [0.1], [{ name: "wrong", denoise: wrong }], noisy), /same shape/);
});
