// Native ops refuse inputs that do not fit, with a message that says which, and go on working.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tf } from "../../lib/engine";
import * as kernels from "../../lib/engine/kernels";

const ones = (...shape: number[]) => tf.ones(shape);
const input = (...inputs: tf.Tensor[]): kernels.ConvolutionInput => ({ inputs, factors: [1, 1] });
const conv = (x: kernels.ConvolutionInput, kernel: tf.Tensor, bias: tf.Tensor) =>
  kernels.conv(x, kernel, bias, { relu: true, moments: true });
const options = { relu: true, ofInput: true };
const x = ones(2, 4, 6, 16);
const kernel = ones(3, 3, 16, 8);
const y = ones(2, 4, 6, 8);
const pooled = ones(2, 2, 3, 8);
const channels = ones(8);
const variables = { gamma: channels, beta: channels, movingMean: channels, movingVariance: channels };
const settings = { epsilon: 1e-3, momentum: 0.9 };

/** Calls with one input that does not fit, and what the error says of it. */
const calls: [message: RegExp, call: () => unknown][] = [
  [
    /DenoiserConv: kernel is \[3, 3, 8, 8\], but must be \[any, any, 16, any\]/,
    () => conv(input(x), ones(3, 3, 8, 8), channels),
  ],
  [/kernel is \[2, 3, 16, 8\], but must be odd/, () => conv(input(x), ones(2, 3, 16, 8), channels)],
  [/kernel is \[0, 3, 16, 8\], but must be odd/, () => conv(input(x), ones(0, 3, 16, 8), channels)],
  [/kernel is \[16, 8\]/, () => conv(input(x), ones(16, 8), channels)],
  [/bias is \[7\], but must be \[8\]/, () => conv(input(x), kernel, ones(7))],
  [/bias is \[\]/, () => conv(input(x), kernel, tf.scalar(1))],
  [/x\[0\] is \[4, 6, 16\], but must be \[any, any, any, any\]/, () => conv(input(ones(4, 6, 16)), kernel, channels)],
  [
    /x\[1\] is \[2, 4, 5, 16\], but must be \[2, 4, 6, any\]/,
    () => conv(input(x, ones(2, 4, 5, 16)), ones(3, 3, 32, 8), channels),
  ],
  [/x\[0\] is .*multiple of 16/, () => conv(input(ones(2, 4, 6, 8), ones(2, 4, 6, 8)), kernel, channels)],
  [/x must be one tensor/, () => conv(input(x, x, x), ones(3, 3, 48, 8), channels)],
  [/x must be one tensor/, () => conv({ inputs: [x, x], factors: [2, 2] }, ones(3, 3, 32, 8), channels)],
  [
    /x\[1\] is \[3, 16\], but must be \[4, 16\]/,
    () => conv({ ...input(x), normalization: ones(3, 16) }, kernel, channels),
  ],
  [/x must be one/, () => conv({ inputs: [x], factors: [2, 1], normalization: ones(4, 16) }, kernel, channels)],
  [/rows/, () => conv({ inputs: [x], factors: [0, 1] }, kernel, channels)],
  [
    /DenoiserConvMaxPool: x has 3x6 pixels/,
    () => kernels.convMaxPool(input(ones(2, 3, 6, 16)), kernel, channels, true),
  ],
  [
    /DenoiserConvGradient: dy is \[2, 4, 6, 7\]/,
    () => kernels.convGradient({ dy: ones(2, 4, 6, 7), y }, input(x), kernel, options),
  ],
  [
    /y is \[2, 4, 5, 8\], but must be \[2, 4, 6, 8\]/,
    () => kernels.convGradient({ dy: y, y: ones(2, 4, 5, 8) }, input(x), kernel, options),
  ],
  [
    /coefficients\[0\] is \[3, 7\]/,
    () => kernels.convGradient({ dy: y, y, coefficients: ones(3, 7) }, input(x), kernel, options),
  ],
  [
    /DenoiserConvMaxPoolGradient: argmax is \[2, 2, 2, 8\]/,
    () => kernels.convGradient({ dy: pooled, pooled, argmax: ones(2, 2, 2, 8) }, input(x), kernel, options),
  ],
  [/half the rows and columns/, () => kernels.convGradient({ dy: y, pooled: y, argmax: y }, input(x), kernel, options)],
  [/DenoiserTransposedConv: kernel is/, () => kernels.convTranspose(input(x), ones(2, 2, 8, 15), channels)],
  [/must have rows and columns/, () => kernels.convTranspose(input(x), ones(0, 2, 8, 16), channels)],
  [/dy is/, () => kernels.convTransposeGradient(y, input(x), ones(2, 2, 8, 16), { ofInput: true })],
  [/DenoiserMaxPool2x2: x is \[2, 3, 6, 1\]/, () => kernels.maxPool2x2(ones(2, 3, 6, 1))],
  [/x is \[6\]/, () => kernels.maxPool2x2(ones(6))],
  [/y is/, () => kernels.maxPool2x2Gradient(y, y, y)],
  [/DenoiserUpsample: x is \[2, 2\]/, () => kernels.upsample(ones(2, 2), [2, 2])],
  [/too large/, () => kernels.upsample(y, [2 ** 62, 2])],
  [/DenoiserUpsampleGradient: dy is .*multiple of 3/, () => kernels.upsampleGradient(y, [3, 2])],
  [
    /DenoiserBatchNormTraining: beta is \[7\]/,
    () => kernels.batchNormTraining(y, { ...variables, beta: ones(7) }, settings),
  ],
  [/x is \[2, 4, 6, 16\], but its last dimension must be 8/, () => kernels.batchNormTraining(x, variables, settings)],
  [/x is \[\]/, () => kernels.batchNormTraining(tf.scalar(1), variables, settings)],
  [/gamma is \[1, 8\]/, () => kernels.batchNormTraining(y, { ...variables, gamma: ones(1, 8) }, settings)],
  [
    /moments\[1\] is \[3\]/,
    () => kernels.batchNormTraining(y, variables, { ...settings, moments: [channels, ones(3)] }),
  ],
  [/moment_count/, () => kernels.batchNormTraining(y, variables, { ...settings, moments: [channels] })],
  [
    /DenoiserBatchNormInference: variance is/,
    () => kernels.batchNormInference({ ...variables, movingVariance: ones(9) }, 1e-3),
  ],
  [/DenoiserBatchNormGradient: y is/, () => kernels.batchNormGradient(x, x, ones(4, 8))],
  [/dy is/, () => kernels.batchNormGradient(pooled, y, ones(4, 8))],
  [/normalization is \[3, 8\], but must be \[4, any\]/, () => kernels.normalize(y, ones(3, 8))],
  [/DenoiserNormalizeGradient: coefficients is/, () => kernels.normalizeGradient(y, y, ones(4, 8))],
  [/DenoiserReluGradient: dy is/, () => kernels.reluGradient(x, y)],
  [/DenoiserCrossEntropy: target is/, () => kernels.crossEntropy(x, y)],
  [/DenoiserCrossEntropyGradient: dy is/, () => kernels.crossEntropyGradient(x, y, y)],
  [/DenoiserCrossEntropyTargetGradient: dy is/, () => kernels.crossEntropyTargetGradient(x, y)],
  [/DenoiserSsim: x is .*at least 7x7/, () => kernels.uniformSsim(y as tf.Tensor4D, y as tf.Tensor4D, 1, 1)],
  [/DenoiserLogMseAndSsim: y is/, () => kernels.logMseAndSsim(x, y, 1, 1, 1, 1)],
  [/DenoiserAdam: second is/, () => kernels.adamStep(y, y, x, y, channels)],
  [/settings is \[7\], but must be \[8\]/, () => kernels.adamStep(y, y, y, y, ones(7))],
];

for (const [message, call] of calls)
  test(`refused: ${message.source}`, () => {
    assert.throws(call, message);
  });

test("numbers that are not float32 are refused", () => {
  assert.throws(() => kernels.maxPool2x2(tf.ones([1, 2, 2, 1], "int32")), /float/);
});

test("an op that needs more memory than there is says so, and the next one works", () => {
  assert.throws(() => kernels.upsample(y, [1e6, 1e6]), /memory|OOM/);
  const gradients = kernels.convGradient({ dy: y, y }, input(x), kernel, options);
  assert.deepEqual(gradients.dinputs[0].shape, x.shape);
});
