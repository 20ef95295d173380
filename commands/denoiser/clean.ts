// Cleans one picture: chooses the model that suits it, denoises it region by region, and writes the result. Grey models
// clean colour pictures channel by channel.
import fs from "node:fs";
import path from "node:path";
import "../../lib/engine"; // runs the models
import type { FileOrBytes } from "../../lib/data/image-file";
import type { Images } from "../../lib/data/images";
import { type ImageWriter, type OpenImage, openImage } from "../../lib/data/large-image";
import type { tf } from "../../lib/engine";
import { denoise } from "../../lib/inference/denoise";
import { denoiseRegions } from "../../lib/inference/denoise-regions";
import { checkFit, chooseModel, NoFittingModel, ofClosest } from "../../lib/inference/model-choice";
import type { ModelCard } from "../../lib/models/card";
import { loadModel } from "../../lib/models/files";
import type { SavedModel } from "../../lib/models/saved-models";
import { regionToEstimate } from "../../lib/noise/estimate";

export interface CleanOptions {
  /** The noise's standard deviation, where it is known; otherwise it is estimated. */
  readonly sigma?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
}

export interface Cleaned {
  readonly model: string;
  /** What one should know about the result, as sentences. */
  readonly notes: readonly string[];
}

type Channels = 1 | 3;

/** The models of a command. Each is loaded when a picture needs it. */
export class Models {
  private readonly loaded = new Map<string, Promise<tf.LayersModel>>();
  readonly saved: readonly SavedModel[];

  /**
   * @param groups of those in the first, none of the second is taken where one fits
   * @param named whether the only model was named, so that it is used also where it does not suit
   */
  constructor(
    readonly groups: readonly (readonly SavedModel[])[],
    readonly named: boolean,
  ) {
    this.saved = groups.flat();
  }

  load({ folder }: SavedModel): Promise<tf.LayersModel> {
    const model = this.loaded.get(folder) ?? loadModel(folder);
    this.loaded.set(folder, model);
    return model;
  }
}

/**
 * @param output its ending says which format it gets; folders are made
 * @throws {Error} when the picture cannot be read, no model suits it, or the result cannot be written
 * @throws what the signal was aborted with; then there is no file
 */
export async function cleanPicture(
  source: FileOrBytes,
  output: string | ((picture: OpenImage) => string),
  models: Models,
  options: CleanOptions = {},
): Promise<Cleaned> {
  const picture = await openImage(source);
  try {
    const colours: Channels = picture.channels === 3 && !hasEqualChannels(picture) ? 3 : 1;
    const { model, name, notes } = await modelFor(picture, colours, models, options);
    const file = typeof output === "string" ? output : output(picture);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const writer = picture.writer(file);
    try {
      await denoiseInto(writer, picture, colours, model, options);
    } catch (error) {
      writer.discard();
      throw error;
    }
    await writer.finish();
    return { model: name, notes };
  } finally {
    picture.close();
  }
}

