// Trains the U-Net on a folder of pictures, and saves it with its card. An interrupted training goes on where it was.
import fs from "node:fs";
import path from "node:path";
import "../../lib/engine"; // trains the model
import { filesBelow, hasPictureName, inspect, shownPath } from "../../lib/data/image-file";
import { type ImageFolder, imageFolder, type PictureSet } from "../../lib/data/image-folder";
import type { Images } from "../../lib/data/images";
import { drawPatches, patches } from "../../lib/data/patches";
import type { tf } from "../../lib/engine";
import { digestsOf, modelCard, type TestScores } from "../../lib/evaluation/model-card";
import { evaluatePictures } from "../../lib/evaluation/pictures";
import { denoise } from "../../lib/inference/denoise";
import { saveModel } from "../../lib/models/files";
import { type UnetOptions, unet } from "../../lib/models/unet";
import { type NoiseKind, noiseModel, noiseName } from "../../lib/noise/kinds";
import { checkParameters } from "../../lib/training/parameters";
import { type PatchRecipe, photographRecipe } from "../../lib/training/photograph-recipe";
import { fitByRecipe, type RecipeData } from "../../lib/training/recipes";
import { progressDisplay } from "../../lib/training/terminal-progress";
import type { Callback } from "../../lib/training/training-run";
import type { Streams } from "./clean-all";
import { describeModel } from "./models";

type Recipe = Pick<PatchRecipe, "filters" | "epochs" | "batchSize" | "learningRate" | "patchesPerEpoch" | "patchSize">;

export interface TrainOptions extends Partial<Recipe> {
  readonly sigma?: number | readonly [low: number, high: number];
  /** Gaussian if not given; of several kinds, each patch gets one. */
  readonly noise?: readonly NoiseKind[];
  readonly channels?: 1 | 3;
  readonly seed: number;
  readonly predicts: UnetOptions["predicts"];
  readonly overwrite?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly signal?: AbortSignal;
  /** What was typed, for the card. */
  readonly command: string;
}

/** As in files, where no value lies outside of the range. */
const clip = true;

/** What photographs have, from hardly visible to strong. */
const usualNoise = [5 / 255, 50 / 255] as const;

/** Patches on which the training is validated, and from which the noise is estimated for the card. */
const [validationPatches, estimatedPatches] = [128, 256];

/** Of large folders, not more pictures than these are for validation, nor for the test. */
const mostHeldOut = 20;

/** @returns the exit code: 0, or 130 when it was stopped */
export async function trainModel(
  folder: string,
  out: string,
  {
    sigma = usualNoise,
    noise = ["gaussian"],
    seed,
    predicts,
    overwrite,
    json,
    quiet,
    signal,
    command,
    ...given
  }: TrainOptions,
  { stdout, stderr }: Streams,
): Promise<number> {
  const say = (text: string) => quiet || stderr.write(`${text}\n`);
  const changes = Object.entries(given).filter(([name, value]) => name in photographRecipe && value !== undefined);
  const recipe: PatchRecipe = { ...photographRecipe, ...Object.fromEntries(changes) };
  checkParameters({ ...recipe, seed, sigma });
  const { patchSize, patchesPerEpoch, filters } = recipe;
  if (patchSize % 4 !== 0) throw new RangeError(`--patch-size must be a multiple of 4, not ${patchSize}`);
  if (fs.existsSync(path.join(out, "model.json")) && !overwrite)
    throw new Error(`${shownPath(out)} holds a model already: --overwrite replaces it`);

  const channels = given.channels ?? (await usualChannels(folder, say));
  const { train, validation, test } = await setsOf(folder, { channels, seed, patchSize, signal, say });
  const noiseKind = noise.length === 1 ? noise[0] : noise;
  const addNoise = noiseModel({ kind: noiseKind, sigma });
  const noiseOf = (clean: Images, stream: string) => addNoise(clean, { clip, seed, stream });
  const draw = (set: PictureSet, count: number, stream: string) =>
    drawPatches(set, { size: patchSize, count, seed, stream });
  const clean = await draw(validation, validationPatches, "validation patches");
  const model = unet({ channels, height: null, width: null, filters, predicts, seed });
  const checkpoint = path.join(out, "training.checkpoint");
  const display = progressDisplay(stderr as NodeJS.WriteStream);
  const callbacks: Callback[] = quiet
    ? []
    : [{ onBatchEnd: display.batch, onEpochEnd: display.epoch, onTrainEnd: display.end }];
  if (fs.existsSync(checkpoint)) say(`  goes on from ${shownPath(checkpoint)}`);
  try {
    await fitByRecipe(
      model,
      recipe,
      {
        train: patches(train, { size: patchSize, perEpoch: patchesPerEpoch, seed, colourChanges: channels === 3 }),
        validation: { clean, noisy: noiseOf(clean, "validation noise") },
        ...{ sigma, noiseKind, clip, seed },
      },
      { callbacks, signal, checkpoint: { file: checkpoint, resume: true, settings: { predicts: String(predicts) } } },
    );
    const scores = await testScores(model, test, { sigma, noiseKind, seed, signal, say });
    const card = modelCard({
      model,
      name: path.basename(path.resolve(out)),
      description: `Removes ${noiseName(noiseKind)} noise from ${channels === 1 ? "grey" : "colour"} pictures.`,
      trainedOn: {
        data: `${counted(train)} of the folder ${path.basename(path.resolve(folder))}`,
        size: null,
        digests: digestsOf(train),
      },
      ...{ sigma, noiseKind, clipped: clip, scores, seed, command },
      noisy: noiseOf(await draw(train, estimatedPatches, "patches for the card"), "noise for the card"),
      recipe: { ...recipe, predicts },
    });
    await saveModel(model, out, card);
    fs.rmSync(checkpoint, { force: true });
    if (json) stdout.write(`${JSON.stringify({ folder: out, card })}\n`);
    else if (!quiet) stdout.write(`${describeModel({ folder: out, card })}\n`);
    return 0;
  } catch (error) {
    if (!signal?.aborted) throw forCommandLine(error);
    stderr.write(
      `Stopped; ${fs.existsSync(checkpoint) ? "the same command goes on after the last epoch that has ended" : "no epoch has ended yet, so the same command begins anew"}.\n`,
    );
    return 130;
  } finally {
    model.dispose();
  }
}

