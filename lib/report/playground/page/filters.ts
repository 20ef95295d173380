// The classical filters to compare the models with. Their strength follows the noise, as tuning on training digits and
// photographs finds it.
import { correctClipping } from "../../../classical/clipping";
import { medianFilter } from "../../../classical/median";
import { totalVariation } from "../../../classical/total-variation";
import type { Images } from "../../../data/images";
import type { filterNames } from "./filter-names";
import { kindOf, type Noise } from "./noises";

export type Filter = (noisy: Images, noise: Noise) => Images;

export const filters: Readonly<Record<(typeof filterNames)[number], Filter>> = {
  "median filter": (noisy, noise) =>
    corrected(medianFilter(noisy, { size: isSmall(noisy) && sigmaOf(noise) < 0.6 ? 3 : 5 }), noise),
  "total variation": (noisy, noise) =>
    sigmaOf(noise) === 0 ? noisy : corrected(totalVariation(noisy, { weight: weightOf(noisy, noise) }), noise),
};

const sigmaOf = (noise: Noise) => kindOf(noise).sigma(noise.level);

/** A digit, not a photograph. */
const isSmall = ({ shape: [, height, width] }: Images) => Math.min(height, width) < 64;

const weightOf = (noisy: Images, noise: Noise) =>
  sigmaOf(noise) * (kindOf(noise).biased ? 0.5 : isSmall(noisy) ? 0.7 : 1);

/** Without the bias of clipping. */
const corrected = (filtered: Images, noise: Noise): Images =>
  kindOf(noise).biased && sigmaOf(noise) > 0 ? correctClipping(filtered, sigmaOf(noise)) : filtered;
