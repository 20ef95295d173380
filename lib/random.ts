// Seeded random numbers: one small generator behind every draw of the project, so that a seed reproduces a run.
// A run has one seed; each of its uses of random numbers has a named stream, so that no two uses share numbers.
// xoshiro128** (Blackman & Vigna 2018) for bits, the ziggurat of Marsaglia & Tsang (2000) for normal variates, in the
// form of Doornik (2005), which takes strip and value from different bits.
import { createHash } from "node:crypto";
import { checkNumber } from "./checks";

const strips = 128;
const tailStart = 3.442619855899;
const stripArea = 9.91256303526217e-3;
const edge = new Float64Array(strips + 1);
const insideRatio = new Float64Array(strips);
{
  const density = (x: number) => Math.exp(-0.5 * x * x);
  edge[0] = stripArea / density(tailStart);
  edge[1] = tailStart;
  for (let i = 2; i < strips; i++) edge[i] = Math.sqrt(-2 * Math.log(stripArea / edge[i - 1] + density(edge[i - 1])));
  edge[strips] = 0;
  for (let i = 0; i < strips; i++) insideRatio[i] = edge[i + 1] / edge[i];
}

/**
 * A stream of random numbers. Equal seeds and names give equal streams; with another seed or another name, the stream
 * is another one, independent of the first. The names that this project uses:
 *
 * | stream | what it draws |
 * |---|---|
 * | "" | which training digits are kept for validation |
 * | "training noise", "validation noise", "test noise", "tuning noise" | noise that is drawn once for a set of images |
 * | "online noise", "online noise, epoch …, image …" | noise that is drawn anew for every epoch |
 * | "training noise of targets", "online noise of targets, epoch …, image …" | the second noisy version of Noise2Noise |
 * | "masks and probes, epoch …, batch …", "masks and probes of the validation" | what losses without clean targets draw |
 * | "pictures of the sets" | which pictures of a folder are for training, validation and test |
 * | "patches: …" | which patches of which pictures there are, in the sequence of all epochs |
 * | "shuffle" | the order of the training images in each epoch |
 * | "initial weights" | a model's weights before training |
 * | "divergence probes" | the directions in which a denoiser's divergence is measured |
 * | "bootstrap" | the resamples behind a confidence interval |
 *
 * @example
 * ```ts
 * import { Random } from "image-denoiser";
 *
 * const random = new Random(42, "test noise");
 * random.permutation(4); // Uint32Array(4) [ 3, 2, 1, 0 ]
 * ```
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /**
   * @param seed any whole number; its lowest 32 bits are used
   * @param stream what the numbers are for
   * @throws {RangeError} when seed is not a whole number
   */
  constructor(seed: number, stream = "") {
    checkNumber("seed", seed, { whole: true });
    const [a, b, c, d] = stream === "" ? unnamedState(seed) : namedState(seed, stream);
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /** The generator's state: four 32-bit numbers. Set to an earlier state, the stream continues from there. */
  get state(): readonly number[] {
    return [this.a, this.b, this.c, this.d];
  }
  set state(numbers) {
    [this.a, this.b, this.c, this.d] = numbers;
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const result = scramble(this.b);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = rotate(this.d, 11);
    return result;
  }

  /** Uniform in (0, 1). */
  uniform(): number {
    return ((this.bits() >>> 0) + 0.5) / 4294967296;
  }

  /** A whole number in 0 … n - 1. */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Normal with mean 0 and variance 1. */
  normal(): number {
    for (;;) {
      const bits = this.bits();
      const strip = bits & 127;
      const u = (bits >> 7) / 16777216; // the other 25 bits: uniform in [-1, 1)
      if (Math.abs(u) < insideRatio[strip]) return u * edge[strip];
      if (strip === 0) return this.tail(u < 0);
      const x = u * edge[strip];
      const low = Math.exp(-0.5 * (edge[strip] * edge[strip] - x * x));
      const high = Math.exp(-0.5 * (edge[strip + 1] * edge[strip + 1] - x * x));
      if (high + this.uniform() * (low - high) < 1) return x;
    }
  }

  /**
   * Fills an array with normal variates: those that as many calls of `normal` would give, but faster, as the state stays
   * in registers while variates lie inside their strips.
   */
  fillNormal(values: Float64Array): void {
    let { a, b, c, d } = this;
    for (let i = 0; i < values.length; i++) {
      const bits = scramble(b);
      const strip = bits & 127;
      const u = (bits >> 7) / 16777216;
      if (Math.abs(u) < insideRatio[strip]) {
        values[i] = u * edge[strip];
        const shifted = b << 9;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= shifted;
        d = rotate(d, 11);
      } else {
        this.state = [a, b, c, d];
        values[i] = this.normal();
        ({ a, b, c, d } = this);
      }
    }
    this.state = [a, b, c, d];
  }

  private tail(negative: boolean): number {
    for (;;) {
      const x = Math.log(this.uniform()) / tailStart;
      const y = Math.log(this.uniform());
      if (-2 * y >= x * x) return negative ? x - tailStart : tailStart - x;
    }
  }

  /** The numbers 0 … n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  }
}

type State = [a: number, b: number, c: number, d: number];

/** Four numbers of splitmix32, which takes neighbouring seeds far apart. */
function unnamedState(seed: number): State {
  let counter = seed | 0;
  const next = () => {
    counter = (counter + 0x9e3779b9) | 0;
    let z = counter ^ (counter >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  return [next(), next(), next(), next() | 1]; // never all zero
}

/**
 * 96 bits of the name's SHA-256 and the seed's 32 bits, mixed by rounds that can be undone. So two seeds never begin a
 * stream with the same state, nor do two names unless their hashes agree.
 */
function namedState(seed: number, stream: string): State {
  const hash = createHash("sha256").update(stream).digest();
  let [a, b, c, d] = [seed | 0, hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8)];
  for (let round = 0; round < 10; round++) {
    // the quarter round of ChaCha (Bernstein 2008)
    a = (a + b) | 0;
    d = rotate(d ^ a, 16);
    c = (c + d) | 0;
    b = rotate(b ^ c, 12);
    a = (a + b) | 0;
    d = rotate(d ^ a, 8);
    c = (c + d) | 0;
    b = rotate(b ^ c, 7);
  }
  return [a, b, c, d];
}

/** The bits that xoshiro128** gives in a state. @param b its second number */
const scramble = (b: number): number => Math.imul(rotate(Math.imul(b, 5), 7), 9);

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
