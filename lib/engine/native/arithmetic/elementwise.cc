#include "elementwise.h"

#include <algorithm>
#include <cmath>

#include "parallel.h"

namespace {

/** Numbers that are worth a part of their own: with logarithms, and without. */
constexpr int64_t kLogarithmsWorthAPart = 8192;
constexpr int64_t kNumbersWorthAPart = 65536;

/** How near to 0 and 1 predictions may come. */
constexpr float kMargin = 1e-7f;

inline float clip(float prediction) { return std::min(std::max(prediction, kMargin), 1 - kMargin); }

/** Calls work(i) for all numbers, in parallel. */
template <typename Work>
void for_each(int64_t n, int64_t least, Work work) {
  in_parallel(n, least, [=](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) work(i);
  });
}

}  // namespace

void relu_gradient(const float* dy, const float* y, int64_t n, float* dx) {
  for_each(n, kNumbersWorthAPart, [=](int64_t i) {
    const float nan_or_zero = y[i] != y[i] ? y[i] : 0;
    dx[i] = y[i] > 0 ? dy[i] : nan_or_zero;
  });
}

void cross_entropy(const float* target, const float* prediction, int64_t n, float* y) {
  for_each(n, kLogarithmsWorthAPart, [=](int64_t i) {
    const float p = clip(prediction[i]);
    y[i] = -target[i] * std::log(p) - (1 - target[i]) * std::log(1 - p);
  });
}

void cross_entropy_gradient(const float* dy, const float* target, const float* prediction, int64_t n, float* dx) {
  for_each(n, kLogarithmsWorthAPart, [=](int64_t i) {
    const float p = prediction[i];
    const bool is_clipped = !(p >= kMargin && p <= 1 - kMargin);
    dx[i] = is_clipped ? 0 : dy[i] * (p - target[i]) / (p * (1 - p));
  });
}

void cross_entropy_target_gradient(const float* dy, const float* prediction, int64_t n, float* dtarget) {
  for_each(n, kLogarithmsWorthAPart, [=](int64_t i) {
    const float p = clip(prediction[i]);
    dtarget[i] = dy[i] * (std::log(1 - p) - std::log(p));
  });
}

void adam_step(const AdamSettings& settings, const float* value, const float* first, const float* second,
               const float* gradient, int64_t n, float* new_value, float* new_first, float* new_second) {
  const AdamSettings s = settings;
  for_each(n, kNumbersWorthAPart, [=](int64_t i) {
    new_first[i] = first[i] * s.beta1 + gradient[i] * s.one_minus_beta1;
    new_second[i] = second[i] * s.beta2 + gradient[i] * gradient[i] * s.one_minus_beta2;
    const float step = (new_first[i] / s.correction1) / (std::sqrt(new_second[i] / s.correction2) + s.epsilon);
    new_value[i] = step * -s.learning_rate + value[i];
  });
}
