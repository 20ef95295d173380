import assert from "node:assert/strict";
import { test } from "node:test";
import type { PictureSet } from "../../lib/data/image-folder";
import { tf } from "../../lib/engine";
import { modelSummary } from "../../lib/evaluation/model-summary";
import { differenceTable, digitTable, formatInterval, scoreTable } from "../../lib/evaluation/score-tables";
import { dataTable, settingsTable } from "../../lib/evaluation/settings-tables";
import { type Table, tableHtml, tableMarkdown, tableText } from "../../lib/evaluation/table";

const around = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });
const scores = { psnr: around(20.958, 0.01), ssim: around(0.8371, 0.01), imageSsim: around(0.7, 0.01) };
const table = scoreTable([
  { name: "a <b>", scores },
  { name: "noisy", scores },
]);

test("tables align in the terminal, and in Markdown", () => {
  const lines = tableText(table).split("\n");
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
  assert.equal(tableMarkdown({ columns: ["a", "b"], rows: [["x", "1"]] }), "| a | b |\n| --- | --: |\n| x | 1 |");
});

test("HTML tables escape, and mark headings and row names for screen readers", () => {
  const html = tableHtml(table);
  assert.match(html, /<th scope="row" style="text-align: left[^"]*">a &#60;b&#62;<\/th>/);
  assert.match(html, /<th scope="col" style="text-align: right"><span [^>]*>PSNR, dB<\/span> <span [^>]*>\(95 %/);
  assert.match(
    html,
    /<td style="text-align: right"><span [^>]*>20\.96<\/span> <span [^>]*>\(20\.95 to 20\.97\)<\/span>/,
  );
  assert.equal(html.match(/<th(?! scope=|ead)/g), null);
});

test("no table has an empty heading", () => {
  const images = { data: new Float32Array(0), shape: [0, 28, 28, 1] as const, labels: new Uint8Array(0) };
  const layer = tf.layers.dense({ units: 2, inputShape: [3] });
  const tables: Table[] = [
    table,
    differenceTable([{ name: "a − b", scores }]),
    digitTable([scores]),
    settingsTable({ epochs: 3 }),
    dataTable({ train: images, validation: images, test: images }),
    modelSummary(tf.sequential({ layers: [layer] })),
  ];
  for (const { columns } of tables) assert.ok(!columns.includes(""), columns.join());
});

test("files of a folder that are left out are named; an SSIM of weight 0 is no part of the loss", () => {
  const set = { pictures: [{ name: "tiny.png", height: 2, width: 3 }] } as unknown as PictureSet;
  const unreadable = [{ name: "broken.png", reason: "it is empty" }];
  const copies = [{ name: "twice.png", of: "once.png" }];
  const { rows } = dataTable({ train: set, validation: set, test: set, unreadable, copies });
  assert.deepEqual(rows.slice(2), [
    ["test", "1", "0.0000", "tiny.png"],
    ["left out, cannot be read", "1", "", "broken.png"],
    ["left out, copies", "1", "", "twice.png"],
  ]);
  assert.equal(dataTable({ train: set, validation: set, test: set, unreadable: [], copies: [] }).rows.length, 3);
  assert.deepEqual(settingsTable({ loss: "log-MSE and SSIM", ssimWeight: 0 }).rows, [["loss", "log-MSE"]]);
  assert.equal(settingsTable({ loss: "log-MSE and SSIM", ssimWeight: 1 }).rows.length, 2);
});

test("scores have intervals, identical images an infinite PSNR", () => {
  assert.deepEqual(table.rows[0], [
    "a <b>",
    "20.96 (20.95 to 20.97)",
    "0.8371 (0.8271 to 0.8471)",
    "0.7000 (0.6900 to 0.7100)",
  ]);
  const infinite = Number.POSITIVE_INFINITY;
  assert.equal(formatInterval({ mean: infinite, low: infinite, high: infinite }, 2), "∞");
});

test("accuracy is a column where there is one, and differences have signs", () => {
  const differences = { psnr: around(-0.011, 0.01), ssim: around(0.02, 0.03), imageSsim: around(0, 0.00001) };
  const rows = [
    { name: "noisy", scores },
    { name: "denoised", scores, accuracy: around(0.987, 0.001) },
  ];
  const { columns, rows: cells } = scoreTable(rows);
  assert.equal(columns[4], "classifier accuracy, % (95 % interval)");
  assert.deepEqual([cells[0][4], cells[1][4]], ["", "98.70 (98.60 to 98.80)"]);
  assert.equal(scoreTable(rows.slice(0, 1)).columns.length, 4);
  const pair = { name: "U-Net − simple autoencoder", scores: differences, accuracy: around(0.0113, 0.0002) };
  assert.deepEqual(differenceTable([pair]).rows, [
    [
      "U-Net − simple autoencoder",
      "−0.01 (−0.02 to 0.00)",
      "+0.0200 (−0.0100 to 0.0500)",
      "0.0000 (0.0000 to 0.0000)",
      "+1.13 (1.11 to 1.15)",
    ],
  ]);
});

test("digits without images are left out", () => {
  const { rows } = digitTable([undefined, scores, undefined, scores]);
  assert.deepEqual(
    rows.map(([digit]) => digit),
    ["1", "3"],
  );
});
