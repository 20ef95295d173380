// Total-variation denoising (Rudin, Osher & Fatemi 1992) by Chambolle's algorithm: smooths flat areas and keeps edges.
import { checkPositive } from "../checks";
import type { Images } from "../data/images";
import { filterImages } from "./channels";

/** Step size, 1 / (2 dimensions). Chambolle proves convergence for half of it, and observes it for this. */
const step = 1 / 4;
const maxSteps = 200;
/** Steps end when the energy changes by less than this share of the first step's energy. */
const tolerance = 2e-4;

/**
 * Minimizes |u - noisy|² / 2 + weight TV(u), where TV sums the length of the gradient (forward differences) over
 * pixels: A. Chambolle, An algorithm for total variation minimization and applications, 2004. In colour the gradient has
 * the differences of all channels, so that edges stay where they are in all of them: X. Bresson & T. Chan, Fast dual
 * minimization of the vectorial total variation norm, 2008. In grey equal to scikit-image's `denoise_tv_chambolle` with
 * its defaults, steps and stopping included; that function denoises each channel of a colour picture by itself.
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
  return filterImages(noisy, { padding: 0, mode: "nearest" }, (height, width, channels) => {
    // The dual variable, a vector (right, down) at each pixel of each channel: u = noisy + its divergence.
    const planes = () => Array.from({ length: channels }, () => new Float64Array(height * width));
    const [right, down] = [planes(), planes()];
    const scales = new Float64Array(height * width);
    return (noisyPlanes, u) => {
      for (const plane of [...right, ...down]) plane.fill(0);
      let first = 0;
      let previous = 0;
      for (let count = 1; ; count++) {
        let distance = 0;
        for (let c = 0; c < channels; c++) distance += addDivergence(noisyPlanes[c], right[c], down[c], width, u[c]);
        scales.fill(0);
        for (const plane of u) addSquaredGradient(plane, width, scales);
        const energy = distance + weight * scalesOf(scales, weight);
        for (let c = 0; c < channels; c++) ascend(u[c], width, scales, right[c], down[c]);
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

/** Adds the squared length of the gradient of u at each pixel. */
function addSquaredGradient(u: Float64Array, width: number, squares: Float64Array): void {
  for (let row = 0; row < u.length; row += width)
    for (let at = row; at < row + width; at++) {
      const x = at + 1 < row + width ? u[at + 1] - u[at] : 0;
      const y = at + width < u.length ? u[at + width] - u[at] : 0;
      squares[at] += x * x + y * y;
    }
}

/**
 * Replaces squared lengths of gradients by factors that keep the dual variable's vectors no longer than `weight`.
 * @returns the total variation, the sum of the lengths
 */
function scalesOf(squares: Float64Array, weight: number): number {
  let variation = 0;
  for (let at = 0; at < squares.length; at++) {
    const length = Math.sqrt(squares[at]);
    variation += length;
    squares[at] = 1 / (1 + (step / weight) * length);
  }
  return variation;
}

/** One step of the dual variable along the gradient of u, scaled down. */
function ascend(u: Float64Array, width: number, scales: Float64Array, right: Float64Array, down: Float64Array): void {
  for (let row = 0; row < u.length; row += width)
    for (let at = row; at < row + width; at++) {
      const x = at + 1 < row + width ? u[at + 1] - u[at] : 0;
      const y = at + width < u.length ? u[at + width] - u[at] : 0;
      right[at] = (right[at] + step * x) * scales[at];
      down[at] = (down[at] + step * y) * scales[at];
    }
}
