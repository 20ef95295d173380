// The playground in an exported report: how soon it answers, how fast and how exactly, in each browser that is installed,
// with the network off.
import fs from "node:fs";
import path from "node:path";
import * as lib from "../lib";
import { tf } from "../lib";
import type { Playground } from "../lib/report/playground/data";
import { unpack, unpackFloats } from "../lib/report/playground/packing";
import { browsers, startBrowser } from "../test/report/browsers";
import { median, type StudyAnswer } from "./study";

export interface PlaygroundStudyOptions {
  /** An HTML file. */
  readonly report?: string;
  /** How often the page is opened, and how many digits are denoised one by one in each. */
  readonly rounds?: number;
  readonly digits?: number;
}

/** Milliseconds, from the start of the navigation or as long as it lasts. */
interface Measured {
  readonly browser: string;
  readonly firstPaint: number;
  readonly loaded: number;
  readonly answered: number;
  /** Of one digit: noise, model, scores and both ways between page and worker; and the model alone. */
  readonly digit: number;
  readonly model: number;
  /** The longest time in which the page's main thread did nothing else, while lines were drawn. */
  readonly longestTask: number;
  readonly difference: number;
}

export async function playgroundStudy({
  report = path.resolve(__dirname, "..", "reports", "unet.html"),
  rounds = 5,
  digits = 100,
}: PlaygroundStudyOptions = {}): Promise<StudyAnswer> {
  if (!fs.existsSync(report)) throw new Error(`there is no ${report}: npm start makes it`);
  const html = fs.readFileSync(report, "utf8");
  const data: Playground = JSON.parse(
    /startPlayground\(document\.getElementById\("[^"]*"\), (\{.*\})\);/.exec(html)![1],
  );
  const clean = lib.sliceImages(lib.loadMnist().test, 0, digits);
  const noisy = lib.gaussian(clean, { sigma: data.sigma, seed: data.seed, stream: "test noise", clip: data.clip });
  const expected = lib.denoise(await firstModel(data), noisy).data;
  const measured: Measured[] = [];
  for (const [name, { executable }] of Object.entries(browsers)) {
    if (!executable) continue;
    const all: Measured[] = [];
    for (let round = 0; round < rounds; round++)
      all.push({ browser: name, ...(await measure(name as keyof typeof browsers, report, data, clean, expected)) });
    const medians = Object.entries(all[0]).map(([key, value]) => [
      key,
      typeof value === "number" ? median(all.map((each) => Number(each[key as keyof Measured]))) : value,
    ]);
    measured.push(Object.fromEntries(medians));
  }
  if (measured.length === 0) throw new Error("this study needs a browser: install chromium or firefox-esr");
  const row = (title: string, of: (each: Measured) => string) => [title, ...measured.map(of)];
  const table: lib.Table = {
    columns: [`median of ${rounds}`, ...measured.map(({ browser }) => browser)],
    rows: [
      row("first paint, ms", ({ firstPaint }) => firstPaint.toFixed(0)),
      row("page loaded, ms", ({ loaded }) => loaded.toFixed(0)),
      row("playground answers, ms", ({ answered }) => answered.toFixed(0)),
      row("digits a second, one by one: the model alone", ({ model }) => (1000 / model).toFixed(0)),
      row("digits a second, one by one: with noise and scores", ({ digit }) => (1000 / digit).toFixed(0)),
      row("longest task of the main thread while drawing, ms", ({ longestTask }) => longestTask.toFixed(0)),
      row(`largest difference from Node, ${digits} digits`, ({ difference }) => difference.toExponential(0)),
      row("file, MB", () => (html.length / 1e6).toFixed(1)),
    ],
  };
  return { result: { rounds, digits, bytes: html.length, browsers: measured }, table };
}

async function firstModel({ models: [{ topology, weights }] }: Playground): Promise<tf.LayersModel> {
  const { modelTopology, weightSpecs } = JSON.parse(new TextDecoder().decode(await unpack(topology)));
  const { buffer: weightData } = await unpackFloats(weights);
  return tf.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
}

// Scripts for the page.
const watchForAnswer = `{
  const look = () => {
    const playground = document.querySelector("[id^=playground-]")?.shadowRoot;
    if (playground?.querySelector("tbody")) globalThis.answered = performance.now();
    else setTimeout(look, 5);
  };
  look();
}`;
const readTimes = `({
  firstPaint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  loaded: performance.getEntriesByType("navigation")[0].loadEventEnd,
  answered: globalThis.answered,
})`;
const watchTasks = `{
  const channel = new MessageChannel();
  let before = performance.now();
  globalThis.longestTask = 0;
  channel.port1.onmessage = () => {
    const now = performance.now();
    globalThis.longestTask = Math.max(globalThis.longestTask, now - before);
    before = now;
    channel.port2.postMessage(0);
  };
  channel.port2.postMessage(0);
}`;

type Denoiser = { denoise(task: object): Promise<{ denoised: lib.Images; milliseconds: number }>; end(): void };
declare function startPlayground(element: object, data: Playground): { readonly denoiser: Denoiser };
declare const document: { createElement(name: string): object };

async function measure(
  name: keyof typeof browsers,
  report: string,
  data: Playground,
  clean: lib.Images,
  expected: Float32Array,
): Promise<Omit<Measured, "browser">> {
  const browser = await startBrowser(name);
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 900 });
    await page.evaluateOnNewDocument(watchForAnswer);
    await page.goto(`file://${encodeURI(report)}`);
    await page.waitForFunction("globalThis.answered > 0");
    const times = (await page.evaluate(readTimes)) as Pick<Measured, "firstPaint" | "loaded" | "answered">;

    const drawing = await page.$("body >>> .drawing");
    await drawing?.scrollIntoView();
    const box = await drawing?.boundingBox();
    await page.evaluate(watchTasks);
    if (box) {
      await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.5 * box.height);
      await page.mouse.down();
      for (let i = 0; i < 50; i++)
        await page.mouse.move(box.x + (0.2 + 0.012 * i) * box.width, box.y + (0.5 + 0.3 * Math.sin(i)) * box.height);
      await page.mouse.up();
    }
    const longestTask = Number(await page.evaluate("globalThis.longestTask"));

    const bytes = Buffer.from(clean.data.map((value) => Math.round(255 * value))).toString("base64");
    const result = await page.evaluate(
      async (data, bytes, shape) => {
        const { denoiser } = startPlayground(document.createElement("div"), data);
        const pixels = Float32Array.from(atob(bytes), (character) => character.charCodeAt(0) / 255);
        const noise = { kind: data.clip ? "clipped" : "gaussian", level: data.sigma, seed: data.seed };
        const method = data.models[0].name;
        const { denoised } = await denoiser.denoise({ clean: { data: pixels, shape }, noise, method });
        const size = pixels.length / shape[0];
        const whole: number[] = [];
        const model: number[] = [];
        for (let i = 0; i < shape[0]; i++) {
          const clean = { data: pixels.slice(i * size, (i + 1) * size), shape: [1, ...shape.slice(1)] };
          const started = performance.now();
          model.push((await denoiser.denoise({ clean, noise, method })).milliseconds);
          whole.push(performance.now() - started);
        }
        denoiser.end();
        const text = Array.from(new Uint8Array(denoised.data.buffer), (byte) => String.fromCharCode(byte)).join("");
        return { denoised: btoa(text), whole, model };
      },
      data,
      bytes,
      [...clean.shape],
    );
    const denoised = new Float32Array(Uint8Array.from(Buffer.from(result.denoised, "base64")).buffer);
    const difference = denoised.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length; // browsers round single times
    return { ...times, digit: mean(result.whole), model: mean(result.model), longestTask, difference };
  } finally {
    await browser.close();
  }
}
