// The playground of an exported report, opened from a file in Chromium and in Firefox.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "puppeteer-core";
import {
  blockQuantization,
  correlatedGaussian,
  denoise,
  gaussian,
  type Images,
  laplace,
  loadMnist,
  loadPretrained,
  type NoiseDraw,
  poisson,
  poissonGaussian,
  psnr,
  rician,
  saltAndPepper,
  simpleAutoencoder,
  sliceImages,
  speckle,
  ssim,
  type tf,
  unet,
  uniformNoise,
  writeImage,
} from "../../lib";
import { playgroundOutput } from "../../lib/notebook/playground";
import { type Playground, playground } from "../../lib/report/playground/data";
import { packFloats, unpackFloats } from "../../lib/report/playground/packing";
import { randomWeights } from "../models/export/models";
import { browsers, type Opened, open, startBrowser } from "./browsers";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "playground-"));
const sigma = 0.5;
const seed = 42;
let images: Images;
let report: string;

before(async () => {
  images = sliceImages(loadMnist().test, 0, 100);
  const models = [
    { name: "U-Net", model: await loadPretrained("digits") },
    { name: "untrained", model: simpleAutoencoder() },
  ];
  const data = await playgroundOutput({ models, images: sliceImages(images, 0, 12), sigma, seed });
  const cell = {
    cell_type: "code",
    id: "try",
    metadata: {},
    execution_count: 1,
    source: "await showPlayground(…);",
    outputs: [{ output_type: "display_data", metadata: {}, data }],
  };
  const kernelspec = { name: "image-denoiser", display_name: "TypeScript (Image Denoiser)", language: "typescript" };
  const heading = { cell_type: "markdown", id: "heading", metadata: {}, source: "# A notebook\n\n## Try it" };
  const notebook = path.join(folder, "try.ipynb");
  fs.writeFileSync(
    notebook,
    JSON.stringify({ cells: [heading, cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }),
  );
  const { exportReport } = await import("../../commands/support/export-report.mjs");
  report = await exportReport(notebook, "try", folder);
});

after(() => fs.rmSync(folder, { recursive: true }));

/** In the playground of the page: `>>>` reaches into its shadow tree. */
const within = (selector: string) => `body >>> ${selector}`;

const patience = 30_000;
const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Puppeteer's own way of waiting does not see what changes in a shadow tree. */
async function textOf(page: Page, selector: string): Promise<string> {
  for (const started = Date.now(); Date.now() - started < patience; await moment()) {
    const element = await page.$(within(selector));
    const text = await element?.evaluate((node) => node.textContent).catch(() => undefined); // it may be gone by now
    if (text) return text;
  }
  throw new Error(`there is no ${selector}`);
}

async function until(page: Page, selector: string, wanted: (text: string) => boolean): Promise<string> {
  let now = "";
  for (const started = Date.now(); Date.now() - started < patience; await moment()) {
    now = await textOf(page, selector);
    if (wanted(now)) return now;
  }
  const failure = await page.$eval(within(".failure"), (node) => node.textContent).catch(() => "no failure");
  throw new Error(`${selector} still shows ${now}, and ${failure}`);
}

/** Waits until the text is another one. */
const changed = (page: Page, selector: string, before: string) => until(page, selector, (now) => now !== before);

async function gone(page: Page, selector: string): Promise<void> {
  for (const started = Date.now(); await page.$(within(selector)); await moment())
    assert.ok(Date.now() - started < patience, `${selector} is still there`);
}

/** The shares of a canvas' pixels that are brighter than black. */
const brightShare = (page: Page, selector: string): Promise<number> =>
  page.$eval(within(selector), (canvas) => {
    const { width, height } = canvas as unknown as { width: number; height: number };
    const { data } = (canvas as unknown as { getContext(kind: "2d"): CanvasLike })
      .getContext("2d")
      .getImageData(...[0, 0, width, height]);
    return data.filter((value, i) => i % 4 === 0 && value > 0).length / (width * height);
  });

interface CanvasLike {
  getImageData(...part: number[]): { data: Uint8ClampedArray };
}

/** What a page's scripts may call. */
interface Denoising {
  readonly denoiser: Denoiser;
}
interface Denoiser {
  readonly started: Promise<string>;
  denoise(task: object, show?: (part: { share: number }) => void): Promise<Result>;
  denoiseLatest(task: object, show: (part: object) => void): Promise<Result | undefined>;
  end(): void;
}
interface Result {
  readonly noisy: Images;
  readonly denoised: Images;
  readonly scores: Record<string, Record<string, number>>;
}
declare function startPlayground(element: object, data: Playground): Denoising;
declare const axe: {
  run(
    context: string,
    options: object,
  ): Promise<{ violations: { id: string; nodes: { target: (string | string[])[] }[] }[] }>;
};
declare const document: { createElement(name: string): object };
declare class DataTransfer {
  readonly items: { add(file: File): void };
}
declare class DragEvent extends Event {
  constructor(kind: string, options: object);
}

const scores = "tbody";
const drawing = ".drawing";

test("packed numbers come back exactly", async () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 70) - 35));
  assert.deepEqual(await unpackFloats(packFloats(values)), values);
});

