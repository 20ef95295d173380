// Batch normalization in training (Ioffe & Szegedy 2015), in inference, and its gradient, by channel of rows
// [rows, channels]. Split into steps that other kernels can do on the way, while the numbers are at hand.
#pragma once
#include <cstdint>
#include <vector>

/** x normalized is x * factor + offset, by channel. */
struct Scaling {
  const float *factors, *offsets;
};

/** What batch normalization does, by channel: the rows of a tensor [4, channels]. */
struct Normalization {
  Normalization(const float* rows, int64_t channels)
      : factors(rows), offsets(rows + channels), mean(rows + 2 * channels), inverse(rows + 3 * channels) {}
  /** x normalized is x * factor + offset; gamma is factor / inverse. */
  const float *factors, *offsets;
  /** The mean and 1 / standard deviation: of the batch, or the moving ones. */
  const float *mean, *inverse;
  Scaling scaling() const { return {factors, offsets}; }
};

/** The gradient of y is of_dy * dy + of_y * y + rest by channel, where dy is that of y normalized: [3, channels]. */
struct GradientCoefficients {
  GradientCoefficients(const float* rows, int64_t channels)
      : of_dy(rows), of_y(rows + channels), rest(rows + 2 * channels) {}
  const float *of_dy, *of_y, *rest;
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

/** The same of rows [rows, channels]. */
void moments_of(const float* x, int64_t rows, int64_t channels, float* mean, float* variance);

/** x -> x normalized. */
void normalize(const float* x, int64_t rows, int64_t channels, const Scaling& scaling, float* y);

/** dy of y normalized, y -> the gradients of gamma and beta, and the coefficients [3, channels] of that of y. */
void normalization_gradient(const float* dy, const float* y, int64_t rows, int64_t channels,
                            const Normalization& normalization, float* dgamma, float* dbeta, float* coefficients);

/** dy of y normalized, y -> the gradient of y. */
void normalize_gradient(const float* dy, const float* y, int64_t rows, int64_t channels,
                        const GradientCoefficients& coefficients, float* dx);
