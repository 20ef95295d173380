// The ops of batch normalization.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "arithmetic/normalization.h"
#include "op.h"

namespace {

/** How many rows [rows, channels] a tensor [..., channels] has. */
int64_t rows_of(const OpInput& x) {
  const int64_t channels = x.dim(-1);
  return channels == 0 ? 0 : x.size() / channels;
}

/** The number of channels of an input that must be [rows, channels]. */
int64_t channels_of(const OpContext& context, const char* name, int64_t rows) {
  const OpInput& input = context.input(name);
  context.require_shape(input, {rows, kAny});
  return input.dim(1);
}

/** Requires [..., channels]. */
void require_channels(const OpContext& context, const OpInput& x, int64_t channels) {
  if (x.rank() == 0 || x.dim(-1) != channels)
    context.fail(x.name + " is " + to_string(x.shape()) + ", but its last dimension must be " +
                 std::to_string(channels) + ", the number of channels");
}

/**
 * x, gamma, beta, moving mean and variance, and the batch's mean and variance where they are known -> the new moving
 * mean and variance, and the normalization by the batch.
 */
void batch_norm_training(OpContext& context) {
  const OpInput &x = context.input("x"), &gamma = context.input("gamma"), &beta = context.input("beta");
  const float* const old_mean = context.input("moving_mean").data();
  const float* const old_variance = context.input("moving_variance").data();
  const auto moments = context.inputs("moments");
  const float epsilon = context.attribute<float>("epsilon"), momentum = context.attribute<float>("momentum");
  context.require_shape(gamma, {kAny});
  const int64_t channels = gamma.size();
  for (const char* name : {"beta", "moving_mean", "moving_variance"})
    context.require_shape(context.input(name), {channels});
  require_channels(context, x, channels);
  if (moments.size() != 0 && moments.size() != 2) context.fail("moment_count must be 0 or 2");
  for (const OpInput* moment : moments) context.require_shape(*moment, {channels});
  const int64_t rows = rows_of(x);
  float* const moving_mean = context.output("new_moving_mean", {channels});
  float* const moving_variance = context.output("new_moving_variance", {channels});
  float* const factors = context.output("normalization", {4, channels});
  float *const offsets = factors + channels, *const mean = offsets + channels, *const inverse = mean + channels;
  std::vector<float> variance(channels);
  if (moments.empty()) {
    moments_of(x.data(), rows, channels, mean, variance.data());
  } else {
    std::copy_n(moments[0]->data(), channels, mean);
    std::copy_n(moments[1]->data(), channels, variance.data());
  }
  for (int64_t c = 0; c < channels; c++) {
    inverse[c] = 1 / std::sqrt(variance[c] + epsilon);
    moving_mean[c] = old_mean[c] * momentum + mean[c] * (1 - momentum);
    moving_variance[c] = old_variance[c] * momentum + variance[c] * (1 - momentum);
    factors[c] = gamma.data()[c] * inverse[c];
    offsets[c] = beta.data()[c] - mean[c] * factors[c];
  }
}

/** gamma, beta, mean, variance -> the normalization by these. */
void batch_norm_inference(OpContext& context) {
  const OpInput &gamma = context.input("gamma"), &beta = context.input("beta");
  const float *const moving_mean = context.input("mean").data(), *const variance = context.input("variance").data();
  const float epsilon = context.attribute<float>("epsilon");
  context.require_shape(gamma, {kAny});
  const int64_t channels = gamma.size();
  for (const char* name : {"beta", "mean", "variance"}) context.require_shape(context.input(name), {channels});
  float* const factors = context.output("normalization", {4, channels});
  float *const offsets = factors + channels, *const mean = offsets + channels, *const inverse = mean + channels;
  for (int64_t c = 0; c < channels; c++) {
    const float deviation = std::sqrt(variance[c] + epsilon);
    mean[c] = moving_mean[c];
    inverse[c] = 1 / deviation;
    factors[c] = gamma.data()[c] / deviation;
    offsets[c] = beta.data()[c] - mean[c] * factors[c];
  }
}

/** dy, y, the normalization of y -> the gradients of gamma and beta, and the coefficients of that of y. */
void batch_norm_gradient(OpContext& context) {
  const OpInput &dy = context.input("dy"), &y = context.input("y");
  const int64_t channels = channels_of(context, "normalization", 4);
  require_channels(context, y, channels);
  context.require_shape(dy, y.shape());
  const Normalization normalization(context.input("normalization").data(), channels);
  float* const dgamma = context.output("dgamma", {channels});
  float* const dbeta = context.output("dbeta", {channels});
  float* const coefficients = context.output("coefficients", {3, channels});
  normalization_gradient(dy.data(), y.data(), rows_of(y), channels, normalization, dgamma, dbeta, coefficients);
}

/** x, its normalization -> x normalized. */
void normalize_tensor(OpContext& context) {
  const OpInput& x = context.input("x");
  const int64_t channels = channels_of(context, "normalization", 4);
  require_channels(context, x, channels);
  const Normalization normalization(context.input("normalization").data(), channels);
  normalize(x.data(), rows_of(x), channels, normalization.scaling(), context.output("y", x.shape()));
}

/** dy of y normalized, y, the coefficients of its gradient -> the gradient of y. */
void normalize_tensor_gradient(OpContext& context) {
  const OpInput &dy = context.input("dy"), &y = context.input("y");
  const int64_t channels = channels_of(context, "coefficients", 3);
  require_channels(context, y, channels);
  context.require_shape(dy, y.shape());
  const GradientCoefficients coefficients(context.input("coefficients").data(), channels);
  normalize_gradient(dy.data(), y.data(), rows_of(y), channels, coefficients, context.output("dx", y.shape()));
}

const Op<batch_norm_training> kBatchNormTraining({"DenoiserBatchNormTraining",
                                                  {"x: float", "gamma: float", "beta: float", "moving_mean: float",
                                                   "moving_variance: float", "moments: moment_count * float"},
                                                  {"new_moving_mean: float", "new_moving_variance: float",
                                                   "normalization: float"},
                                                  {"epsilon: float", "momentum: float", "moment_count: int >= 0"}});
const Op<batch_norm_inference> kBatchNormInference({"DenoiserBatchNormInference",
                                                    {"gamma: float", "beta: float", "mean: float", "variance: float"},
                                                    {"normalization: float"},
                                                    {"epsilon: float"}});
const Op<batch_norm_gradient> kBatchNormGradient({"DenoiserBatchNormGradient",
                                                  {"dy: float", "y: float", "normalization: float"},
                                                  {"dgamma: float", "dbeta: float", "coefficients: float"}});
const Op<normalize_tensor> kNormalize({"DenoiserNormalize", {"x: float", "normalization: float"}, {"y: float"}});
const Op<normalize_tensor_gradient> kNormalizeGradient({"DenoiserNormalizeGradient",
                                                        {"dy: float", "y: float", "coefficients: float"},
                                                        {"dx: float"}});

}  // namespace
