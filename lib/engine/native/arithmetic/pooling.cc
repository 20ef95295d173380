#include "pooling.h"

#include <algorithm>
#include <array>

#include "parallel.h"
#include "vector.h"

namespace {

/** Rows that are worth a part of their own. */
constexpr int64_t kRowsWorthAPart = 64;

/** Of each number, whether it is the largest of several; NaN is. */
inline auto is_largest(Vector x, Vector largest) { return (x == largest) | (x != x); }

/** What each of four pixels gets of the gradient; the fourth is the largest where none of the others is. */
inline std::array<Vector, 4> share(Vector largest, Vector gradient, Vector x0, Vector x1, Vector x2) {
  const auto is0 = is_largest(x0, largest);
  const auto is1 = ~is0 & is_largest(x1, largest);
  const auto is2 = ~is0 & ~is1 & is_largest(x2, largest);
  const Vector zero = {};
  return {is0 ? gradient : zero, is1 ? gradient : zero, is2 ? gradient : zero, is0 | is1 | is2 ? zero : gradient};
}

}  // namespace

void MaxPool2x2::forward(const float* image, float* result, float* argmax) const {
  const int64_t line = 2 * columns * channels;
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column++, result += channels, argmax += channels) {
      const float* const first = image + 2 * row * line + 2 * column * channels;
      for (int64_t c = 0; c < channels; c++) {
        float largest = first[c], index = 0;
        const auto compare = [&](float value, float its_index) {
          const bool is_larger = value > largest || (value != value && largest == largest);
          largest = is_larger ? value : largest;
          index = is_larger ? its_index : index;
        };
        compare(first[channels + c], 1);
        compare(first[line + c], 2);
        compare(first[line + channels + c], 3);
        result[c] = largest;
        argmax[c] = index;
      }
    }
}

void MaxPool2x2::backward(const float* gradient, const float* argmax, const float* result, float* image) const {
  const int64_t line = 2 * columns * channels;
  const int64_t offsets[] = {0, channels, line, line + channels};
  Floats shares(channels);
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column++, gradient += channels, argmax += channels) {
      const float* share = gradient;
      if (result) {
        for (int64_t c = 0; c < channels; c++) {
          const float nan_or_zero = result[c] != result[c] ? result[c] : 0;
          shares[c] = result[c] > 0 ? gradient[c] : nan_or_zero;
        }
        share = shares.data();
        result += channels;
      }
      float* const first = image + 2 * row * line + 2 * column * channels;
      for (int pixel = 0; pixel < 4; pixel++) {
        float* const __restrict to = first + offsets[pixel];
        const float index = static_cast<float>(pixel);
        for (int64_t c = 0; c < channels; c++) to[c] = argmax[c] == index ? share[c] : 0;
      }
    }
}

void max_pool_2x2(const float* x, int64_t rows, int64_t columns, int64_t channels, float* y) {
  const int64_t line = 2 * columns * channels;
  in_parallel(rows, kRowsWorthAPart, [=](int64_t begin, int64_t end, int64_t) {
    const auto larger = [](auto a, auto b) { return a >= b || a != a ? a : b; };
    const auto larger_of_each = [](Vector a, Vector b) { return (a >= b) | (a != a) ? a : b; };
    for (int64_t row = begin; row < end; row++)
      for (int64_t column = 0; column < columns; column++) {
        const float* const from = x + 2 * row * line + 2 * column * channels;
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

void max_pool_2x2_gradient(const float* x, const float* y, const float* dy, int64_t rows, int64_t columns,
                           int64_t channels, float* dx) {
  const int64_t line = 2 * columns * channels;
  in_parallel(rows, kRowsWorthAPart, [=](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t column = 0; column < columns; column++) {
        const int64_t from = (row * columns + column) * channels;
        const int64_t to = 2 * row * line + 2 * column * channels;
        int64_t c = 0;
        for (; c + kLanes <= channels; c += kLanes) {
          const float* const px = x + to + c;
          const auto dxs =
              share(load(y + from + c), load(dy + from + c), load(px), load(px + channels), load(px + line));
          float* const to_dx = dx + to + c;
          store(to_dx, dxs[0]);
          store(to_dx + channels, dxs[1]);
          store(to_dx + line, dxs[2]);
          store(to_dx + line + channels, dxs[3]);
        }
        for (; c < channels; c++) {
          const float* const px = x + to + c;
          const float largest = y[from + c], gradient = dy[from + c];
          const int64_t offsets[] = {0, channels, line, line + channels};
          const auto is_at = [&](int i) { return px[offsets[i]] == largest || px[offsets[i]] != px[offsets[i]]; };
          const int argmax = is_at(0) ? 0 : is_at(1) ? 1 : is_at(2) ? 2 : 3;
          for (int i = 0; i < 4; i++) dx[to + c + offsets[i]] = i == argmax ? gradient : 0;
        }
      }
  });
}
