// Images enlarged by repetition, one at a time, for kernels that do it on the way.
#pragma once
#include <cstdint>

/** Each pixel in so many rows and columns. */
struct Repetition {
  int64_t rows, columns;
  int64_t times() const { return rows * columns; }
  /** image [height, width, channels] -> result [height * rows, width * columns, channels] */
  void apply(const float* image, int64_t height, int64_t width, int64_t channels, float* result) const;
  /** The gradient of `apply` [height * rows, width * columns, channels] -> result [height, width, channels]. */
  void sum_up(const float* gradient, int64_t height, int64_t width, int64_t channels, float* result) const;
};
