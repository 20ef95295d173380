// Binary cross-entropy of pixels, and its gradient.
#include <algorithm>
#include <cmath>

#include "op.h"
#include "parallel.h"

namespace {

/** Numbers that are worth a thread. */
constexpr int64_t kWorth = 8192;

/** Predictions are kept this far from 0 and 1, as in Keras. */
constexpr float kMargin = 1e-7f;

inline float within(float prediction) { return std::min(std::max(prediction, kMargin), 1 - kMargin); }

/** target, prediction -> -target ln(prediction) - (1 - target) ln(1 - prediction). */
void cross_entropy(OpContext& context) {
  const OpInput &target = context.input("target"), &prediction = context.input("prediction");
  float* const y = context.output("y", prediction.shape());
  in_parallel(prediction.size(), kWorth, [&, t = target.data(), x = prediction.data()](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      const float p = within(x[i]);
      y[i] = -t[i] * std::log(p) - (1 - t[i]) * std::log(1 - p);
    }
  });
}

/** dy, target, prediction -> the gradient of the prediction. */
void cross_entropy_gradient(OpContext& context) {
  const OpInput &dy = context.input("dy"), &target = context.input("target"), &prediction = context.input("prediction");
  float* const dx = context.output("dx", prediction.shape());
  in_parallel(prediction.size(), kWorth, [&, t = target.data(), x = prediction.data(), g = dy.data()](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      const float p = within(x[i]);
      dx[i] = g[i] * (p - t[i]) / (p * (1 - p));
    }
  });
}

const Op<cross_entropy> kCrossEntropy({"DenoiserCrossEntropy",
                                       {"target: float", "prediction: float"},
                                       {"y: float"}});
const Op<cross_entropy_gradient> kCrossEntropyGradient({"DenoiserCrossEntropyGradient",
                                                        {"dy: float", "target: float", "prediction: float"},
                                                        {"dx: float"}});

}  // namespace
