// 2x2 max-pooling and nearest-neighbour upsampling, with their gradients.
#include <limits>

#include "arithmetic/pooling.h"
#include "arithmetic/upsampling.h"
#include "check.h"

namespace {

/** Few different numbers, so that many windows have several largest; NaN now and then. */
std::vector<float> numbers_with_ties(Random& random, int64_t count) {
  std::vector<float> result = random.numbers(count);
  for (float& number : result)
    number = random.whole(0, 30) == 0 ? std::numeric_limits<float>::quiet_NaN() : std::round(2 * number);
  return result;
}

void pooling(Random& random) {
  const int64_t rows = random.whole(0, 9), columns = random.whole(0, 9);
  const int64_t channels = random.one_of<int64_t>({0, 1, 3, 4, 15, 16, 17, 40});
  const MaxPool2x2 pool = {rows, columns, channels};
  const std::vector<float> x = numbers_with_ties(random, 4 * pool.size()), dy = random.numbers(pool.size());
  const bool relu = random.whole(0, 1);
  std::vector<float> y(pool.size()), argmax(pool.size()), dx(x.size()), dx_of_relu(x.size());
  for (int64_t at = 0; at < pool.size(); at++) {
    const int64_t row = at / channels / columns, column = at / channels % columns;
    const auto index = [&](int i) {
      return ((2 * row + i / 2) * 2 * columns + 2 * column + i % 2) * channels + at % channels;
    };
    int best = 0;
    for (int i = 1; i < 4; i++)
      if (!std::isnan(x[index(best)]) && (x[index(i)] > x[index(best)] || std::isnan(x[index(i)]))) best = i;
    y[at] = x[index(best)];
    argmax[at] = best;
    dx[index(best)] = dy[at];
    dx_of_relu[index(best)] = std::isnan(y[at]) ? y[at] : y[at] > 0 ? dy[at] : 0;
  }
  const std::string name = text("[", 2 * rows, ", ", 2 * columns, ", ", channels, "]");
  std::vector<float> own_y(y.size()), own_argmax(y.size()), own_dx(x.size());
  pool.forward(x.data(), own_y.data(), own_argmax.data());
  require_close(own_y, y, 0, name);
  require_close(own_argmax, argmax, 0, name + ", argmax");
  pool.backward(dy.data(), argmax.data(), relu ? y.data() : nullptr, own_dx.data());
  require_close(own_dx, relu ? dx_of_relu : dx, 0, name + ", gradient");
  max_pool_2x2(x.data(), rows, columns, channels, own_y.data());
  require_close(own_y, y, 0, name + ", whole");
  max_pool_2x2_gradient(x.data(), y.data(), dy.data(), rows, columns, channels, own_dx.data());
  require_close(own_dx, dx, 0, name + ", gradient of the whole");
}

void upsampling(Random& random) {
  const Upsampling upsampling = {random.whole(1, 3), random.whole(1, 3)};
  const int64_t height = random.whole(0, 7), width = random.whole(0, 7), channels = random.whole(0, 40);
  const int64_t size = height * width * channels;
  const std::vector<float> x = random.numbers(size), dy = random.numbers(size * upsampling.factor());
  std::vector<float> y(dy.size()), own_y(dy.size()), own_dx(size);
  std::vector<double> dx(size);
  for (size_t at = 0; at < y.size(); at++) {
    const int64_t line = width * upsampling.columns, pixel = at / channels;
    const int64_t row = pixel / line / upsampling.rows, column = pixel % line / upsampling.columns;
    const int64_t from = (row * width + column) * channels + at % channels;
    y[at] = x[from];
    dx[from] += dy[at];
  }
  const std::string name =
      text("[", height, ", ", width, ", ", channels, "], ", upsampling.rows, "x", upsampling.columns);
  upsampling.forward(x.data(), height, width, channels, own_y.data());
  require_close(own_y, y, 0, name);
  upsampling.backward(dy.data(), height, width, channels, own_dx.data());
  require_close(own_dx, dx, 1e-6, name + ", gradient");
}

}  // namespace

std::vector<Test> resampling_tests() { return {{"max-pooling", pooling}, {"upsampling", upsampling}}; }
