// The eight ways in which a rectangle of pixels can be turned and mirrored: for EXIF's orientations, which cameras write,
// and for augmentation.
import type { Images } from "./images";

/** Where in memory the pixels of a turned rectangle are: pixel (y, x) is at start + y * stepY + x * stepX. */
export interface PixelView {
  readonly start: number;
  readonly stepY: number;
  readonly stepX: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Turns a view, without moving a pixel. Symmetries 0 to 3 are that many quarter turns anticlockwise; 4 to 7 mirror left
 * and right first.
 */
export function turned(view: PixelView, symmetry: number): PixelView {
  let { start, stepY, stepX, height, width } = view;
  if (symmetry >= 4) {
    start += (width - 1) * stepX;
    stepX = -stepX;
  }
  for (let turn = 0; turn < symmetry % 4; turn++) {
    start += (width - 1) * stepX;
    [stepY, stepX] = [-stepX, stepY];
    [height, width] = [width, height];
  }
  return { start, stepY, stepX, height, width };
}

/** The symmetry that undoes another one. A mirrored picture, mirrored again in the same way, is what it was. */
export const inverseOf = (symmetry: number): number => (symmetry < 4 ? (4 - symmetry) % 4 : symmetry);

/** By EXIF's orientation, 1 to 8: the symmetry that turns the stored picture upright. */
export const orientations: readonly number[] = [0, 0, 4, 2, 6, 5, 3, 7, 1];

/**
 * One image, turned.
 * @param image [1, height, width, channels]
 * @returns a new image; height and width are exchanged by odd numbers of quarter turns
 */
export function transform(image: Images, symmetry: number): Images {
  const [, height, width, channels] = image.shape;
  const view = turned({ start: 0, stepY: width, stepX: 1, height, width }, symmetry);
  const data = new Float32Array(image.data.length);
  let at = 0;
  for (let y = 0; y < view.height; y++)
    for (let x = 0; x < view.width; x++) {
      const from = channels * (view.start + y * view.stepY + x * view.stepX);
      for (let channel = 0; channel < channels; channel++) data[at++] = image.data[from + channel];
    }
  return { data, shape: [1, view.height, view.width, channels] };
}
