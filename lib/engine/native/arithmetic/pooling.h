// 2x2 max-pooling with stride 2 of even heights and widths, and its gradient. NaN counts as the largest number; of
// several that are equally large the first one gets the gradient, as in TensorFlow.
#pragma once
#include <cstdint>

/** Of one image; for kernels that pool what they have just computed. `rows` and `columns` are those of the result. */
struct MaxPool2x2 {
  int64_t rows, columns, channels;
  int64_t size() const { return rows * columns * channels; }
  /**
   * image [2 rows, 2 columns, channels] -> result [rows, columns, channels].
   * @param argmax which of the four pixels is the largest: 0 to 3
   */
  void forward(const float* image, float* result, float* argmax) const;
  /**
   * The gradient of `forward`: each number goes to the largest pixel, the others get 0.
   * @param result where it is given, only where that is above 0: the pooling of a ReLU
   */
  void backward(const float* gradient, const float* argmax, const float* result, float* image) const;
};

/** The same of many images below each other: x [2 rows, 2 columns, channels] -> y [rows, columns, channels]. */
void max_pool_2x2(const float* x, int64_t rows, int64_t columns, int64_t channels, float* y);

/** The gradient of `max_pool_2x2`, whose result was y: dy -> dx. */
void max_pool_2x2_gradient(const float* x, const float* y, const float* dy, int64_t rows, int64_t columns,
                           int64_t channels, float* dx);
