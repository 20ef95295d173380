// The figures of the evaluation: which images, where the errors are, how scores are spread, how much noise.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PNG } from "pngjs";
import type { Images } from "../../lib/data/images";
import { comparisonGrid } from "../../lib/figures/comparison-grid";
import { type Figure, lineStyle } from "../../lib/figures/figure";
import { diverging } from "../../lib/figures/image-strip";
import { noiseLevelFigure } from "../../lib/figures/noise-levels";
import { scoreDistributions } from "../../lib/figures/score-distributions";
import { staticSvg } from "../../lib/figures/static-svg";
import { psnr } from "../../lib/metrics/psnr";
import { Random } from "../../lib/random";

// biome-ignore lint/suspicious/noExplicitAny: tests look into the JSON that Plotly gets
const json = (figure: Figure): any => JSON.parse(JSON.stringify(figure));
/** Eight digits, each of one grey: 0, 1/8 … 7/8, plus something. */
const greys = (more: number): Images => ({
  data: Float32Array.from({ length: 8 * 784 }, (_, i) => Math.floor(i / 784) / 8 + more),
  shape: [8, 28, 28, 1],
});

/** The colour in the middle of each of `lefts`, in widths of an image, of the picture of a row. */
function colors(source: string, lefts: number[]): number[][] {
  const { width, height, data } = PNG.sync.read(Buffer.from(source.split(",")[1], "base64"));
  return lefts.map((left) => {
    const at = 4 * ((height / 2) * width + Math.round((left + 0.5) * height));
    return [...data.subarray(at, at + 3)];
  });
}

test("the grid shows the images that are chosen, in named groups, each with its own score", () => {
  const figure = comparisonGrid(greys(0), [{ name: "noisy", images: greys(0.2) }], "Groups", {
    worst: [7, 5],
    best: [1],
  });
  const { data, layout, alt } = json(figure);
  const [original, noisy] = layout.images;
  const lefts = [0, 1, 2.25];
  assert.deepEqual(colors(original.source, lefts), [[223, 223, 223], [159, 159, 159], [32, 32, 32]]); // biome-ignore format: short
  assert.deepEqual(colors(noisy.source, lefts)[2], [83, 83, 83]);
  const scores = psnr(greys(0), greys(0.2));
  const expected = [7, 5, 1].map((i) => `${scores[i].toFixed(1)} dB`);
  assert.deepEqual(data[0].text, ["worst", "best", ...expected]);
  // a group's name above its middle, a score below its image
  assert.deepEqual(data[0].x, [1, 2.75, 0.5, 1.5, 2.75]);
  const [names, numbers] = [data[0].y[0], data[0].y[2]];
  assert.ok(names < original.y && original.y + 1 <= noisy.y && numbers > noisy.y + 1);
  assert.match(alt, /3 digits.*Mean PSNR of the worst 2: noisy 14\.0 dB\. Mean PSNR of the best 1: noisy 14\.0 dB\./);
  const wrong = () => comparisonGrid(greys(0), [], "", { best: [8] });
  assert.throws(wrong, /no image 8 among 8/);
});

test("errors are blue where a picture is too dark, red where it is too bright, and the figure says so", () => {
  const rows = [-0.3, 0, 0.3].map((more) => ({ name: `${more}`, images: greys(more), shows: "errors" as const }));
  const figure = comparisonGrid(greys(0), rows, "Errors", 2);
  const { data, layout } = json(figure);
  const [dark, right, bright] = layout.images.slice(1, 4).map(({ source }: { source: string }) => colors(source, [1]));
  const [[red, , blue]] = dark;
  assert.ok(blue > red + 60);
  assert.deepEqual(right, [[247, 247, 247]]);
  assert.ok(bright[0][0] > bright[0][2] + 60);
  assert.deepEqual(data[0].text, ["too dark by 0.5 or more", "as the original", "too bright by 0.5 or more"]);
  assert.deepEqual([diverging(-3), diverging(3)], [diverging(-0.5), diverging(0.5)]);
  assert.equal(staticSvg(figure).match(/<image /g)?.length, 5);
  const withoutErrors = comparisonGrid(greys(0), [{ name: "noisy", images: greys(0.1) }], "", 2);
  assert.doesNotMatch(staticSvg(withoutErrors), /too dark/);
});

