// What JPEG takes away: rounded frequencies of blocks of 8 x 8 pixels. No noise in the strict sense, nothing is drawn.
import { checkDataRange, checkFinite, checkImages, checkNumber } from "../checks";
import type { Images } from "../data/images";

export interface BlockQuantizationOptions {
  /** As JPEG's, from 1 (coarse) to 100 (fine). */
  quality: number;
  /** Values are clipped to [0, dataRange], which is from 1e-38 to 3e38; 1 if not given. */
  dataRange?: number;
  /** false: values stay as they are, also below 0 and above dataRange. */
  clip?: boolean;
}

const side = 8;

/** JPEG's example table for luminance (ITU-T T.81, table K.1), for quality 50 and values from 0 to 255. */
// biome-ignore format: eight rows of eight
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61,
  12, 12, 14, 19, 26, 58, 60, 55,
  14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77,
  24, 35, 55, 64, 81, 104, 113, 92,
  49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];

/** The orthonormal discrete cosine transform: cosines[frequency * 8 + position]. */
const cosines = Float64Array.from({ length: side * side }, (_, i) => {
  const [frequency, position] = [Math.floor(i / side), i % side];
  return (
    Math.sqrt((frequency === 0 ? 1 : 2) / side) * Math.cos((Math.PI * (2 * position + 1) * frequency) / (2 * side))
  );
});

/**
 * Rounds the discrete cosine transform of each block of 8 x 8 pixels, as JPEG does with grey pictures: with the
 * luminance table of its standard, scaled by quality as libjpeg does. Every channel is treated so; JPEG itself treats
 * the colours of a picture more coarsely. Values are not rounded to whole numbers of 255.
 * @param clean [n, height, width, channels], values in [0, dataRange]; at the border, blocks are filled up with the
 *   last row and column
 * @returns new images of the same shape
 * @throws {RangeError} when quality is not a whole number from 1 to 100, dataRange is out of range, a value is not
 *   finite, or data and shape do not fit together
 * @example
 * ```ts
 * import { blockQuantization, type Images } from "image-denoiser";
 *
 * const ramp: Images = { data: Float32Array.of(0, 0.1, 0.2, 0.3), shape: [1, 1, 4, 1] };
 * blockQuantization(ramp, { quality: 10 }).data // Float32Array(4) [ 0.00510396, 0.116634, 0.244825, 0.299994 ]
 * ```
 */
export function blockQuantization(
  clean: Images,
  { quality, dataRange = 1, clip = true }: BlockQuantizationOptions,
): Images {
  checkImages(clean, "clean");
  checkFinite(clean, "clean");
  checkNumber("quality", quality, { least: 1, most: 100, whole: true });
  checkDataRange(dataRange);
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const steps = luminance.map((step) => Math.min(Math.max(Math.floor((step * scale + 50) / 100), 1), 255));
  const [n, height, width, channels] = clean.shape;
  const data = new Float32Array(clean.data.length);
  const block = new Float64Array(side * side);
  for (let image = 0; image < n; image++)
    for (let top = 0; top < height; top += side)
      for (let left = 0; left < width; left += side)
        for (let channel = 0; channel < channels; channel++) {
          const at = (y: number, x: number) => ((image * height + y) * width + x) * channels + channel;
          for (let i = 0; i < block.length; i++) {
            const y = Math.min(top + Math.floor(i / side), height - 1);
            const x = Math.min(left + (i % side), width - 1);
            block[i] = (clean.data[at(y, x)] / dataRange) * 255 - 128;
          }
          const frequencies = transform(block, false).map((value, i) => Math.round(value / steps[i]) * steps[i]);
          const rounded = transform(frequencies, true);
          for (let y = top; y < Math.min(top + side, height); y++)
            for (let x = left; x < Math.min(left + side, width); x++) {
              const value = ((rounded[(y - top) * side + x - left] + 128) / 255) * dataRange;
              data[at(y, x)] = clip ? Math.min(Math.max(value, 0), dataRange) : value;
            }
        }
  return { data, shape: clean.shape };
}

/** C X C', or back: C' X C. */
function transform(block: Float64Array, back: boolean): Float64Array {
  const weight = (to: number, from: number) => (back ? cosines[from * side + to] : cosines[to * side + from]);
  const alongRows = new Float64Array(block.length);
  const result = new Float64Array(block.length);
  for (let i = 0; i < block.length; i++)
    for (let k = 0; k < side; k++) alongRows[i] += weight(i % side, k) * block[i - (i % side) + k];
  for (let i = 0; i < block.length; i++)
    for (let k = 0; k < side; k++) result[i] += weight(Math.floor(i / side), k) * alongRows[k * side + (i % side)];
  return result;
}
