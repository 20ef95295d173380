// The playground's worker: it holds the models, and adds noise, denoises and scores, so that the page never waits.
import { type LayersModel, loadLayersModel } from "@tensorflow/tfjs-layers";
import { clipImages, type Images } from "../../../data/images";
import { denoise } from "../../../inference/denoise";
import { psnr } from "../../../metrics/psnr";
import { ssim } from "../../../metrics/ssim";
import type { PlaygroundModel } from "../data";
import { unpack, unpackFloats } from "../packing";
import { startEngine } from "./engine";
import { filters } from "./filters";
import type { Answer, Ask, Denoised, Scores } from "./messages";
import { kindOf } from "./noises";

/** Bytes that a batch or a tile of a large picture may take. */
const memory = 2 ** 27;

const models = new Map<string, LayersModel>();

const answers: { [Kind in Ask["kind"]]: (ask: Extract<Ask, { kind: Kind }>) => Promise<Answer> } = {
  async start({ models: packed }) {
    const unpacked = packed.map(unpackModel);
    const backend = await startEngine();
    for (const each of await Promise.all(unpacked)) models.set(each.name, await loadLayersModel(each));
    return { kind: "started", backend };
  },
  async denoise({ clean, noise, method }) {
    const noisy = kindOf(noise).add(clean, noise.level, noise.seed);
    const started = performance.now();
    const model = models.get(method);
    const denoised = model ? denoise(model, noisy, { memory }) : filters[method as keyof typeof filters](noisy, noise);
    const milliseconds = performance.now() - started;
    const result: Denoised = {
      noisy,
      denoised,
      scores: { noisy: scores(clean, noisy), denoised: scores(clean, clipImages(denoised)) },
      milliseconds,
    };
    return { kind: "denoised", ...result };
  },
};

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
  last = last.then(async () => {
    try {
      postMessage({ id: data.id, ...(await answers[data.kind](data as never)) });
    } catch (error) {
      postMessage({ id: data.id, kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  });
});
