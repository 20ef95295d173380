// Multi-head attention against plain loops with 64 bits, and its gradient.
#include "arithmetic/attention.h"

#include <limits>

#include "check.h"

namespace {

/** y of queries, keys and values; where dy is given, the gradient too. */
struct Reference {
  Reference(const Attention& a, const std::vector<float>& projected, const std::vector<float>& dy)
      : y(dy.size()), dprojected(projected.size()) {
    const int64_t line = a.heads * a.channels, n = a.positions;
    const double scale = 1 / std::sqrt(static_cast<double>(a.channels));
    for (int64_t window = 0; window < a.windows; window++)
      for (int64_t head = 0; head < a.heads; head++) {
        const auto index = [&](int64_t position, int64_t part, int64_t c) {
          return ((window * n + position) * 3 + part) * line + head * a.channels + c;
        };
        const auto out = [&](int64_t position, int64_t c) {
          return (window * n + position) * line + head * a.channels + c;
        };
        for (int64_t i = 0; i < n; i++) {
          std::vector<double> weights(n), dweights(n);
          double sum = 0, product = 0;
          for (int64_t j = 0; j < n; j++) {
            double score = 0;
            for (int64_t c = 0; c < a.channels; c++)
              score += static_cast<double>(projected[index(i, 0, c)]) * projected[index(j, 1, c)];
            sum += weights[j] = std::exp(score * scale);
          }
          for (int64_t j = 0; j < n; j++) {
            weights[j] /= sum;
            for (int64_t c = 0; c < a.channels; c++) {
              y[out(i, c)] += weights[j] * projected[index(j, 2, c)];
              dprojected[index(j, 2, c)] += weights[j] * dy[out(i, c)];
              dweights[j] += static_cast<double>(dy[out(i, c)]) * projected[index(j, 2, c)];
            }
            product += weights[j] * dweights[j];
          }
          for (int64_t j = 0; j < n; j++) {
            const double dscore = weights[j] * (dweights[j] - product) * scale;
            for (int64_t c = 0; c < a.channels; c++) {
              dprojected[index(i, 0, c)] += dscore * projected[index(j, 1, c)];
              dprojected[index(j, 1, c)] += dscore * projected[index(i, 0, c)];
            }
          }
        }
      }
  }
  std::vector<double> y, dprojected;
};

Attention random_attention(Random& random) {
  return {random.whole(1, 4), random.one_of<int64_t>({1, 4, 16, 33, 49, 64, 81}), random.whole(1, 4),
          random.one_of<int64_t>({1, 3, 4, 8, 16, 17, 24, 32})};
}

void attention(Random& random) {
  const Attention a = random_attention(random);
  const int64_t size = a.windows * a.positions * a.heads * a.channels;
  const float range = random.one_of<float>({0.1f, 1, 3});
  const std::vector<float> projected = random.numbers(3 * size, -range, range), dy = random.numbers(size);
  const Reference expected(a, projected, dy);
  const std::string name = text("[", a.windows, ", ", a.positions, "], ", a.heads, " heads of ", a.channels);
  std::vector<float> y(size), dprojected(3 * size);
  a.forward(projected.data(), y.data());
  require_close(y, expected.y, 2e-6, name);
  a.backward(dy.data(), projected.data(), dprojected.data());
  require_close(dprojected, expected.dprojected, 2e-5, name + ", gradient");
}

/** One position that fits far better than the others has all of the weight, whatever the sign of the rest. */
void large_scores(Random& random) {
  Attention a = random_attention(random);
  a.windows = a.heads = 1;
  const int64_t n = a.positions, best = random.whole(0, n - 1);
  std::vector<float> projected(n * 3 * a.channels);
  for (int64_t i = 0; i < n; i++)
    for (int64_t c = 0; c < a.channels; c++) {
      float* const own = &projected[i * 3 * a.channels + c];
      own[0] = 100;
      own[a.channels] = i == best ? -100 : -200;
      own[2 * a.channels] = i;
    }
  std::vector<float> y(n * a.channels);
  a.forward(projected.data(), y.data());
  require_close(y, std::vector<float>(y.size(), best), 1e-6, text(n, " positions, ", a.channels, " channels"));
}

/** NaN in one window spoils that window alone. */
void not_a_number(Random& random) {
  Attention a = random_attention(random);
  a.windows = 2;
  const int64_t size = a.positions * a.heads * a.channels;
  std::vector<float> projected = random.numbers(6 * size), dy = random.numbers(2 * size);
  const Reference expected(a, projected, dy);
  projected[random.whole(0, a.positions - 1) * 3 * a.heads * a.channels] = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> y(2 * size), dprojected(6 * size);
  a.forward(projected.data(), y.data());
  a.backward(dy.data(), projected.data(), dprojected.data());
  bool spoilt = false;
  for (int64_t i = 0; i < size; i++) spoilt = spoilt || std::isnan(y[i]);
  require(spoilt, "NaN is lost");
  for (int64_t i = size; i < 2 * size; i++)
    require(std::abs(y[i] - expected.y[i]) < 1e-5, text("number ", i, " is ", y[i]));
}

}  // namespace

std::vector<Test> attention_tests() {
  return {{"attention", attention}, {"attention, large scores", large_scores}, {"attention, NaN", not_a_number}};
}
