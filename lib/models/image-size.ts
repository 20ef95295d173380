// Which images a model of this folder takes: grey or colour, of one size or of any.
import { checkChoice } from "../checks";

/** Rows and columns are halved twice on the way to the bottleneck. */
export const sizeMultiple = 4;

export interface ImageSizeOptions {
  /** 1 for grey images, 3 for colour. */
  channels?: 1 | 3;
  /** In pixels, a multiple of 4; null for images of any height. `denoise` pads those that are no multiple. */
  height?: number | null;
  /** As `height`. */
  width?: number | null;
}

/** @throws {RangeError} when channels are not 1 or 3, or height or width is neither null nor a multiple of `multiple` */
export function checkImageSize(
  { channels, height, width }: Required<ImageSizeOptions>,
  multiple: number = sizeMultiple,
): void {
  checkChoice("channels", channels, [1, 3]);
  for (const [name, size] of Object.entries({ height, width }))
    if (size !== null && !(Number.isInteger(size) && size > 0 && size % multiple === 0))
      throw new RangeError(`${name} must be null (any ${name}) or a multiple of ${multiple}, not ${size}`);
}

/** What the layers at the full, half and quarter resolution are named after: their height, where it is known. */
export const resolutionNames = (height: number | null): string[] =>
  height === null ? ["_full", "_half", "_quarter"] : [1, 2, 4].map((divisor) => String(height / divisor));
