// Batch normalization in training (Ioffe & Szegedy 2015), its gradient, and its use afterwards. Each is one or two
// passes over the tensor.
#include <algorithm>
#include <cmath>

#include "normalization.h"
#include "operation.h"
#include "parallel.h"

namespace {

/** Rows that stay in the cache, and are summed up in float before the sums go on in double. */
constexpr int64_t kRows = 64;
/** Numbers that are worth a thread. */
constexpr int64_t kWorth = 65536;

/**
 * Two sums a channel over all rows.
 * @param add add(row, a, b) adds a row's terms to a and b
 */
template <typename Add>
std::vector<double> sum_rows(int64_t rows, int64_t channels, Add add) {
  std::vector<std::vector<double>> parts(most_parts());
  in_parallel(rows, kWorth / channels, [&](int64_t begin, int64_t end, int64_t part) {
    std::vector<double> total(2 * channels, 0);
    std::vector<float> block(2 * channels);
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

/** Calls work(from, to) on each part of the rows, in parallel. */
template <typename Work>
void for_rows(int64_t rows, int64_t channels, Work work) {
  in_parallel(rows, kWorth / channels, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row++) work(row * channels);
  });
}

/**
 * x, gamma, beta, moving mean and variance, the batch's mean and variance where they are known, else empty -> the new
 * moving mean and variance, and the normalization.
 */
void normalization_of_batch(Call& call) {
  const Input &x = call.input(0), &gamma = call.input(1), &beta = call.input(2);
  const float epsilon = call.attribute(0), momentum = call.attribute(1);
  const int64_t channels = gamma.size(), rows = x.size() / channels;
  float* const moving_mean = call.output(0, {channels});
  float* const moving_variance = call.output(1, {channels});
  float* const factors = call.output(2, {4, channels});
  if (!call.ok()) return;
  float *const offsets = factors + channels, *const mean = offsets + channels, *const inverse = mean + channels;
  std::vector<float> variance(channels);
  if (call.input(5).size() == channels) {
    std::copy_n(call.input(5).data(), channels, mean);
    std::copy_n(call.input(6).data(), channels, variance.data());
  } else {
    std::vector<Moments> moments(most_parts(), Moments(channels));
    in_parallel(rows, kWorth / channels, [&](int64_t begin, int64_t end, int64_t part) {
      moments[part].add(x.data() + begin * channels, end - begin);
    });
    write_moments(moments, mean, variance.data());
  }
  const double unbiased = rows > 1 ? static_cast<double>(rows) / (rows - 1) : 1;
  for (int64_t c = 0; c < channels; c++) {
    inverse[c] = 1 / std::sqrt(variance[c] + epsilon);
    moving_mean[c] = call.input(3).data()[c] * momentum + mean[c] * (1 - momentum);
    moving_variance[c] =
        call.input(4).data()[c] * momentum + static_cast<float>(variance[c] * unbiased) * (1 - momentum);
    factors[c] = gamma.data()[c] * inverse[c];
    offsets[c] = beta.data()[c] - mean[c] * factors[c];
  }
}

/** x, a normalization -> x normalized. */
void normalize(Call& call) {
  const Input& x = call.input(0);
  const int64_t channels = x.dim(-1);
  float* const y = call.output(0, x.shape());
  if (!y) return;
  const Normalization normalization(call.input(1).data(), channels);
  for_rows(x.size() / channels, channels,
           [=, values = x.data(), a = normalization.factors, b = normalization.offsets](int64_t at) {
             for (int64_t c = 0; c < channels; c++) y[at + c] = values[at + c] * a[c] + b[c];
           });
}

/** dy, x, the normalization -> the gradients of x, gamma and beta. */
void normalize_batch_gradient(Call& call) {
  const Input &dy = call.input(0), &x = call.input(1);
  const int64_t channels = x.dim(-1), rows = x.size() / channels;
  float* const dx = call.output(0, x.shape());
  float* const dgamma = call.output(1, {channels});
  float* const dbeta = call.output(2, {channels});
  if (!call.ok()) return;
  const NormalizationGradient gradient(dy.data(), x.data(), rows, channels,
                                       Normalization(call.input(2).data(), channels));
  std::copy(gradient.gamma.begin(), gradient.gamma.end(), dgamma);
  std::copy(gradient.beta.begin(), gradient.beta.end(), dbeta);
  for_rows(rows, channels, [&, pdy = dy.data(), px = x.data(), a = gradient.of_dy.data(), b = gradient.of_x.data(),
                            rest = gradient.rest.data()](int64_t at) {
    for (int64_t c = 0; c < channels; c++) dx[at + c] = pdy[at + c] * a[c] + px[at + c] * b[c] + rest[c];
  });
}

/** gamma, beta, mean, variance -> the normalization by these. */
void learnt_normalization(Call& call) {
  const Input& gamma = call.input(0);
  const int64_t channels = gamma.size();
  float* const factors = call.output(0, {4, channels});
  if (!factors) return;
  float *const offsets = factors + channels, *const mean = offsets + channels, *const inverse = mean + channels;
  for (int64_t c = 0; c < channels; c++) {
    const float deviation = std::sqrt(call.input(3).data()[c] + call.attribute(0));
    mean[c] = call.input(2).data()[c];
    inverse[c] = 1 / deviation;
    factors[c] = gamma.data()[c] / deviation;
    offsets[c] = call.input(1).data()[c] - mean[c] * factors[c];
  }
}

const Operation<normalization_of_batch> kNormalizationOfBatch(
    {"DenoiserNormalizationOfBatch",
     {"x", "gamma", "beta", "moving_mean", "moving_variance", "known_mean", "known_variance"},
     {"new_moving_mean", "new_moving_variance", "normalization"},
     {"epsilon", "momentum"}});
const Operation<normalize> kNormalize({"DenoiserNormalize", {"x", "normalization"}, {"y"}});
const Operation<normalize_batch_gradient> kNormalizeBatchGradient({"DenoiserNormalizeBatchGradient",
                                                                   {"dy", "x", "normalization"},
                                                                   {"dx", "dgamma", "dbeta"}});
const Operation<learnt_normalization> kLearntNormalization({"DenoiserLearntNormalization",
                                                            {"gamma", "beta", "mean", "variance"},
                                                            {"normalization"},
                                                            {"epsilon"}});

}  // namespace

void Moments::add(const float* rows, int64_t count) {
  const int64_t channels = origin_.size();
  if (count_ == 0 && count > 0) std::copy_n(rows, channels, origin_.begin());
  count_ += count;
  std::vector<float> block(2 * channels);
  float *const __restrict sum = block.data(), *const __restrict squares = sum + channels;
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
    variance[c] = static_cast<float>(std::max(0.0, squares / count));
  }
}

NormalizationGradient::NormalizationGradient(const float* dy, const float* x, int64_t rows, int64_t channels,
                                             const Normalization& normalization)
    : of_dy(channels), of_x(channels), rest(channels), gamma(channels), beta(channels) {
  const float *const mean = normalization.mean, *const inverse = normalization.inverse;
  const std::vector<double> sums = sum_rows(rows, channels, [=](int64_t row, float* sum, float* products) {
    const float *const __restrict g = dy + row * channels, *const __restrict v = x + row * channels;
    for (int64_t c = 0; c < channels; c++) {
      sum[c] += g[c];
      products[c] += g[c] * (v[c] - mean[c]);
    }
  });
  // dx = gamma / deviation * (dy - mean(dy) - normalized x * mean(dy * normalized x))
  for (int64_t c = 0; c < channels; c++) {
    beta[c] = static_cast<float>(sums[c]);
    gamma[c] = static_cast<float>(sums[channels + c] * inverse[c]);
    of_dy[c] = normalization.factors[c];
    of_x[c] = static_cast<float>(-of_dy[c] * inverse[c] * (gamma[c] / rows));
    rest[c] = static_cast<float>(-of_dy[c] * (sums[c] / rows) - of_x[c] * mean[c]);
  }
}
