// What batch normalization needs to know of its input, and its gradient: parts that other kernels can work out on the
// way, while the numbers are at hand.
#pragma once
#include <cstdint>
#include <vector>

#include "convolution.h"

/** What batch normalization does, by channel: a tensor [4, channels] of these rows. */
struct Normalization {
  Normalization(const float* rows, int64_t channels)
      : factors(rows), offsets(rows + channels), mean(rows + 2 * channels), inverse(rows + 3 * channels) {}
  /** x normalized is x * factor + offset; gamma is factor / inverse. */
  const float *factors, *offsets;
  /** The mean and 1 / standard deviation that it goes by: the batch's, or those learnt. */
  const float *mean, *inverse;
  Scaling scaling() const { return {factors, offsets}; }
};

/** Mean and variance by channel of rows that come a few at a time. */
class Moments {
 public:
  explicit Moments(int64_t channels) : sums_(channels), squares_(channels), origin_(channels) {}
  /** @param rows [count, channels] */
  void add(const float* rows, int64_t count);

 private:
  friend void write_moments(const std::vector<Moments>& parts, float* mean, float* variance);
  int64_t count_ = 0;
  /** Of the differences from the first row, which keeps the squares small. */
  std::vector<double> sums_, squares_;
  std::vector<float> origin_;
};

/** The moments of all parts together; the variance is that of the rows, not an estimate for others. */
void write_moments(const std::vector<Moments>& parts, float* mean, float* variance);

/** dx = of_dy * dy + of_x * x + rest, by channel; with the gradients of the parameters. */
struct NormalizationGradient {
  /** @param dy,x [rows, channels] */
  NormalizationGradient(const float* dy, const float* x, int64_t rows, int64_t channels,
                        const Normalization& normalization);
  std::vector<float> of_dy, of_x, rest, gamma, beta;
};
