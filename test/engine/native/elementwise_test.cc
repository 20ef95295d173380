// ReLU's gradient, binary cross-entropy and its gradients, Adam's step.
#include "arithmetic/elementwise.h"

#include "check.h"

namespace {

int64_t some_count(Random& random) { return random.one_of<int64_t>({0, 1, 7, 1000, 100000}); }

void relu(Random& random) {
  const int64_t n = some_count(random);
  std::vector<float> y = random.numbers(n), dy = random.numbers(n), dx(n), expected(n);
  if (n > 0) y[random.whole(0, n - 1)] = NAN;
  for (int64_t i = 0; i < n; i++) expected[i] = std::isnan(y[i]) ? NAN : y[i] > 0 ? dy[i] : 0;
  relu_gradient(dy.data(), y.data(), n, dx.data());
  require_close(dx, expected, 0, text(n));
}

void entropy(Random& random) {
  const int64_t n = some_count(random);
  const std::vector<float> target = random.numbers(n, 0, 1), prediction = random.numbers(n, -0.1, 1.1);
  const std::vector<float> dy = random.numbers(n);
  std::vector<float> y(n), dx(n), dtarget(n);
  std::vector<double> expected_y(n), expected_dx(n), expected_dtarget(n);
  for (int64_t i = 0; i < n; i++) {
    const double p = std::min(std::max(prediction[i], 1e-7f), 1 - 1e-7f);
    expected_y[i] = -target[i] * std::log(p) - (1 - target[i]) * std::log(1 - p);
    expected_dx[i] = p != prediction[i] ? 0 : dy[i] * (p - target[i]) / (p * (1 - p));
    expected_dtarget[i] = dy[i] * (std::log(1 - p) - std::log(p));
  }
  cross_entropy(target.data(), prediction.data(), n, y.data());
  require_close(y, expected_y, 1e-6, text(n));
  cross_entropy_gradient(dy.data(), target.data(), prediction.data(), n, dx.data());
  require_close(dx, expected_dx, 1e-6, text(n, ", gradient"));
  cross_entropy_target_gradient(dy.data(), prediction.data(), n, dtarget.data());
  require_close(dtarget, expected_dtarget, 1e-6, text(n, ", gradient of the target"));
}

void adam(Random& random) {
  const int64_t n = some_count(random);
  const std::vector<float> value = random.numbers(n), first = random.numbers(n), second = random.numbers(n, 0, 1);
  const std::vector<float> gradient = random.numbers(n);
  std::vector<float> new_value(n), new_first(n), new_second(n);
  std::vector<double> expected(n);
  for (int64_t i = 0; i < n; i++) {
    const double m = 0.9 * first[i] + 0.1 * gradient[i], v = 0.99 * second[i] + 0.01 * gradient[i] * gradient[i];
    expected[i] = value[i] - 0.1 * (m / 0.5) / (std::sqrt(v / 0.25) + 1e-7);
  }
  adam_step({0.1f, 0.9f, 0.1f, 0.99f, 0.01f, 1e-7f, 0.5f, 0.25f}, value.data(), first.data(), second.data(),
            gradient.data(), n, new_value.data(), new_first.data(), new_second.data());
  require_close(new_value, expected, 1e-5, text(n));
}

}  // namespace

std::vector<Test> elementwise_tests() {
  return {{"ReLU's gradient", relu}, {"binary cross-entropy", entropy}, {"Adam", adam}};
}
