// Compares what native kernels give with what stock tfjs gives. How far they may be apart depends on the function: the
// yardstick is what stock tfjs gives when its inputs change in the sixth digit.
import { tf, useNativeTraining } from "../../lib/engine";

/** How a case is run: with tfjs' own kernels, with ours, or with tfjs' own on inputs changed by `change` of themselves. */
export interface Mode {
  readonly native: boolean;
  readonly change: number;
}

/** Numbers that a case computes, by name; a text where it throws. */
export type Outcome = Readonly<Record<string, Float32Array | string>>;

const stock: Mode = { native: false, change: 0 };
const perturbed: readonly Mode[] = [1e-6, -1e-6, 2e-6, 5e-7].map((change) => ({ native: false, change }));
const native: Mode = { native: true, change: 0 };

/**
 * @param onlyStock to see whether stock tfjs alone gets through
 * @returns how the case differs, or undefined
 */
export async function difference(
  run: (mode: Mode) => Promise<Outcome>,
  onlyStock: boolean,
): Promise<string | undefined> {
  const inMode = async (mode: Mode) => {
    await tf.setBackend("tensorflow");
    useNativeTraining(mode.native);
    try {
      return await run(mode);
    } finally {
      useNativeTraining(true);
    }
  };
  const expected = await inMode(stock);
  if (onlyStock) return undefined;
  const actual = await inMode(native);
  if (Object.keys(expected).join() !== Object.keys(actual).join())
    return `stock tfjs gives ${Object.keys(expected).join()}, native kernels ${Object.keys(actual).join()}`;
  let others: Outcome[] | undefined;
  for (const [name, a] of Object.entries(expected)) {
    const b = actual[name];
    if (typeof a === "string" || typeof b === "string") {
      if (typeof a !== typeof b) return `${name}: stock tfjs gives ${describe(a)}, native kernels ${describe(b)}`;
      continue;
    }
    if (a.length !== b.length) return `${name}: ${b.length} numbers instead of ${a.length}`;
    if (distance(a, b) <= 2e-5 * scale(a)) continue;
    if (!others) {
      others = [];
      for (const mode of perturbed) others.push(await inMode(mode));
    }
    const sensitivity = Math.max(
      ...others.map(({ [name]: other }) => (other instanceof Float32Array ? distance(a, other) : Infinity)),
    );
    const allowed = 2e-5 * scale(a) + 50 * sensitivity;
    if (!(distance(a, b) <= allowed))
      return `${name}: off by ${distance(a, b).toPrecision(3)}, where ${allowed.toPrecision(3)} would be rounding; largest number ${scale(a).toPrecision(3)}`;
  }
  return undefined;
}

const describe = (value: Float32Array | string) => (typeof value === "string" ? `the error "${value}"` : "numbers");

const scale = (values: Float32Array): number =>
  values.reduce((largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest), 0.05);

/** The largest difference; Infinity where one is NaN or infinite and the other is not. */
function distance(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const apart = Math.abs(a[i] - b[i]);
    if (Number.isNaN(apart)) return Infinity;
    largest = Math.max(largest, apart);
  }
  return largest;
}

/** Runs `work` and turns what it throws into a text. */
export async function outcomeOf(work: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    return { error: (error as Error).message.split("\n")[0] };
  }
}

export const numbers = (tensor: tf.Tensor): Float32Array => Float32Array.from(tensor.dataSync());
