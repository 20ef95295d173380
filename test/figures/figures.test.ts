import assert from "node:assert/strict";
import { test } from "node:test";
import { PNG } from "pngjs";
import type { Images } from "../../lib/data/images";
import { differenceTable, scoreTable } from "../../lib/evaluation/score-tables";
import { tableHtml, tableText } from "../../lib/evaluation/table";
import { comparisonGrid } from "../../lib/figures/comparison-grid";
import type { Figure } from "../../lib/figures/figure";
import { staticImage, staticSvg } from "../../lib/figures/static-svg";
import { trainingCurves } from "../../lib/figures/training-curves";
import { psnr } from "../../lib/metrics/psnr";

const epochs = [0.1, 0.03, 0.012, 0.013].map((valLoss, i) => ({
  epoch: i + 1,
  loss: valLoss * 0.9,
  valLoss,
  learningRate: 0.001,
  seconds: 1,
}));
const digits = (value: number): Images => ({ data: new Float32Array(3 * 784).fill(value), shape: [3, 28, 28, 1] });
const grid = comparisonGrid(
  digits(0.2),
  [
    { name: "noisy", images: digits(0.6) },
    { name: "denoised", images: digits(0.25) },
  ],
  "Three greys",
);
const curves = trainingCurves(epochs, "Loss <of> a model");
// biome-ignore lint/suspicious/noExplicitAny: tests look into the JSON that Plotly gets
const json = (figure: Figure): any => JSON.parse(JSON.stringify(figure));

test("curves show both losses over epochs, with a switch between log and linear", () => {
  const { data, layout } = json(curves);
  assert.deepEqual(
    data.map(({ name, x, y }: { name: string; x: number[]; y: number[] }) => [name, x.length, y[3]]),
    [
      ["training loss", 4, 0.013 * 0.9],
      ["validation loss", 4, 0.013],
    ],
  );
  assert.equal(layout.yaxis.type, "log");
  assert.deepEqual(
    layout.updatemenus[0].buttons.map((button: { label: string }) => button.label),
    ["log", "linear"],
  );
  assert.match(
    curves.alt,
    /validation loss from 0.100 to 0.0130 in 4 epochs; lowest validation loss 0.0120 in epoch 3/,
  );
  assert.match(trainingCurves([], "Loss").alt, /no epoch has ended yet/);
});

test("a running training has its batches as a line, and an axis with room to grow that changes seldom", () => {
  const upTo = (epoch: number) => {
    const batches = [0.01, epoch / 2, epoch].map((at) => ({ epoch: at, loss: 1 / (1 + at) }));
    return json(trainingCurves(epochs.slice(0, Math.floor(epoch)), "Loss", { epochs: 12, batches }));
  };
  const { data } = upTo(2.5);
  assert.deepEqual(
    data.map(({ name, x }: { name: string; x: number[] }) => [name, x.length]),
    [
      ["batches", 3],
      ["training loss", 2],
      ["validation loss", 2],
    ],
  );
  assert.deepEqual(
    [0.1, 4, 4.1, 8, 8.1, 12].map((epoch) => upTo(epoch).layout.xaxis.range[1]),
    [4, 4, 8, 8, 12, 12],
  );
});

test("losses below zero, which have no logarithm, are drawn on a linear scale", () => {
  const below = epochs.map((epoch) => ({ ...epoch, loss: epoch.loss - 5, valLoss: epoch.valLoss - 5 }));
  const figure = trainingCurves(below, "Loss");
  const { layout } = json(figure);
  assert.equal(layout.yaxis.type, "linear");
  assert.equal(layout.updatemenus, undefined);
  const [line] = /<polyline[^>]*points="([^"]+)"|<path[^>]*d="([^"]+)"/.exec(staticSvg(figure)) ?? [""];
  assert.ok(line !== "" && !line.includes("NaN"), line);
});

test("the grid shows each stack as a row of its pixels, with each image's PSNR", () => {
  const { data, layout } = json(grid);
  assert.deepEqual(layout.yaxis.ticktext, ["original", "noisy", "denoised"]);
  const expected = [...psnr(digits(0.2), digits(0.6)), ...psnr(digits(0.2), digits(0.25))].map(
    (value) => `${value.toFixed(1)} dB`,
  );
  assert.deepEqual(data[0].text, expected);
  const shades = layout.images.map(({ source }: { source: string }) => {
    const picture = PNG.sync.read(Buffer.from(source.split(",")[1], "base64"));
    assert.deepEqual([picture.width / picture.height], [3]);
    return picture.data[4 * (10 * picture.width + 20)];
  });
  assert.deepEqual(shades, [51, 153, 64]);
  assert.throws(
    () => comparisonGrid(digits(0), [{ name: "noisy", images: { ...digits(0), shape: [3, 14, 56, 1] } }], ""),
    /same shape/,
  );
});

test("stills are SVG with the figure's lines, pictures and words, and an alternative text", () => {
  const svg = staticSvg(curves);
  assert.ok(svg.startsWith("<svg ") && svg.includes("Loss &#60;of&#62; a model") && svg.includes("validation loss"));
  // at each value and in the legend
  assert.equal(svg.match(/<path d="M-3 0a3 3/g)?.length, 8 + 2);
  assert.equal(staticSvg(grid).match(/<image /g)?.length, 3);
  assert.ok(
    !/NaN|undefined/.test(
      staticSvg(grid) +
        svg +
        staticSvg(trainingCurves([], "empty")) +
        staticSvg(trainingCurves(epochs.slice(0, 1), "one")),
    ),
  );
  assert.match(
    staticImage(grid),
    /^<img alt="Three greys: 3 digits, rows from top to bottom: original, noisy, denoised\. .*" src="data:image\/svg\+xml;base64,/,
  );
});

test("tables align in the terminal and escape in HTML", () => {
  const interval = (mean: number) => ({ mean, low: mean - 0.01, high: mean + 0.01 });
  const table = scoreTable([
    { name: "a <b>", scores: { psnr: interval(20.958), ssim: interval(0.8371), imageSsim: interval(0.7) } },
  ]);
  assert.deepEqual(table.rows[0], [
    "a <b>",
    "20.96 (20.95 to 20.97)",
    "0.8371 (0.8271 to 0.8471)",
    "0.7000 (0.6900 to 0.7100)",
  ]);
  assert.ok(tableHtml(table).includes("a &#60;b&#62;"));
  const lines = tableText(table).split("\n");
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
});

test("accuracy is a column where there is one, and differences have signs", () => {
  const around = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });
  const scores = { psnr: around(-0.011, 0.01), ssim: around(0.02, 0.03), imageSsim: around(0, 0.00001) };
  const rows = [
    { name: "noisy", scores },
    { name: "denoised", scores, accuracy: around(0.987, 0.001) },
  ];
  const { columns, rows: cells } = scoreTable(rows);
  assert.match(columns[4], /classifier accuracy/);
  assert.deepEqual([cells[0][4], cells[1][4]], ["", "98.70 (98.60 to 98.80)"]);
  assert.equal(scoreTable(rows.slice(0, 1)).columns.length, 4);
  const difference = { name: "U-Net − simple autoencoder", scores, accuracy: around(0.0113, 0.0002) };
  assert.deepEqual(differenceTable([difference]).rows, [
    [
      "U-Net − simple autoencoder",
      "−0.01 (−0.02 to 0.00)",
      "+0.0200 (−0.0100 to 0.0500)",
      "0.0000 (0.0000 to 0.0000)",
      "+1.13 (1.11 to 1.15)",
    ],
  ]);
});
