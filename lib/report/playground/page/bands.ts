// A large picture, denoised in bands of rows, so that its upper part is shown early and the work can be given up in between.
// Each band is computed with as many rows beside it as its pixels depend on: the result is that of the whole picture.
import type { LayersModel } from "@tensorflow/tfjs-layers";
import type { Images } from "../../../data/images";
import { denoise } from "../../../inference/denoise";
import { receptiveField } from "../../../models/receptive-field";
import { estimateSigma } from "../../../noise/estimate";
import { takesLevelMap } from "../../../noise/level-map";

/** Bytes that a batch or a tile of a band may take. */
const memory = 2 ** 28;

/** Rows of a band, about: fewer would be computed twice too often. */
const tall = 192;

export interface Step {
  /** The rows that are not done are the noisy ones. */
  readonly denoised: Images;
  /** Of the rows, up to 1. */
  readonly share: number;
}

/**
 * @param noisy one image or, where the model takes only one size, several
 * @returns what is there before the first band, where there are several, and after each
 */
export function* denoiseInBands(model: LayersModel, noisy: Images): Generator<Step> {
  const [n, height, width, channels] = noisy.shape;
  const anySize = model.inputs[0].shape[1] === null && model.inputs[0].shape[2] === null;
  const count = Math.ceil(height / tall);
  if (n !== 1 || !anySize || count === 1) {
    yield { denoised: denoise(model, noisy, { memory }), share: 1 };
    return;
  }
  yield { denoised: noisy, share: 0 };
  const { stride, margin } = receptiveField(model).rows;
  const rows = Math.ceil(height / count / stride) * stride;
  const rowSize = width * channels;
  const data = noisy.data.slice();
  // the level of the whole picture, so that no band differs from the next
  const level = takesLevelMap(model) ? { sigma: estimateSigma(noisy, { clipped: true }) } : {};
  for (let top = 0; top < height; top += rows) {
    const [first, bottom] = [Math.max(0, top - margin), Math.min(height, top + rows)];
    const last = Math.min(height, bottom + margin);
    const part = noisy.data.subarray(first * rowSize, last * rowSize);
    const { data: done } = denoise(
      model,
      { data: part, shape: [1, last - first, width, channels] },
      { memory, ...level },
    );
    data.set(done.subarray((top - first) * rowSize, (bottom - first) * rowSize), top * rowSize);
    yield { denoised: { data, shape: noisy.shape }, share: bottom / height };
  }
}