/** Grey pictures are often stored as colour. */
function hasEqualChannels(picture: OpenImage): boolean {
  for (let top = 0; top < picture.height; top++) {
    const { data } = picture.readRegion({ top, left: 0, height: 1, width: picture.width });
    for (let i = 0; i < data.length; i += 3) if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

async function modelFor(picture: OpenImage, colours: Channels, models: Models, { sigma }: CleanOptions) {
  const sample = picture.readRegion(regionToEstimate(picture));
  const fit = { sigma, size: [picture.height, picture.width] as const };
  /** As a model with so many channels gets it. */
  const seen = (channels: Channels) => (channels === picture.channels ? sample : planes(sample, colours));
  const notesOn = (channels: number, card?: ModelCard) =>
    colours === 3 && channels === 1
      ? [`${card?.name ?? "the model"} was trained on grey pictures: each colour channel is cleaned by itself`]
      : [];
  if (models.named) {
    const [saved] = models.saved;
    const model = await models.load(saved);
    const { card } = saved;
    const name = card?.name ?? path.basename(saved.folder);
    const channels = model.outputs[0].shape[3];
    if (channels !== 1 && channels !== 3)
      throw new Error(`the model ${name} takes images with ${channels} channels, neither grey nor colour`);
    if (colours === 1 && channels === 3)
      throw new Error(
        `${name} was trained on colour pictures, and this one is grey: the model expects other noise in each channel; use one for grey pictures`,
      );
    const misfits = card
      ? checkFit(card, seen(channels), fit)
      : [`${name} has no card: whether it suits the picture is not known`];
    return { model, name, notes: [...misfits, ...notesOn(channels, card)] };
  }
  const reasons: (readonly string[])[] = [];
  for (const channels of colours === 3 ? ([3, 1] as const) : ([1] as const)) {
    let first: Fitting | undefined;
    let better: Fitting | undefined;
    for (const group of models.groups) {
      const candidates = group.flatMap((saved) =>
        saved.card?.trainedOn.channels === channels ? [{ saved, card: saved.card }] : [],
      );
      const isBetter = (card: ModelCard) => !first || gainOf(card) > 2 * gainOf(first.chosen.card);
      if (better || !candidates.some(({ card }) => isBetter(card))) continue;
      try {
        const fitting = chooseModel(candidates, seen(channels), fit);
        if (!first) first = fitting;
        else if (isBetter(fitting.chosen.card)) better = fitting;
      } catch (error) {
        if (!(error instanceof NoFittingModel)) throw error;
        reasons.push(...error.reasons);
      }
    }
    if (!first) continue;
    const { chosen, reason } = better ?? first;
    const notes = [
      ...(models.saved.length > 1 ? [`chosen: ${reason}`] : []),
      ...(better ? [passedOver(first, better)] : []),
      ...notesOn(channels, chosen.card),
    ];
    return { model: await models.load(chosen.saved), name: chosen.card.name, notes };
  }
  const why =
    reasons.length > 0
      ? ofClosest(reasons).join("\n")
      : `there is none for ${colours === 1 ? "grey" : "colour"} pictures`;
  throw new Error(`no model suits the picture; --model FOLDER uses one all the same\n${why}`);
}

interface Fitting {
  readonly chosen: { readonly saved: SavedModel; readonly card: ModelCard };
  readonly reason: string;
}

const passedOver = ({ chosen: { saved, card } }: Fitting, better: Fitting): string =>
  `${card.name} fits too, but gains only ${gainOf(card).toFixed(1)} dB on its test images, and this one ${gainOf(better.chosen.card).toFixed(1)} dB; --model ${saved.folder} uses it`;

/** How much a model's PSNR on its test images lies above that of noise that is not clipped; Infinity where nobody measured. */
function gainOf({ scores }: ModelCard): number {
  const gains = scores
    .filter(({ metric }) => metric === "PSNR")
    .map(({ mean, sigma }) => mean + 20 * Math.log10(sigma));
  return gains.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...gains);
}

/** [channels, height, width, 1]: the first channels of a picture, each as a grey image. */
function planes({ data, shape: [, height, width, bands] }: Images, channels: Channels): Images {
  const size = height * width;
  const split = new Float32Array(channels * size);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < size; i++) split[channel * size + i] = data[i * bands + channel];
  return { data: split, shape: [channels, height, width, 1] };
}

async function denoiseInto(
  writer: ImageWriter,
  picture: OpenImage,
  colours: Channels,
  model: tf.LayersModel,
  { sigma, signal, onProgress }: CleanOptions,
): Promise<void> {
  const [, height, width, channels] = model.outputs[0].shape;
  const { height: rows, width: columns } = picture;
  const whole = { top: 0, left: 0, height: rows, width: columns };
  const anySize = height === null && width === null;
  if (channels === picture.channels) {
    if (anySize) return denoiseRegions(model, picture, writer, { sigma, signal, onProgress });
    writer.writeRegion(whole, denoise(model, picture.readRegion(whole), { sigma }));
    return;
  }
  const results: Uint16Array[] = [];
  for (let channel = 0; channel < colours; channel++) {
    const result = new Uint16Array(rows * columns); // half as large as floats: all channels are in memory
    const source = {
      ...{ height: rows, width: columns, channels: 1 },
      readRegion: (region: typeof whole) => onlyChannel(picture.readRegion(region), channel),
    };
    const sink = {
      writeRegion: ({ top }: typeof whole, { data }: Images) => {
        for (let i = 0, at = top * columns; i < data.length; i++, at++)
          result[at] = Math.round(65535 * Math.min(1, Math.max(0, data[i])));
      },
    };
    if (anySize)
      await denoiseRegions(model, source, sink, {
        sigma,
        signal,
        onProgress: (share) => onProgress?.((channel + share) / colours),
      });
    else sink.writeRegion(whole, denoise(model, source.readRegion(whole), { sigma }));
    results.push(result);
  }
  for (let top = 0; top < rows; top++) {
    const row = new Float32Array(columns * 3);
    for (let channel = 0; channel < 3; channel++) {
      const result = results[channel % colours];
      for (let x = 0, from = top * columns; x < columns; x++, from++) row[3 * x + channel] = result[from] / 65535;
    }
    writer.writeRegion({ ...whole, top, height: 1 }, { data: row, shape: [1, 1, columns, 3] });
  }
}

function onlyChannel({ data, shape: [, height, width, bands] }: Images, channel: number): Images {
  const values = new Float32Array(height * width);
  for (let i = 0, from = channel; i < values.length; i++, from += bands) values[i] = data[from];
  return { data: values, shape: [1, height, width, 1] };
}
