// The ops of SSIM and of the loss that is made of it.
#include "arithmetic/ssim.h"
#include "op.h"

namespace {

SsimPairs pairs_of(const OpContext& context) {
  const OpInput &x = context.input("x"), &y = context.input("y");
  context.require_shape(x, {kAny, kAny, kAny, kAny});
  context.require_shape(y, x.shape());
  if (x.dim(1) < kSsimWindow || x.dim(2) < kSsimWindow)
    context.fail("x is " + to_string(x.shape()) + ", but must have at least 7x7 pixels");
  return {x.data(),
          y.data(),
          x.dim(0),
          x.dim(1),
          x.dim(2),
          x.dim(3),
          context.attribute<float>("c1"),
          context.attribute<float>("c2")};
}

/** x, y [n, height, width, channels] -> [n, 2], whose rows add up to the mean SSIM of an image. */
void ssim_op(OpContext& context) {
  const SsimPairs pairs = pairs_of(context);
  ssim(pairs, context.output("scores", {pairs.count, 2}));
}

/** clean x, denoised y -> ln(mean squared error + margin) + weight (1 - SSIM) [n], and its gradient by y. */
void log_mse_and_ssim_op(OpContext& context) {
  const SsimPairs pairs = pairs_of(context);
  float* const losses = context.output("losses", {pairs.count});
  float* const gradient = context.output("gradient", context.input("y").shape());
  log_mse_and_ssim(pairs, context.attribute<float>("margin"), context.attribute<float>("weight"), losses, gradient);
}

const Op<ssim_op> kSsim({"DenoiserSsim", {"x: float", "y: float"}, {"scores: float"}, {"c1: float", "c2: float"}});
const Op<log_mse_and_ssim_op> kLogMseAndSsim({"DenoiserLogMseAndSsim",
                                              {"x: float", "y: float"},
                                              {"losses: float", "gradient: float"},
                                              {"c1: float", "c2: float", "margin: float", "weight: float"}});

}  // namespace
