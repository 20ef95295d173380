// What a training learns from: clean images, other noisy versions of the same images, or the noisy images alone. Losses
// on noisy images alone apply the model themselves, once or twice.
import * as tf from "@tensorflow/tfjs";
import { checkChoice, checkImages } from "../checks";
import { type Images, sliceImages } from "../data/images";
import type { NoiseLevel } from "../noise/kinds";
import { Random } from "../random";
import { hideGridPixels, hideRandomPixels } from "./blind-spot";
import type { TrainingData } from "./data";
import { type Choice, choices } from "./parameters";

export type Supervision = Choice<"supervision">;

/** A model as a function, in training or in inference. */
type Apply = (images: tf.Tensor4D) => tf.Tensor4D;

/**
 * A loss on noisy images [n, height, width, channels] alone.
 * @param random for masks and probes
 * @returns a number
 */
export type NoisyLoss = (apply: Apply, noisy: Images, random: Random) => tf.Scalar;

/**
 * The mean squared error in pixels whose own value the model does not see (Batson & Royer 2019, Krull et al. 2019). Up to
 * the variance of the noise, it is the error against the clean images in these pixels, if the noise has mean 0 and is
 * independent from pixel to pixel.
 */
const blindSpotLoss =
  (hide: typeof hideGridPixels): NoisyLoss =>
  (apply, noisy, random) => {
    const { images, mask } = hide(noisy, random);
    const weights = tensorOf(mask);
    const errors = tf.squaredDifference(apply(tensorOf(images)), tensorOf(noisy));
    return errors.mul(weights).sum().div(weights.sum().mul(noisy.shape[3]));
  };

/**
 * Stein's unbiased risk estimate (Stein 1981): |D(y) - y|² - sigma² + 2 sigma² div D(y), as a mean over pixels, is on
 * average the squared error against the clean images, where the noise is Gaussian of deviation sigma and not clipped.
 * The divergence is estimated with a probe b of random signs: b · (D(y + h b) - D(y)) / h (Ramani et al. 2008). The step h is
 * a tenth of sigma. A network with ReLU is linear in pieces; with a smaller step, fewer of its units change sides, each with
 * a larger weight, so that the gradient has more noise: an epoch on digits gives 20.3 dB with a tenth and 19.5 with a hundredth.
 */
const sureLoss =
  (sigma: number): NoisyLoss =>
  (apply, noisy, random) => {
    const signs = tf.tensor4d(
      Float32Array.from(noisy.data, () => (random.bits() < 0 ? -1 : 1)),
      [...noisy.shape],
    );
    const y = tensorOf(noisy);
    const step = sigma / 10;
    const denoised = apply(y);
    const divergence = apply(y.add(signs.mul(step)))
      .sub(denoised)
      .mul(signs)
      .mean()
      .div(step);
    const variance = sigma * sigma;
    return tf
      .squaredDifference(denoised, y)
      .mean()
      .sub(variance)
      .add(divergence.mul(2 * variance));
  };

const tensorOf = ({ data, shape }: Images): tf.Tensor4D => tf.tensor4d(data, [...shape]);

/**
 * The loss of a training that has no clean targets.
 * @returns undefined where the model's own loss is taken between its output and targets: clean images, or for
 *   "noise2noise" noisy ones
 * @throws {RangeError} when the data's noise is not what the loss is made for
 */
export function noisyLoss(supervision: Supervision, data: TrainingData): NoisyLoss | undefined {
  checkChoice("supervision", supervision, choices.supervision);
  if (supervision === "clean" || supervision === "noise2noise") return undefined;
  const kind = "noise" in data && typeof data.noise !== "function" ? data.noise.kind : undefined;
  if (supervision === "sure") return sureLoss(sigmaForSure(data));
  if ([kind].flat().includes("correlated"))
    throw new RangeError(
      `${supervision} needs noise that is independent from pixel to pixel, and spatially correlated noise is not: a pixel's noise is seen in its neighbours`,
    );
  return blindSpotLoss(supervision === "noise2self" ? hideGridPixels : hideRandomPixels);
}

function sigmaForSure(data: TrainingData): number {
  let sigma: NoiseLevel | undefined;
  if ("noise" in data && typeof data.noise !== "function") {
    const { kind } = data.noise;
    if ([kind].flat().some((each) => each !== "gaussian"))
      throw new RangeError(`SURE is for Gaussian noise, not for ${[kind].flat().join(", ")}`);
    if (data.clip) throw new RangeError("SURE is for noise that is not clipped: set clip to false");
    ({ sigma } = data.noise);
  } else if ("noisy" in data && "sigma" in data && typeof data.sigma === "number") ({ sigma } = data);
  if (typeof sigma === "number" && sigma > 0 && Number.isFinite(sigma)) return sigma;
  throw new RangeError(
    `SURE needs the standard deviation of the noise, one number above 0 for all images${sigma === undefined ? ": give it with noisy images as sigma, or choose noise by its kind" : `, not ${[sigma].flat().join(" to ")}`}`,
  );
}

/** One step of the optimizer on a loss of noisy images. @returns the loss before it */
export async function stepOnNoisy(
  model: tf.LayersModel,
  loss: NoisyLoss,
  noisy: Images,
  random: Random,
): Promise<number> {
  checkImages(noisy, "noisy");
  const apply: Apply = (images) => model.apply(images, { training: true }) as tf.Tensor4D;
  const variables = model.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const cost = model.optimizer.minimize(
    () => tf.tidy(() => tf.addN([loss(apply, noisy, random), ...model.calculateLosses()]).asScalar()),
    true,
    variables,
  ) as tf.Scalar;
  const [value] = await cost.data();
  cost.dispose();
  return value;
}

/** The mean of a loss over noisy images, of the model in inference; with equal seeds, masks and probes are the same. */
export function meanLossOnNoisy(
  model: tf.LayersModel,
  loss: NoisyLoss,
  noisy: Images,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): number {
  const random = new Random(seed, "masks and probes of the validation");
  const n = noisy.shape[0];
  let sum = 0;
  for (let start = 0; start < n; start += batchSize) {
    const batch = sliceImages(noisy, start, Math.min(start + batchSize, n));
    const apply: Apply = (images) => model.apply(images) as tf.Tensor4D;
    sum += batch.shape[0] * tf.tidy(() => loss(apply, batch, random).dataSync()[0]);
  }
  return sum / n;
}