test("distributions: a line of area 1 for each method from worst to best image, and an upright at the mean", () => {
  const random = new Random(5);
  const scores = (mean: number, n: number) => Float64Array.from({ length: n }, () => mean + 2 * random.normal());
  const methods = [
    { name: "noisy", values: scores(10, 500) },
    { name: "denoised", values: scores(20, 2000) },
  ];
  const figure = scoreDistributions(methods, { title: "Spread", xTitle: "PSNR, dB" });
  const { data, layout, alt } = json(figure);
  for (const [i, { name, values }] of methods.entries()) {
    const [line, upright] = [data[2 * i], data[2 * i + 1]];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.equal(line.name, `${name}, mean ${mean.toPrecision(4)}`);
    assert.deepEqual([line.x[0], line.x.at(-1)], [Math.min(...values), Math.max(...values)]);
    const area = line.y.reduce((sum: number, y: number) => sum + y, 0) * (line.x[1] - line.x[0]);
    assert.ok(Math.abs(area - 1) < 0.03, `${area}`);
    const peak = 1 / (2 * Math.sqrt(2 * Math.PI));
    assert.ok(Math.abs(upright.y[1] / peak - 1) < 0.15 && Math.abs(upright.x[0] - mean) < 1e-9);
    assert.ok(line.y.every((y: number) => y < layout.yaxis.range[1]));
  }
  assert.notEqual(data[0].line.dash, data[2].line.dash);
  assert.match(alt, /^Spread: noisy mean \S+, nine tenths of the images between 6\.\d+ and 13\.\d+; denoised mean/);
  assert.match(staticSvg(figure), /denoised, mean 19\.98</);
});

test("distributions of perfect, equal or single scores are drawn without broken numbers", () => {
  const methods = [
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, 20, 21],
    [20, 20, 20],
    [30],
  ].map((values, i) => ({ name: `method ${i}`, values: Float64Array.from(values) }));
  const svg = staticSvg(scoreDistributions(methods, { title: "Odd", xTitle: "PSNR, dB" }));
  assert.doesNotMatch(svg, /NaN|undefined|="[^"]*Infinity/);
  assert.match(svg, /method 1, mean Infinity/);
});

test("the sweep shows each method's scores with intervals, PSNR first, with a switch to SSIM", () => {
  const intervals = (...means: number[]) => means.map((mean) => ({ mean, low: 0.9 * mean, high: 1.2 * mean }));
  const methods = [
    { name: "noisy", psnr: intervals(20, 10), ssim: intervals(0.7, 0.3) },
    { name: "U-Net", psnr: intervals(30, 21), ssim: intervals(0.9, 0.8) },
  ];
  const figure = noiseLevelFigure([0.1, 0.5], methods, "Sweep");
  const { data, layout, alt } = json(figure);
  const shown = (visible: boolean[]) =>
    data.flatMap((line: { name: string; y: number[] }, i: number) => (visible[i] ? [[line.name, ...line.y]] : []));
  const first = data.map(({ visible }: { visible: boolean }) => visible);
  const [psnrButton, ssimButton] = layout.updatemenus[0].buttons;
  assert.deepEqual(shown(first), [["noisy", 20, 10], ["U-Net", 30, 21]]); // biome-ignore format: short
  assert.deepEqual(psnrButton.args, [{ visible: first }, { "yaxis.title.text": layout.yaxis.title.text }]);
  assert.deepEqual(shown(ssimButton.args[0].visible), [["noisy", 0.7, 0.3], ["U-Net", 0.9, 0.8]]); // biome-ignore format: short
  assert.equal(ssimButton.args[1]["yaxis.title.text"], "SSIM");
  assert.ok(Math.abs(data[1].error_y.array[0] - 6) < 1e-9 && Math.abs(data[1].error_y.arrayminus[0] - 3) < 1e-9);
  assert.match(alt, /from 0\.1 to 0\.5: noisy from 20\.0 dB and SSIM 0\.70 to 10\.0 dB and 0\.30; U-Net from 30\.0 dB/);
  assert.throws(() => noiseLevelFigure([0.1], methods, ""), /noisy: 2 psnr scores for 1 sigmas/);

  const svg = staticSvg(figure);
  assert.match(svg, /PSNR, dB/);
  assert.doesNotMatch(svg, /SSIM<|NaN|undefined/);
  // the legend stands beside the plot, which ends where the margin begins
  const legend = Number(svg.match(/<text x="(\d+)" y="\d+" >U-Net</)?.[1]);
  assert.ok(legend > 900 - layout.margin.r && legend < 900);
});

test("nine lines have nine colours, and tell themselves apart without colours too", () => {
  const styles = Array.from({ length: 9 }, (_, place) => lineStyle(place));
  assert.equal(new Set(styles.map(({ color }) => color)).size, 9);
  assert.equal(new Set(styles.map(({ dash, symbol }) => `${dash} ${symbol}`)).size, 9);
});
