// The gradient of batch normalization with respect to its input, as a sum that other kernels can work out on the way.
#pragma once
#include <cstdint>
#include <vector>

/** dx = of_dy * dy + of_x * x + rest, by channel; with the gradients of the parameters. */
struct NormalizationGradient {
  /** @param dy,x [rows, channels] */
  NormalizationGradient(const float* dy, const float* x, int64_t rows, int64_t channels, const float* gamma,
                        const float* mean, const float* inverse);
  std::vector<float> of_dy, of_x, rest, gamma, beta;
};
