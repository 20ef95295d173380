// SSIM window by window, and the gradient of the loss by finite differences.
#include "arithmetic/ssim.h"

#include "check.h"

namespace {

struct Case {
  explicit Case(Random& random)
      : count(random.whole(0, 20)),
        height(random.whole(7, 12)),
        width(random.whole(7, 12)),
        channels(random.whole(1, 3)),
        x(random.numbers(count * size(), 0, 1)),
        y(random.numbers(count * size(), 0, 1)) {}
  int64_t size() const { return height * width * channels; }
  const int64_t count, height, width, channels;
  const std::vector<float> x, y;
  SsimPairs pairs(const std::vector<float>& denoised) const {
    return {x.data(), denoised.data(), count, height, width, channels, 1e-4f, 9e-4f};
  }
  std::string name() const { return text("[", count, ", ", height, ", ", width, ", ", channels, "]"); }

  double reference(int64_t image) const {
    double sum = 0;
    int64_t windows = 0;
    for (int64_t row = 0; row + 7 <= height; row++)
      for (int64_t column = 0; column + 7 <= width; column++)
        for (int64_t channel = 0; channel < channels; channel++, windows++) {
          double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
          for (int64_t pixel = 0; pixel < 49; pixel++) {
            const int64_t at = image * size() + ((row + pixel / 7) * width + column + pixel % 7) * channels + channel;
            a += x[at] / 49.0;
            b += y[at] / 49.0;
            aa += x[at] * static_cast<double>(x[at]) / 48;
            bb += y[at] * static_cast<double>(y[at]) / 48;
            ab += x[at] * static_cast<double>(y[at]) / 48;
          }
          aa -= a * a * 49 / 48;
          bb -= b * b * 49 / 48;
          ab -= a * b * 49 / 48;
          sum += (2 * a * b + 1e-4f) * (2 * ab + 9e-4f) / ((a * a + b * b + 1e-4f) * (aa + bb + 9e-4f));
        }
    return sum / windows;
  }
};

void scores(Random& random) {
  const Case c(random);
  std::vector<float> halves(2 * c.count);
  ssim(c.pairs(c.y), halves.data());
  std::vector<double> actual, expected;
  for (int64_t i = 0; i < c.count; i++) {
    actual.push_back(static_cast<double>(halves[2 * i]) + halves[2 * i + 1]);
    expected.push_back(c.reference(i));
  }
  require_close(actual, expected, 1e-12, c.name());
}

void loss(Random& random) {
  const Case c(random);
  if (c.count == 0) return;
  const double margin = 1e-6, weight = 2;
  std::vector<float> losses(c.count), gradient(c.y.size()), ignored(c.y.size());
  log_mse_and_ssim(c.pairs(c.y), margin, weight, losses.data(), gradient.data());
  std::vector<double> expected;
  for (int64_t i = 0; i < c.count; i++) {
    double error = 0;
    for (int64_t at = i * c.size(); at < (i + 1) * c.size(); at++) error += std::pow(c.y[at] - c.x[at], 2) / c.size();
    expected.push_back(std::log(error + margin) + weight * (1 - c.reference(i)));
  }
  require_close(losses, expected, 1e-6, c.name());
  const int64_t at = random.whole(0, c.y.size() - 1), image = at / c.size();
  const auto loss_with = [&](float step) {
    std::vector<float> changed = c.y;
    changed[at] += step;
    log_mse_and_ssim(c.pairs(changed), margin, weight, losses.data(), ignored.data());
    return static_cast<double>(losses[image]);
  };
  const double difference = (loss_with(5e-3f) - loss_with(-5e-3f)) / 1e-2;
  require(std::abs(difference - gradient[at]) < 1e-3, text(c.name(), ": ", gradient[at], ", not ", difference));
}

}  // namespace

std::vector<Test> ssim_tests() { return {{"SSIM", scores}, {"log-MSE and SSIM", loss}}; }
