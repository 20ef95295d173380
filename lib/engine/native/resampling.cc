// Images at half the size, by 2x2 max-pooling, and at a multiple of it, by repetition; with their gradients.
#include "resampling.h"

#include <algorithm>
#include <array>

#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace {

/** 2x2 max-pooling with stride 2 of even heights and widths: x -> y. NaN wins. */
void max_pool(Call& call) {
  const Input& x = call.input(0);
  const int64_t channels = x.dim(3), columns = x.dim(2) / 2, rows = x.dim(0) * x.dim(1) / 2;
  const int64_t line = 2 * columns * channels;
  float* const y = call.output(0, {x.dim(0), x.dim(1) / 2, columns, channels});
  if (!y) return;
  in_parallel(rows, 64, [&](int64_t begin, int64_t end, int64_t) {
    const auto larger = [](auto a, auto b) { return a >= b || a != a ? a : b; };
    const auto larger_of_each = [](Vector a, Vector b) { return (a >= b) | (a != a) ? a : b; };
    for (int64_t row = begin; row < end; row++)
      for (int64_t column = 0; column < columns; column++) {
        const float* const from = x.data() + 2 * row * line + 2 * column * channels;
        float* const to = y + (row * columns + column) * channels;
        int64_t c = 0;
        for (; c + kLanes <= channels; c += kLanes)
          store(to + c, larger_of_each(larger_of_each(load(from + c), load(from + channels + c)),
                                       larger_of_each(load(from + line + c), load(from + line + channels + c))));
        for (; c < channels; c++)
          to[c] = larger(larger(from[c], from[channels + c]), larger(from[line + c], from[line + channels + c]));
      }
  });
}

/** What each of four pixels gets of the gradient; the fourth is the largest where none of the others is. */
inline std::array<Vector, 4> share(Vector largest, Vector gradient, Vector x0, Vector x1, Vector x2) {
  const auto is0 = x0 == largest;
  const auto is1 = ~is0 & (x1 == largest);
  const auto is2 = ~is0 & ~is1 & (x2 == largest);
  const Vector zero = {};
  return {is0 ? gradient : zero, is1 ? gradient : zero, is2 ? gradient : zero, is0 | is1 | is2 ? zero : gradient};
}

/**
 * The gradient of 2x2 max-pooling with stride 2 and even height and width: x, y = pool(x), dy -> dx. As TensorFlow's,
 * the first of several equal largest values gets all of dy.
 */
void max_pool_gradient(Call& call) {
  const Input &x = call.input(0), &y = call.input(1), &dy = call.input(2);
  const int64_t channels = y.dim(3), columns = y.dim(2), rows = y.dim(0) * y.dim(1);
  const int64_t line = 2 * columns * channels;
  float* const dx = call.output(0, x.shape());
  if (!dx) return;
  in_parallel(rows, 64, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t column = 0; column < columns; column++) {
        const int64_t from = (row * columns + column) * channels;
        const int64_t to = 2 * row * line + 2 * column * channels;
        int64_t c = 0;
        for (; c + kLanes <= channels; c += kLanes) {
          const float* const px = x.data() + to + c;
          const auto dxs = share(load(y.data() + from + c), load(dy.data() + from + c), load(px), load(px + channels),
                                 load(px + line));
          float* const to_dx = dx + to + c;
          store(to_dx, dxs[0]);
          store(to_dx + channels, dxs[1]);
          store(to_dx + line, dxs[2]);
          store(to_dx + line + channels, dxs[3]);
        }
        for (; c < channels; c++) {
          const float* const px = x.data() + to + c;
          const float largest = y.data()[from + c], gradient = dy.data()[from + c];
          const int winner = px[0] == largest ? 0 : px[channels] == largest ? 1 : px[line] == largest ? 2 : 3;
          const int64_t places[] = {0, channels, line, line + channels};
          for (int i = 0; i < 4; i++) dx[to + c + places[i]] = i == winner ? gradient : 0;
        }
      }
  });
}

