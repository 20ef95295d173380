// Batch normalization: moments, the normalization itself, its gradient.
#include "arithmetic/normalization.h"

#include <limits>

#include "check.h"

namespace {

struct Case {
  explicit Case(Random& random)
      : rows(random.one_of<int64_t>({1, 2, 7, 63, 64, 65, 500, 5000})),
        channels(random.one_of<int64_t>({0, 1, 3, 16, 17, 40})),
        shift(random.one_of({0.0f, 100.0f})),
        x(random.numbers(rows * channels, shift - 1, shift + 1)),
        dy(random.numbers(rows * channels)) {
    for (int64_t c = 0; c < channels; c++) {
      double sum = 0, squares = 0;
      for (int64_t row = 0; row < rows; row++) sum += x[row * channels + c];
      for (int64_t row = 0; row < rows; row++) squares += std::pow(x[row * channels + c] - sum / rows, 2);
      mean.push_back(sum / rows);
      variance.push_back(squares / rows);
    }
  }
  const int64_t rows, channels;
  const float shift;
  std::vector<float> x;
  const std::vector<float> dy;
  std::vector<double> mean, variance;
  std::string name() const { return text("[", rows, ", ", channels, "] about ", shift); }
};

void moments(Random& random) {
  const Case c(random);
  std::vector<float> mean(c.channels), variance(c.channels);
  moments_of(c.x.data(), c.rows, c.channels, mean.data(), variance.data());
  require_close(mean, c.mean, 1e-6, c.name() + ", mean");
  require_close(variance, c.variance, 1e-5, c.name() + ", variance");
  std::vector<Moments> parts(3, Moments(c.channels));
  const int64_t cut = random.whole(0, c.rows);
  parts[0].add(c.x.data(), cut);
  parts[2].add(c.x.data() + cut * c.channels, c.rows - cut);
  write_moments(parts, mean.data(), variance.data());
  require_close(mean, c.mean, 1e-6, c.name() + ", mean of parts");
  require_close(variance, c.variance, 1e-5, c.name() + ", variance of parts");
}

void moments_of_nan(Random& random) {
  Case c(random);
  if (c.channels == 0) return;
  const int64_t row = random.whole(0, c.rows - 1);
  c.x[row * c.channels] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> mean(c.channels), variance(c.channels);
  moments_of(c.x.data(), c.rows, c.channels, mean.data(), variance.data());
  for (int64_t i = 0; i < c.channels; i++)
    require(std::isnan(mean[i]) == (i == 0) && std::isnan(variance[i]) == (i == 0), c.name());
}

void normalization(Random& random) {
  const Case c(random);
  const std::vector<float> gamma = random.numbers(c.channels), beta = random.numbers(c.channels);
  std::vector<float> rows(4 * c.channels);
  for (int64_t i = 0; i < c.channels; i++) {
    const double inverse = 1 / std::sqrt(c.variance[i] + 1e-3);
    rows[i] = gamma[i] * inverse;
    rows[c.channels + i] = beta[i] - c.mean[i] * gamma[i] * inverse;
    rows[2 * c.channels + i] = c.mean[i];
    rows[3 * c.channels + i] = inverse;
  }
  const Normalization normalization(rows.data(), c.channels);
  std::vector<double> y(c.x.size()), dgamma(c.channels), dbeta(c.channels), dx(c.x.size());
  const auto normalized = [&](size_t at) {
    return (c.x[at] - normalization.mean[at % c.channels]) *
           static_cast<double>(normalization.inverse[at % c.channels]);
  };
  for (size_t at = 0; at < y.size(); at++) {
    const int64_t i = at % c.channels;
    y[at] = static_cast<double>(c.x[at]) * rows[i] + rows[c.channels + i];
    dbeta[i] += c.dy[at];
    dgamma[i] += c.dy[at] * normalized(at);
  }
  for (size_t at = 0; at < y.size(); at++) {
    const int64_t i = at % c.channels;
    dx[at] = rows[i] * (c.dy[at] - dbeta[i] / c.rows - normalized(at) * dgamma[i] / c.rows);
  }
  std::vector<float> own_y(y.size()), own_dgamma(c.channels), own_dbeta(c.channels), own_dx(y.size());
  std::vector<float> coefficients(3 * c.channels);
  normalize(c.x.data(), c.rows, c.channels, normalization.scaling(), own_y.data());
  normalization_gradient(c.dy.data(), c.x.data(), c.rows, c.channels, normalization, own_dgamma.data(),
                         own_dbeta.data(), coefficients.data());
  normalize_gradient(c.dy.data(), c.x.data(), c.rows, c.channels, {coefficients.data(), c.channels}, own_dx.data());
  const double tolerance = c.shift == 0 ? 1e-5 : 1e-2;  // x * factor + offset cancels where x is far from 0
  require_close(own_y, y, tolerance, c.name());
  require_close(own_dgamma, dgamma, tolerance, c.name() + ", gamma");
  require_close(own_dbeta, dbeta, 1e-5, c.name() + ", beta");
  require_close(own_dx, dx, tolerance, c.name() + ", x");
}

}  // namespace

std::vector<Test> normalization_tests() {
  return {{"moments", moments}, {"moments of NaN", moments_of_nan}, {"normalization and its gradient", normalization}};
}
