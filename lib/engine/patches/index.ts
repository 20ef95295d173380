// What of tfjs is patched. Models, weights and saved files stay as they are; switched off, everything is as tfjs ships it.
// Each patch checks at every call whether its native operation is certain to give what tfjs gives, and calls tfjs' own
// where it is not.
import { switchAttention } from "../attention";
import { switchAdam } from "./adam";
import { switchBatchNormalization } from "./batch-normalization";
import { switchConcatenate } from "./concatenate";
import { switchConvolution } from "./convolution";
import { switchMaxPooling } from "./max-pooling";
import { switchOperations } from "./operations";
import { switchTransposedConvolution } from "./transposed-convolution";
import { switchUpsampling } from "./upsampling";

const switches = [
  switchAdam,
  switchAttention,
  switchBatchNormalization,
  switchConcatenate,
  switchConvolution,
  switchMaxPooling,
  switchOperations,
  switchTransposedConvolution,
  switchUpsampling,
];

/**
 * Switches the native kernels on or off, for all models of this process. They are on from the start.
 *
 * @example
 * ```ts
 * import { useNativeTraining } from "image-denoiser";
 *
 * useNativeTraining(false); // stock tfjs from here on
 * useNativeTraining(true);
 * ```
 */
export function useNativeTraining(on: boolean): void {
  for (const toggle of switches) toggle(on);
}
