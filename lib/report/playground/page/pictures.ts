// Images to canvases, and picture files to images.
import type { Images } from "../../../data/images";
import { diverging } from "../../../figures/diverging";
import type { PlaygroundInput } from "../data";

/** Pixels of the longest side of a picture; larger ones are reduced. */
const longestSide = 512;

/** Draws one image, [1, height, width, 1 or 3]: its brightness, or what differs from 0 in colours. */
export function drawImage(
  canvas: HTMLCanvasElement,
  { data, shape }: Images,
  colors: "brightness" | "differences",
): void {
  const [, height, width, channels] = shape;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pixels = new ImageData(width, height);
  const put = colors === "differences" ? putDifferences : putBrightness;
  put(data, channels, pixels.data);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

function putBrightness(values: Float32Array, channels: number, bytes: Uint8ClampedArray): void {
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  for (let from = 0, to = 0; from < values.length; from += channels, to += 4) {
    bytes[to] = 255 * values[from];
    bytes[to + 1] = 255 * values[from + green];
    bytes[to + 2] = 255 * values[from + blue];
    bytes[to + 3] = 255;
  }
}

/** Colours for differences from -1 to 1, enough that neighbours look alike. */
const colorTable = Array.from({ length: 511 }, (_, i) => diverging(i / 255 - 1));

function putDifferences(values: Float32Array, channels: number, bytes: Uint8ClampedArray): void {
  for (let from = 0, to = 0; from < values.length; to += 4) {
    let sum = 0;
    for (const end = from + channels; from < end; from++) sum += values[from];
    const color = colorTable[Math.max(0, Math.min(510, Math.round(255 * (sum / channels + 1))))];
    for (let channel = 0; channel < 3; channel++) bytes[to + channel] = color[channel];
    bytes[to + 3] = 255;
  }
}

/** a - b */
export const difference = (a: Images, b: Images): Images => ({
  data: a.data.map((value, i) => value - b.data[i]),
  shape: a.shape,
});

/**
 * A picture of the reader's as the models take it, and a sentence that says what was done to it.
 * @throws {Error} when the file is no picture that the browser can read
 */
export async function readPicture(file: File, input: PlaygroundInput): Promise<{ images: Images; note: string }> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} is no picture that this browser can read: choose a PNG, JPEG or WebP file`);
  });
  const size = `${file.name}, ${bitmap.width} x ${bitmap.height} pixels`;
  if (input.height === null || input.width === null) {
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    const [height, width] = [bitmap.height, bitmap.width].map((side) => Math.max(1, Math.round(scale * side)));
    const images = valuesOf(resize(bitmap, whole(bitmap), height, width), input.channels);
    return { images, note: scale < 1 ? `${size}, reduced to ${width} x ${height}.` : `${size}.` };
  }
  const side = Math.min(bitmap.width / input.width, bitmap.height / input.height);
  const [width, height] = [side * input.width, side * input.height];
  const middle = { x: (bitmap.width - width) / 2, y: (bitmap.height - height) / 2, width, height };
  const images = valuesOf(resize(bitmap, middle, input.height, input.width), input.channels);
  const inverted = input.channels === 1 && isBright(images);
  const note = `${size}: its middle, reduced to ${input.width} x ${input.height}${inverted ? " and inverted, because the digits are white on black" : ""}.`;
  return { images: inverted ? { ...images, data: images.data.map((value) => 1 - value) } : images, note };
}

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const whole = ({ width, height }: ImageBitmap): Part => ({ x: 0, y: 0, width, height });

/** Halves the picture as often as possible before the last step: browsers skip pixels when they reduce by more. */
function resize(source: ImageBitmap | HTMLCanvasElement, part: Part, height: number, width: number): HTMLCanvasElement {
  const halves = part.width >= 4 * width && part.height >= 4 * height;
  const canvas = document.createElement("canvas");
  canvas.width = halves ? Math.floor(part.width / 2) : width;
  canvas.height = halves ? Math.floor(part.height / 2) : height;
  const context = canvas.getContext("2d")!;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
  return halves ? resize(canvas, { x: 0, y: 0, width: canvas.width, height: canvas.height }, height, width) : canvas;
}

/** Grey as lib/data has it: the weights of ITU-R BT.601. Transparent pixels are black. */
function valuesOf(canvas: HTMLCanvasElement, channels: number): Images {
  const { width, height } = canvas;
  const { data: pixels } = canvas.getContext("2d")!.getImageData(0, 0, width, height);
  const data = new Float32Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [red, green, blue, alpha] = pixels.subarray(4 * pixel, 4 * pixel + 4);
    const values = channels === 3 ? [red, green, blue] : [0.299 * red + 0.587 * green + 0.114 * blue];
    data.set(
      values.map((value) => ((value / 255) * alpha) / 255),
      pixel * channels,
    );
  }
  return { data, shape: [1, height, width, channels] };
}

function isBright({ data, shape: [, height, width] }: Images): boolean {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (y === 0 || x === 0 || y === height - 1 || x === width - 1) {
        sum += data[y * width + x];
        count++;
      }
  return sum / count > 0.5;
}
