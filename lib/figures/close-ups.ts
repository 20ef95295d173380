// A picture of any size, whole and with a region of it enlarged, as several methods denoise it. HTML without a script or a
// style sheet: as many pictures beside each other as there is space for.
import sharp from "sharp";
import { checkChoice, checkNumber, checkSameShape } from "../checks";
import type { Images } from "../data/images";
import type { Region } from "../data/pixel-file";
import { escapeMarkup } from "../evaluation/markup";
import { psnr } from "../metrics/psnr";
import { ssim } from "../metrics/ssim";
import { formatNumber } from "../numbers";

export interface CloseUpMethod {
  readonly name: string;
  /** Of the same picture: [1, height, width, channels]. */
  readonly images: Images;
  /** Show the whole picture as well. */
  readonly whole?: boolean;
}

/** Plain data; pictures are WebP files as data URIs. */
export interface CloseUps {
  readonly title: string;
  /** The original, with the region marked, and whole pictures of methods, all of one size. */
  readonly wholes: readonly LabelledPicture[];
  /** The region of the original and of each method, all of one size. */
  readonly closeUps: readonly LabelledPicture[];
  /** What the figure shows, in a sentence or two, for readers who cannot see it. */
  readonly alt: string;
}

export interface LabelledPicture {
  readonly name: string;
  /** PSNR and SSIM of the whole picture; none below the original. */
  readonly scores?: string;
  readonly source: string;
  /** Pixels of the page. */
  readonly width: number;
  readonly height: number;
}

/** Pixels of the page: what two close-ups beside each other, or one whole picture, are wide at most. */
const closeUpWidth = 168;
/** Beside and below each picture. */
const gap = 8;
const wholeWidth = 2 * closeUpWidth + gap;
/** Of WebP, 0 to 100: as good as the original to the eye, but for noise. */
const wholeQuality = 82;

/**
 * Compares methods on one picture: the original with a marked region, that region of the original and of each method, and
 * the PSNR and SSIM of the whole picture below each. Close-ups are WebP without loss, enlarged by a whole number of times
 * by whoever shows them. Whole pictures are reduced to 344 pixels and compressed with loss, to be small: they show what the
 * picture is and where the close-up lies, not its noise.
 * @param clean the original, [1, height, width, 1 or 3], values in [0, 1]
 * @param methods in the order in which they are shown; values outside of [0, 1] are drawn as the nearer end
 * @param region from about 40 to 168 pixels a side; 84 x 84 are enlarged twice
 * @throws {RangeError} when shapes differ, there are several pictures or the region reaches beyond them
 * @example
 * ```ts
 * import { closeUps, gaussian, type Images } from "image-denoiser";
 *
 * const clean: Images = { data: new Float32Array(100 * 150 * 3).fill(0.5), shape: [1, 100, 150, 3] };
 * const noisy = gaussian(clean, { sigma: 25 / 255, seed: 42 });
 * const region = { top: 10, left: 50, height: 56, width: 56 };
 * const figure = await closeUps(clean, [{ name: "noisy", images: noisy }], region, "A grey wall");
 * figure.closeUps.map(({ name, scores }) => [name, scores]) // [ [ 'original', undefined ], [ 'noisy', '20.17 dB / 0.0884' ] ]
 * ```
 */
