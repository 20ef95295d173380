// Images enlarged by repetition or halved by max-pooling, one at a time, for kernels that do it on the way.
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

/** 2x2 max-pooling of even heights and widths; `rows` and `columns` are those of the result. */
struct Halving {
  int64_t rows, columns, channels;
  int64_t size() const { return rows * columns * channels; }
  /**
   * image [2 rows, 2 columns, channels] -> result [rows, columns, channels].
   * @param winners which of the four pixels is the largest: 0 to 3, the first of several
   */
  void apply(const float* image, float* result, float* winners) const;
  /**
   * The gradient of `apply`: each number goes to the winner, the other pixels get 0.
   * @param result where it is given, only where that is above 0: the pooling of a ReLU
   */
  void spread(const float* gradient, const float* winners, const float* result, float* image) const;
};
