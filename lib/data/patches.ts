// Patches drawn from pictures in files, for training on more pictures than fit into memory. Which patches an epoch has is
// fixed by seed and epoch alone; libvips' threads decode the pictures ahead of their use, into a bounded cache.
import { checkCount, checkNumber } from "../checks";
import { Random } from "../random";
import { type ColourChange, changeColours, drawColourChange } from "./colour-augmentation";
import { shownPath } from "./image-file";
import type { PictureFile, PictureSet } from "./image-folder";
import type { Images } from "./images";
import { cut, type Pixels, readPixels, wholeOf } from "./pixels";

/** Images that are made when they are asked for, others in each epoch. */
export interface ImageSource {
  /** Images in an epoch. */
  readonly size: number;
  /** Asked for in order, 0, 1, 2 …, images are prepared ahead. They are mixed already. */
  readonly inOrder: true;
  /** What the images depend on: a checkpoint is not resumed with other settings. */
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  /**
   * @param indices whole numbers from 0 to size - 1
   * @param epoch counted from 1
   * @returns [indices.length, height, width, channels], values in [0, 1]
   */
  images(indices: ArrayLike<number>, epoch: number): Promise<Images>;
}

export interface PatchOptions {
  /** Pixels a side. */
  readonly size?: number;
  /** Patches in an epoch. */
  readonly perEpoch: number;
  readonly seed?: number;
  /** What the patches are for: patches of other names are drawn independently. */
  readonly stream?: string;
  /** Turn and mirror each patch in one of eight ways, at random. */
  readonly symmetries?: boolean;
  /**
   * Exchange the channels of colour patches, and change their saturation and brightness, at random. Grey pictures are
   * tinted so. For few pictures.
   */
  readonly colourChanges?: boolean;
  /**
   * Patches that are drawn from a picture while it is in memory: by default at least 64, and so many that they cover an
   * eighth of the average picture, so that decoding takes little time. Fewer mix the pictures better.
   */
  readonly perPicture?: number;
  /** Decoded pictures that are held in memory at most, in megabytes; two pictures are held in any case. */
  readonly cacheMegabytes?: number;
}

/**
 * Square patches of a set's pictures, at random positions. `fit` takes them in place of clean images. Each picture gives
 * equally many patches, however large it is; pictures smaller than a patch give none.
 *
 * The pictures pass through the cache in random order, as many at a time as half of it holds, and their patches are
 * mixed. If the cache holds all pictures, each is decoded once. Equal options and pictures give equal patches, whatever
 * the time that decoding takes.
 * @throws {RangeError} when an option is out of range, or no picture is as large as a patch
 * @example
 * ```ts
 * import { loadPhotographs, patches } from "image-denoiser";
 *
 * const { train } = loadPhotographs({ channels: 3 });
 * const source = patches(train, { size: 32, perEpoch: 64, seed: 42 });
 * (await source.images([0, 1, 2, 3], 1)).shape // [ 4, 32, 32, 3 ]
 * ```
 */
export function patches(
  { pictures, channels }: PictureSet,
  {
    size = 64,
    perEpoch,
    seed = 42,
    stream = "patches",
    symmetries = true,
    colourChanges = false,
    perPicture = Math.max(64, Math.ceil(meanArea(pictures) / (8 * size ** 2))),
    cacheMegabytes = 512,
  }: PatchOptions,
): ImageSource {
  checkCount("size", size);
  checkCount("perEpoch", perEpoch);
  checkCount("perPicture", perPicture);
  checkNumber("cacheMegabytes", cacheMegabytes, { least: 0 });
  const used = pictures.filter(({ height, width }) => Math.min(height, width) >= size);
  if (used.length === 0)
    throw new RangeError(`none of the ${pictures.length} pictures is as large as a patch of ${size} x ${size} pixels`);
  const together = picturesTogether(used, cacheMegabytes * 1e6);
  const plan = planner(used, {
    size,
    seed,
    stream,
    symmetries,
    changes: colourChanges && channels === 3,
    perPicture,
    together,
  });
  const cache = pictureCache(used);
  const inGroup = together * perPicture;
  const groupOf = (number: number) => Math.floor(number / inGroup);
  const length = size * size * channels;
  return {
    size: perEpoch,
    inOrder: true,
    settings: {
      patches: perEpoch,
      patchSize: size,
      patchSeed: `${seed} ${stream}`,
      symmetries,
      ...(colourChanges && { colourChanges }),
      perPicture,
      picturesTogether: together,
      channels,
      pictures: new Random(0, used.map(({ digest }) => digest).join()).bits(),
    },
    async images(indices, epoch) {
      const numbers = Array.from(indices, (index) => {
        checkNumber("index", index, { least: 0, most: perEpoch - 1, whole: true });
        return (epoch - 1) * perEpoch + index;
      });
      const groups = new Set(numbers.map(groupOf));
      cache.keep([...groups, Math.max(...groups) + 1].flatMap((group) => plan(group).visits));
      const drawn = numbers.map((number) => plan(groupOf(number)).patches[number % inGroup]);
      const data = new Float32Array(numbers.length * length);
      const decoded = await Promise.all(drawn.map(({ picture }) => cache.get(picture)));
      drawn.forEach(({ top, left, symmetry, colours }, i) => {
        cut(decoded[i], { top, left, height: size, width: size }, { channels, symmetry, data, at: i * length });
        if (colours) changeColours(data.subarray(i * length, (i + 1) * length), colours);
      });
      cache.prepare(2);
      return { data, shape: [numbers.length, size, size, channels] };
    },
  };
}