export async function closeUps(
  clean: Images,
  methods: readonly CloseUpMethod[],
  region: Region,
  title: string,
): Promise<CloseUps> {
  const [n, height, width, channels] = clean.shape;
  if (n !== 1) throw new RangeError(`close-ups show one picture, not ${n}`);
  checkChoice("channels", channels, [1, 3]);
  for (const { name, images } of methods) checkSameShape(clean, images, ["clean", name]);
  checkNumber("region.height", region.height, { least: 1, most: height, whole: true });
  checkNumber("region.width", region.width, { least: 1, most: width, whole: true });
  checkNumber("region.top", region.top, { least: 0, most: height - region.height, whole: true });
  checkNumber("region.left", region.left, { least: 0, most: width - region.width, whole: true });

  const all: CloseUpMethod[] = [{ name: "original", images: clean, whole: true }, ...methods];
  const scores = all.map(({ images }) =>
    images === clean
      ? {}
      : { scores: `${formatNumber(psnr(clean, images)[0], 2)} dB / ${formatNumber(ssim(clean, images)[0], 4)}` },
  );
  const scale = Math.min(1, wholeWidth / Math.max(height, width));
  const whole = { width: Math.round(scale * width), height: Math.round(scale * height) };
  const times = Math.max(1, Math.floor(closeUpWidth / region.width));
  const enlarged = { width: times * region.width, height: times * region.height };
  return {
    title,
    wholes: await Promise.all(
      all.flatMap(({ name, images, whole: shown }, i) =>
        shown
          ? [wholePicture(images, whole, i === 0 && { ...region, scale }).then((source) => ({ name, ...scores[i], source, ...whole }))] // biome-ignore format: short
          : [],
      ),
    ),
    closeUps: await Promise.all(
      all.map(async ({ name, images }, i) => ({
        name,
        ...scores[i],
        source: await cutOut(images, region),
        ...enlarged,
      })),
    ),
    alt: `${title}: a picture of ${width} x ${height} pixels, and ${region.width} x ${region.height} pixels of it enlarged. ${all
      .map(({ name }, i) => (scores[i].scores ? `${name} ${scores[i].scores}` : name))
      .join(", ")}.`,
  };
}

const pixels = ({ data, shape: [, height, width, channels] }: Images) =>
  sharp(
    Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value)))),
    { raw: { height, width, channels: channels as 1 | 3 } },
  );

const dataUri = (webp: Buffer): string => `data:image/webp;base64,${webp.toString("base64")}`;

const cutOut = async (images: Images, region: Region): Promise<string> =>
  dataUri(await pixels(images).extract(region).webp({ lossless: true, effort: 6 }).toBuffer());

/** Reduced, with a white frame that has black edges around the marked region. */
async function wholePicture(
  images: Images,
  size: { width: number; height: number },
  marked: false | (Region & { scale: number }),
): Promise<string> {
  const reduced = pixels(images).resize(size);
  if (marked) {
    const { top, left, height, width } = marked;
    const [x, y, w, h] = [left, top, width, height].map((value) => (value * marked.scale).toFixed(1));
    const frame = (color: string, line: number) =>
      `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${color}" stroke-width="${line}"/>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${frame("#000", 4)}${frame("#fff", 2)}</svg>`;
    reduced.composite([{ input: Buffer.from(svg) }]);
  }
  return dataUri(await reduced.webp({ quality: wholeQuality, effort: 6 }).toBuffer());
}

/**
 * The figure as HTML that keeps its look where scripts and style sheets are removed: whole pictures beside each other, close-ups
 * below, in as many rows as they need. Where space is short, two close-ups stand beside each other.
 * @example
 * ```ts
 * import { closeUps, closeUpsHtml, type Images } from "image-denoiser";
 *
 * const clean: Images = { data: new Float32Array(100 * 150).fill(0.5), shape: [1, 100, 150, 1] };
 * const figure = await closeUps(clean, [], { top: 10, left: 50, height: 56, width: 56 }, "A grey wall");
 * closeUpsHtml(figure).includes("A grey wall") // true
 * ```
 */
export function closeUpsHtml({ title, wholes, closeUps, alt }: CloseUps): string {
  const tile = ({ name, scores, source, width, height }: LabelledPicture, size: string, text = "") =>
    `<div style="display: inline-block; vertical-align: top; ${size}; margin: 0 ${gap}px ${gap}px 0; font-size: 12px; line-height: 1.35; page-break-inside: avoid"><img alt="${escapeMarkup(text)}" src="${source}" width="${width}" height="${height}" style="display: block; width: 100%; height: auto; margin: 0; image-rendering: pixelated"><b>${escapeMarkup(name)}</b>${scores ? `<br>${escapeMarkup(scores)}` : ""}</div>`;
  const share = `width: ${(100 / wholes.length - 1.5).toFixed(1)}%; min-width: ${closeUpWidth}px`;
  const rows = [
    wholes.map((whole, i) => tile(whole, `${share}; max-width: ${whole.width}px`, i === 0 ? alt : "")),
    closeUps.map((closeUp) => tile(closeUp, `width: ${closeUp.width}px`)),
  ];
  return `<div style="overflow: auto"><div style="font-weight: bold; padding: 4px 0">${escapeMarkup(title)}</div>${rows.map((tiles) => `<div>${tiles.join("")}</div>`).join("")}</div>`;
}
