// One step of Adam (Kingma & Ba 2015) for one variable, in tfjs' arithmetic.
#include <cmath>

#include "operation.h"
#include "parallel.h"

namespace {

/**
 * value, first and second moment, gradient, and [learning rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon,
 * 1 - beta1^t, 1 - beta2^t] -> the new value and moments.
 */
void adam(Call& call) {
  const Input& value = call.input(0);
  float* const new_value = call.output(0, value.shape());
  float* const new_first = call.output(1, value.shape());
  float* const new_second = call.output(2, value.shape());
  if (!call.ok()) return;
  const float *const p = value.data(), *const m = call.input(1).data(), *const v = call.input(2).data();
  const float *const g = call.input(3).data(), *const s = call.input(4).data();
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

const Operation<adam> kAdam({"DenoiserAdam",
                             {"value", "first", "second", "gradient", "settings"},
                             {"new_value", "new_first", "new_second"}});

}  // namespace
