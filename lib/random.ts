// Seeded random numbers: one small generator behind every draw of the project, so that a seed reproduces a run.
// xoshiro128** (Blackman & Vigna 2018) for bits, the ziggurat of Marsaglia & Tsang (2000) for normal variates, in the
// form of Doornik (2005), which takes strip and value from different bits.

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

/** A stream of random numbers; equal seeds give equal streams. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** @param seed any whole number; its lowest 32 bits are used */
  constructor(seed: number) {
    if (!Number.isInteger(seed)) throw new RangeError(`seed must be a whole number, not ${seed}`);
    // splitmix32 spreads neighbouring seeds over the whole state
    let state = seed | 0;
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next() | 1; // never all zero
  }

  /** Where the stream stands: four 32-bit numbers. Set to an earlier one, it goes on from there. */
  get state(): readonly number[] {
    return [this.a, this.b, this.c, this.d];
  }
  set state(numbers) {
    [this.a, this.b, this.c, this.d] = numbers;
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
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
