// Ten million values of each kind of noise beside the closed form of its distribution, and how fast they are drawn.
import * as lib from "../lib";
import { formatNumber, formatSignificant } from "../lib/numbers";
import { distributionOf, kolmogorovSmirnov, type Moments, momentsOf } from "./distributions";
import { median, type StudyAnswer } from "./study";

const seed = 42;
const value = 0.5;
const sigma = 0.2;

export interface NoiseModelsOptions {
  readonly samples?: number;
}

interface Row {
  readonly kind: lib.NoiseKind;
  readonly samples: number;
  readonly expected: Moments;
  readonly found: Moments;
  /** Of Kolmogorov and Smirnov. */
  readonly distance: number;
  /** In 95 of 100 cases the distance is smaller. */
  readonly bound: number;
  /** The median. */
  readonly perSecond: number;
}

export async function noiseModels({ samples = 10_000_000 }: NoiseModelsOptions = {}): Promise<StudyAnswer> {
  const rows = lib.noiseKinds.map((kind): Row => {
    console.error(lib.noiseName(kind));
    const { values, perSecond } = kind === "correlated" ? correlatedValues(samples) : valuesOf(kind, samples);
    const distribution = distributionOf(kind, value, sigma);
    const found = momentsOfValues(values);
    return {
      ...{ kind, samples: values.length, expected: momentsOf(distribution), found },
      distance: kolmogorovSmirnov(values.sort(), distribution),
      bound: 1.358 / Math.sqrt(values.length),
      perSecond,
    };
  });
  const table: lib.Table = {
    columns: [
      `noise, sigma ${sigma}, on ${value}`,
      "values",
      "mean (closed form)",
      "deviation (closed form)",
      "KS distance (95 % below)",
      "million a second",
    ],
    rows: rows.map(({ kind, samples, expected, found, distance, bound, perSecond }) => [
      lib.noiseName(kind),
      samples.toLocaleString("en-US"),
      `${formatNumber(found.mean, 5)} (${formatNumber(expected.mean, 5)})`,
      `${formatNumber(found.deviation, 5)} (${formatNumber(expected.deviation, 5)})`,
      `${formatSignificant(distance, 2)} (${formatSignificant(bound, 2)})`,
      formatSignificant(perSecond / 1e6, 2),
    ]),
  };
  return { result: { seed, value, sigma, rows }, table };
}

/** As images of 100 x 100 pixels, a hundred at a time: a rate for each hundred, as the first ones wait for the compiler. */
function valuesOf(kind: lib.NoiseKind, samples: number): { values: Float32Array; perSecond: number } {
  const values = new Float32Array(samples);
  const side = 100;
  const addNoise = lib.noiseModel({ kind, sigma });
  const rates: number[] = [];
  for (let from = 0, block = 0; from < samples; block++) {
    const n = Math.min(100, Math.ceil((samples - from) / side ** 2));
    const clean: lib.Images = { data: new Float32Array(n * side ** 2).fill(value), shape: [n, side, side, 1] };
    const began = performance.now();
    const { data } = addNoise(clean, { seed, stream: `samples ${block}`, clip: false });
    rates.push(data.length / ((performance.now() - began) / 1000));
    values.set(data.subarray(0, samples - from), from);
    from += data.length;
  }
  return { values, perSecond: median(rates) };
}

/** A tenth as many, from pixels so far apart that they are independent: every eighth in both directions. */
function correlatedValues(samples: number): { values: Float32Array; perSecond: number } {
  const apart = 8;
  const { values: all, perSecond } = valuesOf("correlated", Math.ceil(samples / 10) * apart ** 2);
  const side = 100;
  const values = all.filter((_, i) => (i % side) % apart === 0 && Math.floor(i / side) % apart === 0);
  return { values, perSecond };
}

function momentsOfValues(values: Float32Array): Moments {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length) };
}