test("models of a playground take the same images, and the images are such", async () => {
  const digits = { data: new Float32Array(784), shape: [1, 28, 28, 1] as const };
  const model = simpleAutoencoder();
  const any = simpleAutoencoder({ height: null, width: null });
  const models = [
    { name: "a", model },
    { name: "b", model: any },
  ];
  const rejects = (options: { models?: typeof models; images?: Images }, message: RegExp) =>
    assert.rejects(playground({ models: [models[0]], images: digits, sigma, seed, ...options }), message);
  await rejects({ models }, /the same images, not some 28 x 28 x 1 and some any x any x 1/);
  await rejects({ models: [] }, /at least one model/);
  await rejects(
    { images: { data: new Float32Array(64), shape: [1, 8, 8, 1] } },
    /take images of 28 x 28 x 1, not of 8/,
  );
  await rejects({ images: { data: new Float32Array(0), shape: [0, 28, 28, 1] } }, /at least one image/);
});

for (const [name, { executable }] of Object.entries(browsers))
  describe(name, { skip: executable ? false : `there is no ${name} on this machine` }, () => {
    let browser: Awaited<ReturnType<typeof startBrowser>>;
    let opened: Opened;
    before(async () => {
      browser = await startBrowser(name as keyof typeof browsers);
      opened = await open(browser, report);
      await textOf(opened.page, scores);
    });
    after(() => browser?.close());

    test("the first digit with the notebook's noise, denoised, with its scores", async () => {
      const clean = sliceImages(images, 0, 1);
      const noisy = gaussian(clean, { sigma, seed, stream: "test noise" });
      const denoised = denoise(await loadPretrained("digits"), noisy);
      const row = (title: string, own: Images) =>
        title + psnr(clean, own)[0].toFixed(1) + ssim(clean, own)[0].toFixed(3);
      assert.equal(await textOf(opened.page, scores), row("noisy", noisy) + row("U-Net", denoised));
    });

    test("drawing with the mouse, and with the keyboard", async () => {
      const { page } = opened;
      const canvas = `${drawing} canvas`;
      let shown = await textOf(page, scores);
      const clear = await page.$(within("::-p-text(Clear)"));
      await clear?.click();
      shown = await changed(page, scores, shown);
      assert.equal(await brightShare(page, canvas), 0);

      const box = await (await page.$(within(drawing)))?.boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.2 * box.height);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.8 * box.height, { steps: 5 });
      await page.mouse.up();
      shown = await changed(page, scores, shown);
      const drawn = await brightShare(page, canvas);
      assert.ok(drawn > 0.05 && drawn < 0.2, `a line covers ${drawn} of the image`);

      await page.focus(within(drawing));
      await page.keyboard.press("Delete");
      assert.equal(await brightShare(page, canvas), 0);
      await page.keyboard.press(" ");
      for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowDown");
      const line = await brightShare(page, canvas);
      assert.ok(line > 0.02 && line < drawn, `a line covers ${line} of the image`);
      await changed(page, scores, shown);
    });

    test("drawing with a finger", async () => {
      const { page } = opened;
      await page.focus(within(drawing));
      await page.keyboard.press("Delete");
      const shown = await textOf(page, scores);
      const box = await (await page.$(within(drawing)))?.boundingBox();
      assert.ok(box);
      const at = (share: number) => [box.x + share * box.width, box.y + share * box.height] as const;
      await page.touchscreen.touchStart(...at(0.3));
      for (const share of [0.4, 0.5, 0.6]) await page.touchscreen.touchMove(...at(share));
      await page.touchscreen.touchEnd();
      const line = await brightShare(page, `${drawing} canvas`);
      assert.ok(line > 0.03 && line < 0.15, `a line covers ${line} of the image`);
      await changed(page, scores, shown);
    });

    test("another kind of noise: its own level, and a sentence that the model was not trained on it", async () => {
      const { page } = opened;
      const [, second] = await page.$$(within(".thumbnail"));
      await second.click();
      const select = within("fieldset select");
      const settings = () => textOf(page, "fieldset");
      assert.doesNotMatch(await settings(), /was trained on/);
      const shown = await textOf(page, scores);
      await page.select(select, "poisson");
      await changed(page, scores, shown);
      assert.match(await settings(), /photons in white, fewer is noisier\) 2[^0-9]/);
      const sentence = "The U-Net was trained on clipped Gaussian noise of standard deviation 0.50, not on this kind.";
      assert.equal(await textOf(page, ".remark"), sentence);
      await page.select(select, "blockQuantization");
      await until(page, "fieldset", (text) => /quality, lower is coarser\) 10/.test(text) && !text.includes("Seed"));
      await page.select(select, "clipped");
      await until(page, "fieldset", (text) => /standard deviation\) 0\.50/.test(text) && !text.includes("trained on"));
    });

    test("the noise's level and seed, and the method, by keyboard", async () => {
      const { page } = opened;
      let shown = await textOf(page, scores);
      const [first] = await page.$$(within(".thumbnail"));
      await first.click();
      shown = await changed(page, scores, shown);
      await page.focus(within("label.wide input"));
      for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
      assert.match(await textOf(page, "output"), /0\.45/);
      shown = await changed(page, scores, shown);
      const next = await page.$(within('::-p-aria([name="Next seed"][role="button"])'));
      await next?.press("Enter");
      shown = await changed(page, scores, shown);
      for (const method of ["untrained", "median filter", "total variation"]) {
        const choice = await page.$(within(`::-p-aria([name="${method}"][role="radio"])`));
        await choice?.click();
        await until(page, scores, (now) => now.includes(method));
      }
    });

    test("the divider, by keyboard", async () => {
      const { page } = opened;
      const share = () =>
        page.$eval(within(".divided"), (node) => node.getAttribute("style")?.match(/--share:\s*(\d+)/)?.[1]);
      await page.focus(within(".divided input"));
      const start = Number(await share());
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      assert.equal(Number(await share()), start + 2);
    });

    test("a picture of one's own: its size is said", async () => {
      const { page } = opened;
      const file = path.join(folder, "photo.png");
      await writeImage(file, { data: new Float32Array(60 * 90).fill(0.8), shape: [1, 60, 90, 1] });
      const shown = await textOf(page, scores);
      const input = await page.$(within("input[type=file]"));
      await (input as unknown as { uploadFile(file: string): Promise<void> }).uploadFile(file);
      await changed(page, scores, shown);
      const note =
        "photo.png, 90 x 60 pixels: its middle, reduced to 28 x 28 and inverted, because the digits are white on black.";
      assert.equal(await textOf(page, ".original .note"), note);
    });

    test("a picture that is dropped, and a file that is none", async () => {
      const { page } = opened;
      const drop = (name: string, base64: string) =>
        page.$eval(
          within(".playground"),
          (node, name, base64) => {
            const dataTransfer = new DataTransfer();
            const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
            dataTransfer.items.add(new File([bytes], name));
            const options = { dataTransfer, bubbles: true, cancelable: true, composed: true };
            (node as unknown as EventTarget).dispatchEvent(new DragEvent("drop", options));
          },
          name,
          base64,
        );
      const file = path.join(folder, "dark.png");
      await writeImage(file, { data: new Float32Array(40 * 40).fill(0.2), shape: [1, 40, 40, 1] });
      await drop("dark.png", fs.readFileSync(file).toString("base64"));
      const note = "dark.png, 40 x 40 pixels: its middle, reduced to 28 x 28.";
      await until(page, ".original .note", (text) => text === note);
      await drop("letter.txt", btoa("Dear reader"));
      assert.match(await textOf(page, ".failure"), /letter\.txt is no picture that this browser can read/);
      await drop("dark.png", fs.readFileSync(file).toString("base64"));
      await gone(page, ".failure");
    });

    test("every kind of noise is that of lib/noise, to the bit", async () => {
      const clean = sliceImages(images, 0, 2);
      const draw: NoiseDraw = { seed: 7, stream: "test noise" };
      const kinds: Record<string, [level: number, noisy: Images]> = {
        clipped: [0.4, gaussian(clean, { sigma: 0.4, ...draw })],
        gaussian: [0.4, gaussian(clean, { sigma: 0.4, clip: false, ...draw })],
        uniform: [0.4, uniformNoise(clean, { halfWidth: 0.4, ...draw })],
        laplace: [0.4, laplace(clean, { scale: 0.4, ...draw })],
        correlated: [0.4, correlatedGaussian(clean, { sigma: 0.4, blur: 1, ...draw })],
        poisson: [20, poisson(clean, { photons: 20, ...draw })],
        poissonGaussian: [20, poissonGaussian(clean, { photons: 20, sigma: 0.1, ...draw })],
        speckle: [0.4, speckle(clean, { sigma: 0.4, ...draw })],
        rician: [0.4, rician(clean, { sigma: 0.4, ...draw })],
        saltAndPepper: [0.4, saltAndPepper(clean, { amount: 0.4, ...draw })],
        blockQuantization: [20, blockQuantization(clean, { quality: 20 })],
      };
      const offered = await opened.page.$eval(within("fieldset select"), (select) =>
        Array.from((select as unknown as { options: Iterable<{ value: string }> }).options, ({ value }) => value),
      );
      assert.deepEqual(offered, Object.keys(kinds));
      const data = await playground({ models: [{ name: "any", model: simpleAutoencoder() }], images, sigma, seed });
      const levels = Object.entries(kinds).map(([kind, [level]]) => ({ kind, level, seed: 7 }));
      const noisy = await opened.page.evaluate(
        async (data, levels, values, shape) => {
          const { denoiser } = startPlayground(document.createElement("div"), data);
          const all: number[][] = [];
          for (const noise of levels) {
            const clean = { data: Float32Array.from(values), shape };
            const { noisy } = await denoiser.denoise({ clean, noise, method: "any" });
            all.push(Array.from(noisy.data));
          }
          denoiser.end();
          return all;
        },
        data,
        levels,
        Array.from(clean.data),
        clean.shape,
      );
      for (const [i, [kind, [, expected]]] of Object.entries(kinds).entries())
        assert.deepEqual(Float32Array.from(noisy[i]), expected.data, kind);
    });

    test("a large picture comes in parts, is that of Node, and is given up when another one is asked for", async () => {
      const model = await loadPretrained("photos-grey");
      const [height, width] = [250, 42];
      const clean = Float32Array.from({ length: height * width }, (_, i) => 0.5 + 0.4 * Math.sin(i / 50));
      const whole: Images = { data: clean, shape: [1, height, width, 1] };
      const data = await playground({ models: [{ name: "any", model }], images: whole, sigma: 0.1, seed });
      const result = await opened.page.evaluate(
        async (data, values, shape) => {
          const { denoiser } = startPlayground(document.createElement("div"), data);
          const noise = { kind: "gaussian", level: 0.1, seed: 1 };
          const task = { clean: { data: Float32Array.from(values), shape }, noise, method: "any" };
          const shares: number[] = [];
          const { denoised } = await denoiser.denoise(task, ({ share }) => shares.push(share));
          const ends: string[] = [];
          const ask = (name: string, show = () => {}) =>
            denoiser.denoiseLatest(task, show).then((result) => ends.push(`${name} ${result ? "done" : "given up"}`));
          await new Promise<void>((resolve) => {
            ask("first", () => resolve());
          });
          await Promise.all([ask("second"), ask("third")]);
          denoiser.end();
          return { shares, ends, denoised: Array.from(denoised.data) };
        },
        data,
        Array.from(clean),
        whole.shape,
      );
      assert.deepEqual(result.shares, [0, 128 / 250]);
      assert.deepEqual(result.ends.sort(), ["first given up", "second given up", "third done"]);
      const noisy = gaussian(whole, { sigma: 0.1, seed: 1, stream: "test noise", clip: false });
      const expected = denoise(model, noisy).data;
      const most = result.denoised.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
      assert.ok(most < 1e-4, `${most}`);
    });

    const sameAsInNode = async (model: tf.LayersModel, images: Images) => {
      const data = await playground({ models: [{ name: "U-Net", model }], images, sigma, seed });
      const noisy = gaussian(images, { sigma, seed, stream: "test noise" });
      const denoised = denoise(model, noisy);
      const task = { noise: { kind: "clipped", level: sigma, seed }, method: "U-Net" };
      const bytes = Buffer.from(images.data.map((value) => Math.round(255 * value)));
      const result = await opened.page.evaluate(
        async (data, task, pixels, shape) => {
          const values = Float32Array.from(atob(pixels), (character) => character.charCodeAt(0) / 255);
          const base64 = ({ buffer }: Float32Array) =>
            btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
          const { denoiser } = startPlayground(document.createElement("div"), data);
          const { noisy, denoised, scores } = await denoiser.denoise({ ...task, clean: { data: values, shape } });
          denoiser.end();
          return { noisy: base64(noisy.data), denoised: base64(denoised.data), scores };
        },
        data,
        task,
        bytes.toString("base64"), // lists of numbers would take Firefox many seconds
        images.shape,
      );
      const numbers = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
      assert.deepEqual(numbers(result.noisy), noisy.data);
      const most = numbers(result.denoised).reduce(
        (most, value, i) => Math.max(most, Math.abs(value - denoised.data[i])),
        0,
      );
      assert.ok(most < 1e-4, `${most}`);
      const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-3, `${a} and ${b}`);
      near(result.scores.denoised.psnr, mean(psnr(images, denoised)));
      near(result.scores.noisy.ssim, mean(ssim(images, noisy)));
    };

    test("100 digits as in Node: the same noise, results within 1e-4, the same scores", async () =>
      sameAsInNode(await loadPretrained("digits"), images));

    test("a model with transformer blocks as in Node, in pictures of several windows", async () => {
      const model = randomWeights(unet({ filters: 4, attention: "transformer", height: null, width: null }), 1);
      await sameAsInNode(model, { data: images.data.slice(0, 4 * 56 * 84), shape: [4, 56, 84, 1] });
    });

    test("no error in the console, no request, and no scrolling sideways on a phone", async () => {
      const { page, errors, requests } = opened;
      await page.setViewport({ width: 390, height: 800 });
      const width = await page.$eval(within(".playground"), (node) => node.scrollWidth - node.clientWidth);
      assert.deepEqual({ errors, requests, width }, { errors: [], requests: [], width: 0 });
    });

    test("axe finds nothing", async () => {
      const { page } = opened;
      await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
      const found = await page.evaluate(async () => {
        const { violations } = await axe.run("body", { resultTypes: ["violations"] });
        return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.flat().join(" ")}`));
      });
      const inPlayground = found.filter((each) => each.includes("playground-"));
      assert.deepEqual(inPlayground, []);
    });

    test("on paper: the pictures and scores, and nothing to press", { skip: name !== "chromium" }, async () => {
      const { page } = await open(browser, report, 680);
      await textOf(page, scores);
      await page.emulateMediaType("print");
      const shown = (selector: string) =>
        page.$$eval(within(selector), (nodes) => nodes.filter((node) => node.getClientRects().length > 0).length);
      assert.deepEqual(
        { controls: await shown("fieldset, button, .button"), pictures: await shown(".frame canvas") },
        { controls: 0, pictures: 4 },
      );
      await page.close();
    });

    test("where the WebAssembly module does not load: plain JavaScript after a time-out", async () => {
      const late = path.join(folder, `late-${name}.html`);
      const script = `<script>{
        const Own = Blob;
        Blob = class extends Own {
          constructor(parts, options) {
            super(options?.type === "text/javascript" ? ["fetch = () => new Promise(() => {});", ...parts] : parts, options);
          }
        };
      }</script>`;
      fs.writeFileSync(late, fs.readFileSync(report, "utf8").replace("<head>", `<head>${script}`));
      const { page, errors } = await open(browser, late);
      assert.match(await textOf(page, ".frame.empty"), /Loading the models/);
      assert.match(await textOf(page, ".scores .timing"), /in plain JavaScript/);
      assert.match(await textOf(page, scores), /U-Net2\d\.\d/);
      assert.deepEqual(errors, []);
      await page.close();
    });

    test("the network is off in these tests", async () => {
      let requests = 0;
      const server = http.createServer((_, response) => response.end(String(requests++)));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { page } = await open(browser, report);
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const fetched = await page.evaluate(
        (address) =>
          fetch(address, { mode: "no-cors" }).then(
            () => "an answer",
            () => "none",
          ),
        address,
      );
      await page.close();
      server.close();
      assert.deepEqual({ fetched, requests }, { fetched: "none", requests: 0 });
    });

    test("where WebAssembly may not run: plain JavaScript, and the page says so", async () => {
      const strict = path.join(folder, `strict-${name}.html`);
      const policy =
        '<meta http-equiv="Content-Security-Policy" content="script-src \'unsafe-inline\'; worker-src blob:">';
      fs.writeFileSync(strict, fs.readFileSync(report, "utf8").replace("<head>", `<head>${policy}`));
      const { page } = await open(browser, strict);
      assert.match(await textOf(page, ".scores .timing"), /in plain JavaScript/);
      assert.match(await textOf(page, scores), /U-Net2\d\.\d/);
      await page.close();
    });
  });

describe("without scripts", {
  skip: browsers.chromium.executable ? false : "there is no chromium on this machine",
}, () => {
  test("a still picture and a sentence", async () => {
    const browser = await startBrowser("chromium");
    try {
      const page = await browser.newPage();
      await page.setJavaScriptEnabled(false);
      await page.goto(`file://${encodeURI(report)}`);
      assert.ok(await page.$("noscript img[src^='data:image/png']"));
      assert.match(await page.$eval("body", ({ innerText }) => innerText), /you can draw here/);
    } finally {
      await browser.close();
    }
  });
});
