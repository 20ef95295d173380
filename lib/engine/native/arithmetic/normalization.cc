#include "normalization.h"

#include <algorithm>

#include "parallel.h"
#include "vector.h"

namespace {

/** Rows that stay in the cache, and are summed up in float before the sums go on in double. */
constexpr int64_t kRows = 64;
/** Numbers that are worth a part of their own. */
constexpr int64_t kWorthAPart = 65536;

/** Calls work(begin, end, part) on parts of the rows, in parallel. */
template <typename Work>
void for_rows(int64_t rows, int64_t channels, Work work) {
  in_parallel(rows, kWorthAPart / std::max<int64_t>(channels, 1), work);
}

/**
 * Two sums a channel over all rows.
 * @param add add(row, a, b) adds a row's terms to a and b
 */
template <typename Add>
std::vector<double> sum_rows(int64_t rows, int64_t channels, Add add) {
  std::vector<std::vector<double>> parts(max_parts());
  for_rows(rows, channels, [&](int64_t begin, int64_t end, int64_t part) {
    std::vector<double> total(2 * channels, 0);
    Floats block(2 * channels);
    for (int64_t first = begin; first < end; first += kRows) {
      std::fill(block.begin(), block.end(), 0.0f);
      for (int64_t row = first; row < std::min(end, first + kRows); row++)
        add(row, block.data(), block.data() + channels);
      for (int64_t i = 0; i < 2 * channels; i++) total[i] += block[i];
    }
    parts[part] = total;
  });
  std::vector<double> sums(2 * channels, 0);
  for (const auto& part : parts)
    for (size_t i = 0; i < part.size(); i++) sums[i] += part[i];
  return sums;
}

}  // namespace

void Moments::add(const float* rows, int64_t count) {
  const int64_t channels = origin_.size();
  if (count_ == 0 && count > 0) std::copy_n(rows, channels, origin_.begin());
  count_ += count;
  Floats block(2 * channels);
  float* const __restrict sum = block.data();
  float* const __restrict squares = sum + channels;
  const float* const __restrict origin = origin_.data();
  for (int64_t first = 0; first < count; first += kRows) {
    std::fill(block.begin(), block.end(), 0.0f);
    for (int64_t row = first; row < std::min(count, first + kRows); row++) {
      const float* const __restrict from = rows + row * channels;
      for (int64_t c = 0; c < channels; c++) {
        const float difference = from[c] - origin[c];
        sum[c] += difference;
        squares[c] += difference * difference;
      }
    }
    for (int64_t c = 0; c < channels; c++) {
      sums_[c] += sum[c];
      squares_[c] += squares[c];
    }
  }
}

void write_moments(const std::vector<Moments>& parts, float* mean, float* variance) {
  const int64_t channels = parts[0].origin_.size();
  int64_t count = 0;
  for (const Moments& part : parts) count += part.count_;
  for (int64_t c = 0; c < channels; c++) {
    double sum = 0, squares = 0;  // about the mean; Chan, Golub & LeVeque 1983
    for (const Moments& part : parts) sum += part.sums_[c] + part.count_ * static_cast<double>(part.origin_[c]);
    mean[c] = static_cast<float>(sum / count);
    for (const Moments& part : parts) {
      if (part.count_ == 0) continue;
      const double offset = part.sums_[c] / part.count_, distance = part.origin_[c] + offset - sum / count;
      squares += part.squares_[c] + part.count_ * (distance * distance - offset * offset);
    }
    const double mean_square = squares / count;
    variance[c] = static_cast<float>(mean_square < 0 ? 0 : mean_square);  // NaN stays NaN
  }
}

void moments_of(const float* x, int64_t rows, int64_t channels, float* mean, float* variance) {
  std::vector<Moments> moments(max_parts(), Moments(channels));
  for_rows(rows, channels,
           [&](int64_t begin, int64_t end, int64_t part) { moments[part].add(x + begin * channels, end - begin); });
  write_moments(moments, mean, variance);
}

void normalize(const float* x, int64_t rows, int64_t channels, const Scaling& scaling, float* y) {
  for_rows(rows, channels, [=, a = scaling.factors, b = scaling.offsets](int64_t begin, int64_t end, int64_t) {
    for (int64_t at = begin * channels; at < end * channels; at += channels)
      for (int64_t c = 0; c < channels; c++) y[at + c] = x[at + c] * a[c] + b[c];
  });
}

void normalization_gradient(const float* dy, const float* y, int64_t rows, int64_t channels,
                            const Normalization& normalization, float* dgamma, float* dbeta, float* coefficients) {
  const float *const mean = normalization.mean, *const inverse = normalization.inverse;
  const std::vector<double> sums = sum_rows(rows, channels, [=](int64_t row, float* sum, float* products) {
    const float* const __restrict g = dy + row * channels;
    const float* const __restrict v = y + row * channels;
    for (int64_t c = 0; c < channels; c++) {
      sum[c] += g[c];
      products[c] += g[c] * (v[c] - mean[c]);
    }
  });
  // dx = gamma / deviation * (dy - mean(dy) - normalized y * mean(dy * normalized y))
  float *const of_dy = coefficients, *const of_y = of_dy + channels, *const rest = of_y + channels;
  for (int64_t c = 0; c < channels; c++) {
    dbeta[c] = static_cast<float>(sums[c]);
    dgamma[c] = static_cast<float>(sums[channels + c] * inverse[c]);
    of_dy[c] = normalization.factors[c];
    of_y[c] = static_cast<float>(-of_dy[c] * inverse[c] * (dgamma[c] / rows));
    rest[c] = static_cast<float>(-of_dy[c] * (sums[c] / rows) - of_y[c] * mean[c]);
  }
}

void normalize_gradient(const float* dy, const float* y, int64_t rows, int64_t channels,
                        const GradientCoefficients& coefficients, float* dx) {
  for_rows(rows, channels,
           [=, a = coefficients.of_dy, b = coefficients.of_y, rest = coefficients.rest](int64_t begin, int64_t end,
                                                                                        int64_t) {
             for (int64_t at = begin * channels; at < end * channels; at += channels)
               for (int64_t c = 0; c < channels; c++) dx[at + c] = dy[at + c] * a[c] + y[at + c] * b[c] + rest[c];
           });
}
