// Binary cross-entropy of pixels, and its gradient.
#include <algorithm>
#include <cmath>

#include "operation.h"
#include "parallel.h"

namespace {

/** Numbers that are worth a thread. */
constexpr int64_t kWorth = 8192;

/** Predictions are kept this far from 0 and 1, as in Keras. */
constexpr float kMargin = 1e-7f;

inline float within(float prediction) { return std::min(std::max(prediction, kMargin), 1 - kMargin); }

/** target, prediction -> -target ln(prediction) - (1 - target) ln(1 - prediction). */
void cross_entropy(Call& call) {
  const Input &target = call.input(0), &prediction = call.input(1);
  float* const y = call.output(0, prediction.shape());
  if (!y) return;
  in_parallel(prediction.size(), kWorth, [&, t = target.data(), x = prediction.data()](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      const float p = within(x[i]);
      y[i] = -t[i] * std::log(p) - (1 - t[i]) * std::log(1 - p);
    }
  });
}

/** dy, target, prediction -> the gradient of the prediction. */
void cross_entropy_gradient(Call& call) {
  const Input &dy = call.input(0), &target = call.input(1), &prediction = call.input(2);
  float* const dx = call.output(0, prediction.shape());
  if (!dx) return;
  in_parallel(prediction.size(), kWorth, [&, t = target.data(), x = prediction.data(), g = dy.data()](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      const float p = within(x[i]);
      dx[i] = g[i] * (p - t[i]) / (p * (1 - p));
    }
  });
}

const Operation<cross_entropy> kCrossEntropy({"DenoiserCrossEntropy", {"target", "prediction"}, {"y"}});
const Operation<cross_entropy_gradient> kCrossEntropyGradient({"DenoiserCrossEntropyGradient",
                                                               {"dy", "target", "prediction"},
                                                               {"dx"}});

}  // namespace
