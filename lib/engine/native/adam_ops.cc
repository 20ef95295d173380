// One step of Adam (Kingma & Ba 2015) for one variable, in tfjs' arithmetic.
#include <cmath>

#include "op.h"
#include "parallel.h"

namespace {

/**
 * value, first and second moment, gradient, and [learning rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon,
 * 1 - beta1^t, 1 - beta2^t] -> the new value and moments.
 */
void adam(OpContext& context) {
  const OpInput& value = context.input("value");
  float* const new_value = context.output("new_value", value.shape());
  float* const new_first = context.output("new_first", value.shape());
  float* const new_second = context.output("new_second", value.shape());
  const float *const p = value.data(), *const m = context.input("first").data(), *const v = context.input("second").data();
  const float *const g = context.input("gradient").data(), *const s = context.input("settings").data();
  const float rate = s[0], keep1 = s[1], take1 = s[2], keep2 = s[3], take2 = s[4], epsilon = s[5];
  const float correction1 = s[6], correction2 = s[7];
  in_parallel(value.size(), 65536, [=](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      new_first[i] = m[i] * keep1 + g[i] * take1;
      new_second[i] = v[i] * keep2 + g[i] * g[i] * take2;
      const float step = (new_first[i] / correction1) / (std::sqrt(new_second[i] / correction2) + epsilon);
      new_value[i] = step * -rate + p[i];
    }
  });
}

const Op<adam> kAdam({"DenoiserAdam",
                      {"value: float", "first: float", "second: float", "gradient: float", "settings: float"},
                      {"new_value: float", "new_first: float", "new_second: float"}});

}  // namespace