/** What the library says about resuming, in terms of the command. */
function forCommandLine(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const message = error.message
    .replace("delete it, or begin anew with resume: false", "delete it to begin anew")
    .replace("use the same, or begin anew with resume: false", "use the same, or delete it to begin anew");
  return message === error.message ? error : new Error(message, { cause: error });
}

const counted = ({ pictures: { length } }: PictureSet): string => `${length} ${length === 1 ? "picture" : "pictures"}`;

/** 3 where more than half of the pictures are in colour. */
async function usualChannels(folder: string, say: (text: string) => void): Promise<1 | 3> {
  const files = picturesIn(folder);
  let [grey, colour] = [0, 0];
  for (const file of files) {
    const info = await inspect(file).catch(() => undefined); // imageFolder says why
    if (info?.channels === 1) grey++;
    if (info?.channels === 3) colour++;
  }
  const channels = colour > grey ? 3 : 1;
  if (grey > 0 && colour > 0)
    say(
      `${grey} pictures are grey, ${colour} in colour: trained for ${channels === 1 ? "grey" : "colour"} (--channels ${channels === 1 ? 3 : 1} for ${channels === 1 ? "colour" : "grey"})`,
    );
  return channels;
}

function picturesIn(folder: string): string[] {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []; // imageFolder says so
  return filesBelow(folder)
    .filter(hasPictureName)
    .map((name) => path.join(folder, name));
}

interface Split {
  readonly channels: 1 | 3;
  readonly seed: number;
  readonly patchSize: number;
  readonly signal?: AbortSignal;
  readonly say: (text: string) => void;
}

/** The sets of the folder, of pictures that are as large as a patch. */
async function setsOf(folder: string, { channels, seed, patchSize, signal, say }: Split) {
  const share = Math.min(0.1, mostHeldOut / Math.max(1, picturesIn(folder).length));
  const onProgress = () => signal?.throwIfAborted();
  const found = await imageFolder(folder, { channels, seed, validationShare: share, testShare: share, onProgress });
  for (const { name, reason } of found.unreadable) say(`${shownPath(name)} is left out: ${reason}`);
  for (const { name, of } of found.copies) say(`${shownPath(name)} is left out: it shows the same as ${shownPath(of)}`);
  const large = (name: keyof Pick<ImageFolder, "train" | "validation" | "test">): PictureSet => {
    const set = found[name];
    const pictures = set.pictures.filter(({ height, width }) => Math.min(height, width) >= patchSize);
    if (pictures.length === 0)
      throw new Error(
        `none of the ${counted(set)} ${{ train: "to train on", validation: "for validation", test: "for the test" }[name]} is as large as a patch of ${patchSize} x ${patchSize} pixels: choose a smaller --patch-size, or put more pictures into the folder`,
      );
    return { ...set, pictures };
  };
  const sets = { train: large("train"), validation: large("validation"), test: large("test") };
  const held = [sets.validation, sets.test].map(({ pictures }) => pictures.length);
  say(`${counted(sets.train)} to train on, ${held[0]} for validation, ${held[1]} for the test`);
  const small = [found.train, found.validation, found.test].reduce((sum, set) => sum + set.pictures.length, 0);
  const used = sets.train.pictures.length + held[0] + held[1];
  if (small > used) say(`${small - used} are smaller than a patch of ${patchSize} x ${patchSize} pixels and left out`);
  return sets;
}

/** At the ends and in the middle of the range of noise. */
async function testScores(
  model: tf.LayersModel,
  test: PictureSet,
  {
    sigma,
    noiseKind,
    seed,
    signal,
    say,
  }: Pick<Split, "seed" | "signal" | "say"> & Required<Pick<RecipeData, "sigma" | "noiseKind">>,
): Promise<TestScores[]> {
  const levels = typeof sigma === "number" ? [sigma] : [sigma[0], (sigma[0] + sigma[1]) / 2, sigma[1]];
  const method = {
    name: "U-Net",
    denoise(noisy: Images) {
      signal?.throwIfAborted();
      return denoise(model, noisy);
    },
  };
  const scores: TestScores[] = [];
  for (const level of new Set(levels)) {
    say(`  measures noise of sigma ${Number(level.toPrecision(3))}`);
    const { evaluated } = await evaluatePictures(test, [method], { sigma: level, noiseKind, seed, clip, shown: 0 });
    scores.push({ data: `${counted(test)} held out for the test`, sigma: level, scores: evaluated[1].scores });
  }
  return scores;
}
