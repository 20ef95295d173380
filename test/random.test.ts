import assert from "node:assert/strict";
import { test } from "node:test";
import { gaussian } from "../lib/noise/gaussian";
import { Random } from "../lib/random";

const streams = [
  "",
  "training noise",
  "validation noise",
  "test noise",
  "tuning noise",
  "online noise",
  "shuffle",
  "initial weights",
  "classifier",
  "bootstrap",
];

const firstFour = (seed: number, stream?: string) => {
  const random = new Random(seed, stream);
  return Array.from({ length: 4 }, () => random.bits() >>> 0);
};

test("no two of the streams of seeds 0 to 200 begin alike", () => {
  const beginnings = new Set<string>();
  for (let seed = 0; seed <= 200; seed++) for (const stream of streams) beginnings.add(firstFour(seed, stream).join());
  assert.equal(beginnings.size, 201 * streams.length);
});

test("training noise is not the test noise of any seed nearby", () => {
  const clean = { data: new Float32Array(16).fill(0.5), shape: [1, 4, 4, 1] as const };
  const noise = (seed: number, stream: string) => gaussian(clean, { sigma: 0.1, seed, stream }).data;
  const training = noise(44, "training noise");
  for (let seed = 40; seed < 50; seed++) assert.notDeepEqual(noise(seed, "test noise"), training);
});

test("streams stay as they are: the same seed gives the same numbers in every version", () => {
  // the named ones were also computed in Python, with hashlib's SHA-256
  for (const [seed, stream, expected] of [
    [42, undefined, [660444221, 3652823732, 77678286, 922035873]],
    [42, "", [660444221, 3652823732, 77678286, 922035873]],
    [42, "test noise", [670887600, 2719294622, 3701712010, 1278734145]],
    [42, "training noise", [1321065161, 2712351103, 2863326526, 1395350857]],
    [43, "test noise", [4116465051, 4122396989, 4064855038, 3676686720]],
    [-1, "größer", [1647596202, 461466397, 958581785, 819821362]],
  ] as const)
    assert.deepEqual(firstFour(seed, stream), expected);
});

test("neighbouring seeds and values are not correlated, in named streams neither", () => {
  const correlation = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, value, i) => sum + value * b[i], 0) / a.length;
  for (const stream of ["", "test noise"]) {
    const draw = (seed: number) => {
      const random = new Random(seed, stream);
      return Float64Array.from({ length: 200_000 }, () => random.normal());
    };
    const values = draw(42);
    assert.ok(Math.abs(correlation(values, draw(43))) < 0.01);
    assert.ok(Math.abs(correlation(values.slice(1), values.slice(0, -1))) < 0.01);
  }
});

test("a stream continues from a state that it had", () => {
  const random = new Random(1, "shuffle");
  const { state } = random;
  const first = random.permutation(20);
  const other = new Random(2);
  other.state = state;
  assert.deepEqual(other.permutation(20), first);
});

test("an array is filled with the normal variates that single calls give, and the stream goes on behind them", () => {
  const [single, filled] = [new Random(7, "test noise"), new Random(7, "test noise")];
  for (const n of [0, 1, 1000, 100_000]) {
    const values = new Float64Array(n);
    filled.fillNormal(values);
    assert.deepEqual(
      values,
      values.map(() => single.normal()),
    );
    assert.deepEqual(filled.state, single.state);
  }
});

test("normal variates have the normal distribution's moments and quantiles", () => {
  const random = new Random(1);
  const n = 1_000_000;
  const values = Float32Array.from({ length: n }, () => random.normal());
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const central = (power: number) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
  const deviation = Math.sqrt(central(2));
  const [skewness, kurtosis] = [central(3) / deviation ** 3, central(4) / deviation ** 4];
  assert.ok(Math.abs(mean) < 0.004 && Math.abs(deviation - 1) < 0.003, `${mean} ${deviation}`);
  assert.ok(Math.abs(skewness) < 0.01 && Math.abs(kurtosis - 3) < 0.02, `${skewness} ${kurtosis}`);
  values.sort();
  // quantiles of N(0, 1), deep into the tail that the ziggurat draws separately (beyond 3.44)
  for (const [share, expected] of [
    [0.00023263, -3.5],
    [0.02275, -2],
    [0.15866, -1],
    [0.5, 0],
    [0.84134, 1],
    [0.97725, 2],
    [0.99976737, 3.5],
  ] as const)
    assert.ok(Math.abs(values[Math.round(share * n)] - expected) < (Math.abs(expected) > 3 ? 0.06 : 0.012), `${share}`);
});

test("a permutation holds every number once", () => {
  const order = new Random(5).permutation(1000);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.notDeepEqual(order, new Random(6).permutation(1000));
});
