import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import type { Images } from "../../lib/data/images";
import { closeUps, closeUpsHtml } from "../../lib/figures/close-ups";
import { closeUpsSvg } from "../../lib/figures/close-ups-svg";
import { psnr } from "../../lib/metrics/psnr";
import { ssim } from "../../lib/metrics/ssim";
import { figureOutput } from "../../lib/notebook/display";
import { outputOf } from "../../lib/notebook/values";
import { wave } from "../golden";

const picture = (channels: 1 | 3, phase = 0): Images => ({
  data: wave(60 * 400 * channels, phase),
  shape: [1, 60, 400, channels],
});
const region = { top: 20, left: 300, height: 30, width: 50 };
const bytes = (source: string) => Buffer.from(source.split(",")[1], "base64");

for (const channels of [1, 3] as const)
  test(`close-ups have the exact pixels of the region, ${channels === 1 ? "in grey" : "in colour"}; scores are those of the whole picture`, async () => {
    const [clean, noisy] = [picture(channels), picture(channels, 1)];
    const methods = [{ name: "noisy", images: noisy }];
    const figure = await closeUps(clean, methods, region, "A picture");
    assert.deepEqual(
      figure.closeUps.map(({ name, width, height }) => [name, width, height]),
      [["original", 150, 90], ["noisy", 150, 90]], // biome-ignore format: short
    );
    const scores = `${psnr(clean, noisy)[0].toFixed(2)} dB / ${ssim(clean, noisy)[0].toFixed(4)}`.replace("-", "−");
    assert.equal(figure.closeUps[1].scores, scores);
    for (const [i, images] of [clean, noisy].entries()) {
      const { data, info } = await sharp(bytes(figure.closeUps[i].source))
        .toColourspace(channels === 1 ? "b-w" : "srgb")
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [50, 30]);
      for (let at = 0; at < data.length; at++) {
        const [pixel, channel] = [Math.floor(at / info.channels), at % info.channels];
        const [row, column] = [region.top + Math.floor(pixel / 50), region.left + (pixel % 50)];
        const value = images.data[(row * 400 + column) * channels + Math.min(channel, channels - 1)];
        assert.equal(data[at], Math.round(255 * value));
      }
    }
    assert.match(
      figure.alt,
      /^A picture: a picture of 400 x 60 pixels, and 50 x 30 pixels of it enlarged\. original, noisy /,
    );
  });

test("the original is shown whole with the region marked, and methods that ask for it", async () => {
  const clean = { ...picture(3), data: new Float32Array(60 * 400 * 3).fill(0.5) };
  const methods = [
    { name: "noisy", images: picture(3) },
    { name: "U-Net", images: clean, whole: true },
  ];
  const { wholes } = await closeUps(clean, methods, region, "A wall");
  assert.deepEqual(
    wholes.map(({ name, width, height }) => [name, width, height]),
    [["original", 344, 52], ["U-Net", 344, 52]], // biome-ignore format: short
  );
  const [marked, plain] = await Promise.all(
    wholes.map(({ source }) => sharp(bytes(source)).greyscale().raw().toBuffer()),
  );
  const [inFrame, outside] = [Math.round(1.5 * 17.2) * 344 + Math.round(300 * 0.86), 5 * 344 + 20];
  assert.ok(Math.max(...marked.subarray(inFrame - 3, inFrame + 4)) > 200, "a white line");
  assert.ok(Math.min(...marked.subarray(inFrame - 3, inFrame + 4)) < 90, "with a black edge");
  for (const [image, at] of [[plain, inFrame], [marked, outside]] as const) assert.ok(Math.abs(image[at] - 128) < 4); // biome-ignore format: short
});

test("a cell shows close-ups as HTML without scripts; names are escaped", async () => {
  const clean = picture(1);
  const figure = await closeUps(clean, [{ name: "a < b", images: clean }], region, "A & B");
  const html = closeUpsHtml(figure);
  assert.match(html, /A &#38; B/);
  assert.match(html, /a &#60; b/);
  assert.doesNotMatch(html, /<script|<style|<svg/);
  assert.deepEqual(outputOf(figure), figureOutput(figure));
  assert.deepEqual(figureOutput(figure), {
    "text/html": html,
    "image/svg+xml": closeUpsSvg(figure),
    "text/plain": figure.alt,
  });
});

test("what cannot be shown is an error that says what is wrong", async () => {
  const clean = picture(3);
  const shown = (where: object, images = clean) =>
    closeUps(clean, [{ name: "noisy", images }], { ...region, ...where }, "");
  await assert.rejects(
    shown({}, picture(1)),
    /clean \[1, 60, 400, 3\] and noisy \[1, 60, 400, 1\] must have the same shape/,
  );
  await assert.rejects(shown({ top: 31 }), /region\.top must be a whole number from 0 to 30, not 31/);
  await assert.rejects(shown({ width: 401 }), /region\.width must be a whole number from 1 to 400, not 401/);
  const two: Images = { data: new Float32Array(2 * 64), shape: [2, 8, 8, 1] };
  await assert.rejects(closeUps(two, [], region, ""), /close-ups show one picture, not 2/);
});

test("as a static SVG, four close-ups stand beside each other, each with its name and scores", async () => {
  const clean = picture(1);
  const methods = ["noisy", "a", "b", "c & d"].map((name) => ({ name, images: { ...clean } }));
  const svg = closeUpsSvg(await closeUps(clean, methods, region, "A wall"));
  const places = [...svg.matchAll(/<image [^>]*x="(\d+)" y="(\d+)" width="150" height="90"/g)].map(
    ([, x, y]) => `${x},${y}`,
  );
  assert.deepEqual(places, ["10,40", "168,40", "326,40", "484,40", "10,176"]);
  assert.match(svg, /c &#38; d/);
  assert.match(svg, /<text [^>]*>∞ dB \/ 1\.0000<\/text>/);
});