/** x, each pixel repeated in so many rows and columns -> y. */
void repeat(Call& call) {
  const Input& x = call.input(0);
  const Repetition repetition = {static_cast<int64_t>(call.attribute(0)), static_cast<int64_t>(call.attribute(1))};
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), channels = x.dim(3);
  const int64_t size = height * width * channels;
  float* const y = call.output(0, {n, height * repetition.rows, width * repetition.columns, channels});
  if (!y) return;
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++)
      repetition.apply(x.data() + i * size, height, width, channels, y + i * size * repetition.times());
  });
}

/** The gradient of `repeat`: dy -> dx. */
void repeat_gradient(Call& call) {
  const Input& dy = call.input(0);
  const Repetition repetition = {static_cast<int64_t>(call.attribute(0)), static_cast<int64_t>(call.attribute(1))};
  const int64_t n = dy.dim(0), height = dy.dim(1) / repetition.rows, width = dy.dim(2) / repetition.columns;
  const int64_t channels = dy.dim(3), size = height * width * channels;
  float* const dx = call.output(0, {n, height, width, channels});
  if (!dx) return;
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++)
      repetition.sum_up(dy.data() + i * size * repetition.times(), height, width, channels, dx + i * size);
  });
}

const Operation<max_pool> kMaxPool({"DenoiserMaxPool", {"x"}, {"y"}});
const Operation<repeat> kRepeat({"DenoiserRepeat", {"x"}, {"y"}, {"rows", "columns"}});
const Operation<repeat_gradient> kRepeatGradient({"DenoiserRepeatGradient", {"dy"}, {"dx"}, {"rows", "columns"}});
const Operation<max_pool_gradient> kMaxPoolGradient({"DenoiserMaxPoolGradient", {"x", "y", "dy"}, {"dx"}});

}  // namespace

void Repetition::apply(const float* image, int64_t height, int64_t width, int64_t channels, float* result) const {
  const int64_t line = width * columns * channels;
  for (int64_t row = 0; row < height; row++) {
    float* const first = result + row * rows * line;
    for (int64_t column = 0; column < width; column++)
      for (int64_t i = 0; i < columns; i++)
        std::copy_n(image + (row * width + column) * channels, channels, first + (column * columns + i) * channels);
    for (int64_t i = 1; i < rows; i++) std::copy_n(first, line, first + i * line);
  }
}

void Repetition::sum_up(const float* gradient, int64_t height, int64_t width, int64_t channels, float* result) const {
  const int64_t line = width * columns * channels;
  for (int64_t row = 0; row < height; row++)
    for (int64_t column = 0; column < width; column++) {
      float* const __restrict to = result + (row * width + column) * channels;
      std::fill_n(to, channels, 0.0f);
      for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
          const float* const from = gradient + (row * rows + i) * line + (column * columns + j) * channels;
          for (int64_t c = 0; c < channels; c++) to[c] += from[c];
        }
    }
}

void Halving::apply(const float* image, float* result, float* winners) const {
  const int64_t line = 2 * columns * channels;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column++, result += channels, winners += channels) {
      const float* const first = image + 2 * row * line + 2 * column * channels;
      for (int64_t c = 0; c < channels; c++) {
        float largest = first[c], winner = 0;
        const auto challenge = [&](float value, float number) {
          const bool wins = value > largest || value != value;  // NaN is not lost
          largest = wins ? value : largest;
          winner = wins ? number : winner;
        };
        challenge(first[channels + c], 1);
        challenge(first[line + c], 2);
        challenge(first[line + channels + c], 3);
        result[c] = largest;
        winners[c] = winner;
      }
    }
}

void Halving::spread(const float* gradient, const float* winners, const float* result, float* image) const {
  const int64_t line = 2 * columns * channels;
  const int64_t places[] = {0, channels, line, line + channels};
  Floats shares(channels);
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column++, gradient += channels, winners += channels) {
      const float* share = gradient;
      if (result) {
        for (int64_t c = 0; c < channels; c++) shares[c] = result[c] > 0 ? gradient[c] : 0;
        share = shares.data();
        result += channels;
      }
      float* const first = image + 2 * row * line + 2 * column * channels;
      for (int pixel = 0; pixel < 4; pixel++) {
        float* const __restrict to = first + places[pixel];
        const float number = static_cast<float>(pixel);
        for (int64_t c = 0; c < channels; c++) to[c] = winners[c] == number ? share[c] : 0;
      }
    }
}