const meanArea = (pictures: readonly PictureFile[]): number =>
  pictures.reduce((sum, { height, width }) => sum + height * width, 0) / Math.max(1, pictures.length);

/** As many pictures as half of the cache holds: while their patches are drawn, the next ones are decoded. */
function picturesTogether(pictures: readonly PictureFile[], cacheBytes: number): number {
  const total = pictures.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= cacheBytes) return pictures.length;
  const largest = pictures.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  return Math.min(pictures.length, Math.max(1, Math.floor(cacheBytes / 2 / largest)));
}

interface Patch {
  /** Its number in the set. */
  readonly picture: number;
  readonly top: number;
  readonly left: number;
  readonly symmetry: number;
  readonly colours?: ColourChange;
}

/** Pictures that are in memory together, and their patches in the order of their use. */
interface Group {
  readonly visits: readonly number[];
  readonly patches: readonly Patch[];
}

type PlanOptions = Required<Pick<PatchOptions, "size" | "seed" | "stream" | "symmetries" | "perPicture">> & {
  readonly changes: boolean;
  readonly together: number;
};

/**
 * The patches of all epochs are one sequence, which is divided into groups. Group after group, the pictures are visited
 * in random order, all of them before one comes again.
 */
function planner(
  pictures: readonly PictureFile[],
  { size, seed, stream, symmetries, changes, perPicture, together }: PlanOptions,
): (group: number) => Group {
  const n = pictures.length;
  const orders = recent((round: number) => new Random(seed, `${stream}: pictures, round ${round}`).permutation(n));
  return recent((number: number): Group => {
    const visits = Array.from({ length: together }, (_, i) => {
      const visit = number * together + i;
      return orders(Math.floor(visit / n))[visit % n];
    });
    const random = new Random(seed, `${stream}: group ${number}`);
    const drawn = visits.flatMap((picture) =>
      Array.from({ length: perPicture }, (): Patch => {
        const { height, width } = pictures[picture];
        const [top, left] = [random.below(height - size + 1), random.below(width - size + 1)];
        const symmetry = symmetries ? random.below(8) : 0;
        return { picture, top, left, symmetry, ...(changes && { colours: drawColourChange(random) }) };
      }),
    );
    return { visits, patches: Array.from(random.permutation(drawn.length), (i) => drawn[i]) };
  });
}

/** A function of a whole number that remembers its last few results. */
function recent<Result>(compute: (number: number) => Result): (number: number) => Result {
  const results = new Map<number, Result>();
  return (number) => {
    const result = results.get(number) ?? compute(number);
    results.delete(number);
    results.set(number, result);
    for (const oldest of results.keys()) if (results.size > 4) results.delete(oldest);
    return result;
  };
}

/** Decoded pictures, by their numbers. */
function pictureCache(pictures: readonly PictureFile[]) {
  const cached = new Map<number, Promise<Pixels>>();
  let wanted: readonly number[] = [];
  let decoding = 0;
  async function load({ file, height, width }: PictureFile): Promise<Pixels> {
    decoding++;
    try {
      const pixels = await readPixels(file);
      const now = wholeOf(pixels);
      if (now.height !== height || now.width !== width)
        throw new Error(
          `${shownPath(file)} has changed: it was ${width} x ${height} and is ${now.width} x ${now.height}`,
        );
      return pixels;
    } finally {
      decoding--;
    }
  }
  function get(number: number): Promise<Pixels> {
    const pixels = cached.get(number) ?? load(pictures[number]);
    pixels.catch(() => cached.delete(number)); // whoever waits for it gets the error
    cached.set(number, pixels);
    return pixels;
  }
  return {
    get,
    /** Forgets all others. */
    keep(numbers: readonly number[]): void {
      wanted = [...new Set(numbers)];
      for (const number of cached.keys()) if (!wanted.includes(number)) cached.delete(number);
    },
    /** Begins to decode what is wanted, so many at once. It goes on when it is called again, so it ends with the training. */
    prepare(atOnce: number): void {
      for (const number of wanted) if (decoding < atOnce && !cached.has(number)) get(number);
    },
  };
}

/**
 * Patches that are drawn once, for validation for example.
 * @returns [count, size, size, channels], values in [0, 1]
 * @throws {RangeError} when an option is out of range, or no picture is as large as a patch
 * @example
 * ```ts
 * import { drawPatches, loadPhotographs } from "image-denoiser";
 *
 * const { validation } = loadPhotographs({ channels: 1 });
 * const clean = await drawPatches(validation, { size: 48, count: 10, seed: 42, stream: "validation patches" });
 * clean.shape // [ 10, 48, 48, 1 ]
 * ```
 */
export function drawPatches(
  set: PictureSet,
  { count, ...options }: Omit<PatchOptions, "perEpoch" | "perPicture"> & { readonly count: number },
): Promise<Images> {
  checkCount("count", count);
  const perPicture = Math.max(1, Math.ceil(count / Math.max(1, set.pictures.length)));
  const source = patches(set, { ...options, perEpoch: count, perPicture });
  return source.images(
    Uint32Array.from({ length: count }, (_, i) => i),
    1,
  );
}
