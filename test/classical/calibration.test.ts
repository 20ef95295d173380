// J-invariant calibration chooses what scikit-image's does, and nearly what clean images would.
import assert from "node:assert/strict";
import { test } from "node:test";
import { calibrateFilter, denoiseInvariant } from "../../lib/classical/calibration";
import { gaussianFilter } from "../../lib/classical/linear";
import { medianFilter } from "../../lib/classical/median";
import { totalVariation } from "../../lib/classical/total-variation";
import type { Images } from "../../lib/data/images";
import { gaussian } from "../../lib/noise/gaussian";
import { floats, golden } from "../golden";

interface Case {
  filter: "gaussianFilter" | "medianFilter" | "totalVariation";
  sigma: number;
  shape: Images["shape"];
  image: string;
  parameters: Record<string, number>[];
  losses: number[];
  best: Record<string, number>;
  invariant: string;
}
type Filter = (noisy: Images, options: Record<string, number>) => Images;
const filters = { gaussianFilter, medianFilter, totalVariation } as unknown as Record<Case["filter"], Filter>;

for (const { filter, sigma, shape, image, parameters, losses, best, invariant } of golden<Case>("calibration.json"))
  test(`${filter}, sigma ${sigma}: the losses and the choice are scikit-image's, and so is the invariant result`, () => {
    const noisy: Images = { data: floats(image), shape };
    const found = calibrateFilter(noisy, filters[filter], parameters);
    for (const [i, loss] of losses.entries())
      assert.ok(Math.abs(found.losses[i] - loss) < 1e-4 * loss, `${found.losses[i]}, not ${loss}`);
    assert.deepEqual(found.parameters, best);
    const { data } = denoiseInvariant(noisy, (images) => filters[filter](images, best));
    const expected = floats(invariant);
    const error = data.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
    assert.ok(error < 2e-4, `${error}`);
  });

test("several images in colour: the loss is the error against the clean ones, plus the variance of the noise", () => {
  const clean: Images = {
    data: Float32Array.from({ length: 6 * 1600 * 3 }, (_, i) => 0.5 + 0.4 * Math.sin(i / 400)),
    shape: [6, 40, 40, 3],
  };
  const noisy = gaussian(clean, { sigma: 0.2, seed: 4, clip: false });
  const grid = [0.6, 1, 1.6].map((sigma) => ({ sigma }));
  const { losses, parameters } = calibrateFilter(noisy, gaussianFilter, grid);
  for (const [i, options] of grid.entries()) {
    const { data } = denoiseInvariant(noisy, (images) => gaussianFilter(images, options));
    const error = data.reduce((sum, value, at) => sum + (value - clean.data[at]) ** 2, 0) / data.length;
    assert.ok(Math.abs(losses[i] - error - 0.04) < 0.004, `${losses[i]} beside ${error}`);
  }
  assert.deepEqual(parameters, { sigma: 1.6 });
});

test("what makes no sense is refused", () => {
  const small: Images = { data: new Float32Array(4), shape: [1, 2, 2, 1] };
  assert.throws(() => calibrateFilter(small, gaussianFilter, []), /no parameters to choose from/);
  assert.throws(() => calibrateFilter(small, gaussianFilter, [{ sigma: 1 }]), /smaller than the stride/);
  assert.throws(
    () => denoiseInvariant(small, (images) => images, { stride: 1 }),
    /stride must be a whole number of at least 2, not 1/,
  );
});
