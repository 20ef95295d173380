// Total-variation denoising (Rudin, Osher & Fatemi 1992) by Chambolle's algorithm: among the images near the noisy one,
// the one whose slopes, summed, are least. Flat areas become flat and edges stay.
import { checkPositive } from "../checks";
import type { Images } from "../data/images";
import { filterPlanes } from "./planes";

/** How far a step goes: 1 / (2 dimensions). Chambolle proves convergence up to half of it, and sees it up to this. */
const step = 1 / 4;
const maxSteps = 200;
/** Steps end when the energy changes by less than this part of what it was at first. */
const tolerance = 2e-4;

/**
 * Minimizes |u - noisy|² / 2 + weight TV(u), where TV sums the length of the gradient (forward differences) over
 * pixels: A. Chambolle, An algorithm for total variation minimization and applications, 2004. Equals scikit-image's
 * `denoise_tv_chambolle` with its defaults, steps and stopping included.
 * @param noisy [n, height, width, channels], finite values
 * @param weight > 0; more is smoother
 * @returns new images of the same shape
 * @throws {RangeError} when weight is not positive, shape and data disagree, or a value is not finite
 */
export function totalVariation(noisy: Images, { weight }: { weight: number }): Images {
  checkPositive("weight", weight);
  return filterPlanes(noisy, { margin: 0, border: "nearest" }, (height, width) => {
    // The dual field, (right, down) at each pixel, no longer than `weight` in the end: u = noisy + its divergence.
    const right = new Float64Array(height * width);
    const down = new Float64Array(height * width);
    return (plane, u) => {
      right.fill(0);
      down.fill(0);
      let first = 0;
      let previous = 0;
      for (let count = 1; ; count++) {
        const distance = addDivergence(plane, right, down, width, u);
        const energy = distance + weight * followGradient(u, width, weight, right, down);
        if (count === 1) first = energy;
        else if (Math.abs(previous - energy) <= tolerance * first) return;
        if (count === maxSteps) return;
        previous = energy;
      }
    };
  });
}

/**
 * u = plane + div(right, down), with backward differences.
 * @returns the sum of (u - plane)²
 */
function addDivergence(
  plane: Float64Array,
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
      u[at] = plane[at] + divergence;
      distance += divergence * divergence;
    }
  return distance;
}

/**
 * Moves the field along the gradient of u, and shortens it where the gradient is long.
 * @returns the total variation of u
 */
function followGradient(
  u: Float64Array,
  width: number,
  weight: number,
  right: Float64Array,
  down: Float64Array,
): number {
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
