// Total-variation denoising (Rudin, Osher & Fatemi 1992) by Chambolle's algorithm: smooths flat areas and keeps edges.
import { checkPositive } from "../checks";
import type { Images } from "../data/images";
import { filterChannels } from "./channels";

/** Step size, 1 / (2 dimensions). Chambolle proves convergence for half of it, and observes it for this. */
const step = 1 / 4;
const maxSteps = 200;
/** Steps end when the energy changes by less than this share of the first step's energy. */
const tolerance = 2e-4;

/**
 * Minimizes |u - noisy|² / 2 + weight TV(u), where TV sums the length of the gradient (forward differences) over
 * pixels: A. Chambolle, An algorithm for total variation minimization and applications, 2004. Equals scikit-image's
 * `denoise_tv_chambolle` with its defaults, steps and stopping included.
 * @param noisy [n, height, width, channels], finite values
 * @param weight > 0; more is smoother
 * @returns new images of the same shape
 * @throws {RangeError} when weight is not positive, data and shape do not fit together, or a value is not finite
 * @example
 * ```ts
 * import { type Images, totalVariation } from "image-denoiser";
 *
 * const noisy: Images = { data: Float32Array.of(0, 0, 1, 0, 0), shape: [1, 1, 5, 1] };
 * totalVariation(noisy, { weight: 0.5 }).data // Float32Array(5) [ 0.132363, 0.198379, 0.338516, 0.198379, 0.132363 ]
 * ```
 */
export function totalVariation(noisy: Images, { weight }: { weight: number }): Images {
  checkPositive("weight", weight);
  return filterChannels(noisy, { padding: 0, mode: "nearest" }, (height, width) => {
    // The dual variable, a vector (right, down) at each pixel: u = noisy + its divergence.
    const right = new Float64Array(height * width);
    const down = new Float64Array(height * width);
    return (noisyChannel, u) => {
      right.fill(0);
      down.fill(0);
      let first = 0;
      let previous = 0;
      for (let count = 1; ; count++) {
        const distance = addDivergence(noisyChannel, right, down, width, u);
        const energy = distance + weight * ascend(u, width, weight, right, down);
        if (count === 1) first = energy;
        else if (Math.abs(previous - energy) <= tolerance * first) return;
        if (count === maxSteps) return;
        previous = energy;
      }
    };
  });
}

/**
 * u = noisy + div(right, down), with backward differences.
 * @returns the sum of (u - noisy)²
 */
function addDivergence(
  noisy: Float64Array,
  right: Float64Array,
  down: Float64Array,
  width: number,
  u: Float64Array,
): number {
  let distance = 0;
  for (let row = 0; row < u.length; row += width)
    for (let at = row; at < row + width; at++) {
      let divergence = right[at] + down[at];
      if (at > row) divergence -= right[at - 1];
      if (row > 0) divergence -= down[at - width];
      u[at] = noisy[at] + divergence;
      distance += divergence * divergence;
    }
  return distance;
}

/**
 * One step of the dual variable along the gradient of u, scaled down so that no vector becomes longer than `weight`.
 * @returns the total variation of u
 */
function ascend(u: Float64Array, width: number, weight: number, right: Float64Array, down: Float64Array): number {
  let variation = 0;
  for (let row = 0; row < u.length; row += width)
    for (let at = row; at < row + width; at++) {
      const x = at + 1 < row + width ? u[at + 1] - u[at] : 0;
      const y = at + width < u.length ? u[at + width] - u[at] : 0;
      const length = Math.sqrt(x * x + y * y);
      variation += length;
      const scale = 1 / (1 + (step / weight) * length);
      right[at] = (right[at] + step * x) * scale;
      down[at] = (down[at] + step * y) * scale;
    }
  return variation;
}
