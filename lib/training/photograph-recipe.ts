// The recipe for photographs, in a module of its own: the command line shows its settings without TensorFlow.
import type { Recipe } from "./recipes";

/** How the U-Net is trained on photographs: by patches of them, so nothing is to be kept for validation. */
export type PatchRecipe = Omit<Recipe, "attention" | "validationShare"> & {
  /** Pixels a side. */
  readonly patchSize: number;
  readonly patchesPerEpoch: number;
};

/**
 * For photographs. The loss is the logarithm of each patch's squared error: smooth patches, whose noise is seen most,
 * count as much as textures, whose error is many times larger.
 * @example
 * ```ts
 * import { photographRecipe } from "image-denoiser";
 *
 * photographRecipe.loss // 'log-MSE and SSIM'
 * ```
 */
export const photographRecipe: PatchRecipe = {
  filters: 16,
  patchSize: 64,
  patchesPerEpoch: 8000,
  epochs: 6,
  batchSize: 16,
  learningRate: 4e-3,
  schedule: "warm-up and decay",
  loss: "log-MSE and SSIM",
  ssimWeight: 0,
  noise: "online",
};
