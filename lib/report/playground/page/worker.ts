// The playground's worker: it holds the models, and adds noise, denoises and scores, so that the page never waits.
import { type LayersModel, loadLayersModel } from "@tensorflow/tfjs-layers";
import { clipImages, type Images } from "../../../data/images";
import "../../../models/bias-free-normalization"; // layers that models may have
import "../../../models/window-attention";
import { psnr } from "../../../metrics/psnr";
import { ssim } from "../../../metrics/ssim";
import type { PlaygroundModel } from "../data";
import { unpack, unpackFloats } from "../packing";
import { denoiseInBands, type Step } from "./bands";
import { startEngine } from "./engine";
import { type Filter, filters } from "./filters";
import type { Answer, Ask, Message, Part, Scores, Task } from "./messages";
import { kindOf, type Noise } from "./noises";

/** A picture of more pixels is shown before it is filtered. */
const slow = 2 ** 15;

const models = new Map<string, LayersModel>();

async function start(packed: readonly PlaygroundModel[]): Promise<Answer> {
  const unpacked = packed.map(unpackModel);
  const backend = await startEngine();
  for (const each of await Promise.all(unpacked)) models.set(each.name, await loadLayersModel(each));
  return { kind: "started", backend };
}

let stopped = false;

async function denoise({ clean, noise, method }: Task, show: (part: Part) => void): Promise<Answer> {
  stopped = false;
  const noisy = kindOf(noise).add(clean, noise.level, noise.seed);
  let result = noisy;
  let milliseconds = 0;
  let started = performance.now();
  for (const { denoised, share } of stepsOf(method, noisy, noise)) {
    milliseconds += performance.now() - started;
    result = denoised;
    if (share < 1) {
      show({ noisy, denoised, share });
      await new Promise((resolve) => setTimeout(resolve)); // messages arrive
      if (stopped) return { kind: "given up" };
    }
    started = performance.now();
  }
  const after = { noisy: scores(clean, noisy), denoised: scores(clean, clipImages(result)) };
  return { kind: "denoised", noisy, denoised: result, scores: after, milliseconds };
}

function stepsOf(method: string, noisy: Images, noise: Noise): Iterable<Step> {
  const model = models.get(method);
  return model ? denoiseInBands(model, noisy) : filtered(filters[method as keyof typeof filters], noisy, noise);
}

function* filtered(filter: Filter, noisy: Images, noise: Noise): Generator<Step> {
  if (noisy.shape[1] * noisy.shape[2] > slow) yield { denoised: noisy, share: 0 };
  yield { denoised: filter(noisy, noise), share: 1 };
}

async function unpackModel({ name, topology, weights }: PlaygroundModel) {
  const { modelTopology, weightSpecs } = JSON.parse(new TextDecoder().decode(await unpack(topology)));
  const { buffer: weightData } = await unpackFloats(weights);
  return { name, load: async () => ({ modelTopology, weightSpecs, weightData }) };
}

/** Means over the images; SSIM where they are large enough. */
function scores(clean: Images, images: Images): Scores {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [, height, width] = clean.shape;
  return { psnr: mean(psnr(clean, images)), ...(Math.min(height, width) >= 7 && { ssim: mean(ssim(clean, images)) }) };
}

/** One after the other: nothing is denoised before the models are there. */
let last: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }: MessageEvent<Ask & { id: number }>) => {
  const { id } = data;
  const say = (message: Message) => postMessage(message);
  if (data.kind === "stop") stopped = true;
  else
    last = last.then(async () => {
      try {
        const answer = await (data.kind === "start"
          ? start(data.models)
          : denoise(data, (part) => say({ id, kind: "part", ...part })));
        say({ id, ...answer });
      } catch (error) {
        say({ id, kind: "failed", message: error instanceof Error ? error.message : String(error) });
      }
    });
});
