// Nearest-neighbour upsampling by whole factors, and its gradient, of one image at a time.
#pragma once
#include <cstdint>

/** Each pixel becomes so many rows and columns. */
struct Upsampling {
  int64_t rows, columns;
  int64_t factor() const { return rows * columns; }
  /** image [height, width, channels] -> result [height * rows, width * columns, channels] */
  void forward(const float* image, int64_t height, int64_t width, int64_t channels, float* result) const;
  /** The gradient of `forward` [height * rows, width * columns, channels] -> result [height, width, channels]. */
  void backward(const float* gradient, int64_t height, int64_t width, int64_t channels, float* result) const;
};
