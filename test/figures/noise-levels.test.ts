import assert from "node:assert/strict";
import { test } from "node:test";
import { noiseLevelFigure } from "../../lib/figures/noise-levels";
import { json } from "./fixtures";
import { assertGolden } from "./golden";

test("noise levels look as committed: a line with error bars for each method", () => {
  const sigmas = [0.1, 0.2, 0.4, 0.6, 0.8, 1];
  const method = (name: string, start: number, slope: number) => ({
    name,
    psnr: sigmas.map((sigma) => {
      const mean = start - slope * sigma;
      return { mean, low: mean - 0.5, high: mean + 0.3 };
    }),
    ssim: sigmas.map(() => ({ mean: 0.8, low: 0.7, high: 0.9 })),
  });
  const methods = [
    method("noisy", 22, 16),
    method("median", 24, 13),
    method("total variation", 28, 15),
    method("simple autoencoder, for 0.5", 24, 10),
    method("U-Net, for 0.5", 26, 11),
    method("U-Net, for 0.1 to 1", 30, 13),
  ];
  assertGolden("noise-levels", noiseLevelFigure(sigmas, methods, "PSNR over the strength of the noise"));
});

test("buttons switch between PSNR, shown first, and SSIM", () => {
  const intervals = (...means: number[]) => means.map((mean) => ({ mean, low: 0.9 * mean, high: 1.2 * mean }));
  const methods = [
    { name: "noisy", psnr: intervals(20, 10), ssim: intervals(0.7, 0.3) },
    { name: "U-Net", psnr: intervals(30, 21), ssim: intervals(0.9, 0.8) },
  ];
  const { data, layout, alt } = json(noiseLevelFigure([0.1, 0.5], methods, "Levels"));
  const shown = (visible: boolean[]) =>
    data.flatMap((line: { name: string; y: number[] }, i: number) => (visible[i] ? [[line.name, ...line.y]] : []));
  const first = data.map(({ visible }: { visible: boolean }) => visible);
  const [psnrButton, ssimButton] = layout.updatemenus[0].buttons;
  assert.deepEqual(shown(first), [["noisy", 20, 10], ["U-Net", 30, 21]]); // biome-ignore format: short
  assert.deepEqual(psnrButton.args[0], { visible: first });
  assert.equal(psnrButton.args[1]["yaxis.title.text"], layout.yaxis.title.text);
  assert.deepEqual(shown(ssimButton.args[0].visible), [["noisy", 0.7, 0.3], ["U-Net", 0.9, 0.8]]); // biome-ignore format: short
  assert.equal(ssimButton.args[1]["yaxis.title.text"], "SSIM");
  assert.ok(Math.abs(data[1].error_y.array[0] - 6) < 1e-9 && Math.abs(data[1].error_y.arrayminus[0] - 3) < 1e-9);
  assert.match(alt, /from 0\.1 to 0\.5: noisy from 20\.0 dB and SSIM 0\.70 to 10\.0 dB and 0\.30; U-Net from 30\.0 dB/);
  assert.throws(
    () => noiseLevelFigure([0.1], methods, ""),
    /noisy: there must be one psnr score for each of the 1 standard deviations, not 2/,
  );
});
