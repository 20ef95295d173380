#include "attention.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "parallel.h"
#include "vector.h"

namespace {

/** Pairs of a window and a head that are worth a part of their own. */
constexpr int64_t kPairsWorthAPart = 4;

struct Matrix {
  const float* data;
  /** From one row to the next, and from one column to the next, in floats. */
  int64_t row, column;
};

/** Some rows and vectors of columns of a b, a [m, depth] and b [depth, vectors of columns]. */
template <int Rows, int Vectors>
void multiply_piece(const float* a, int64_t row, int64_t column, const float* b, int64_t width, int64_t depth,
                    float* out) {
  Vector sum[Rows][Vectors] = {};
#pragma GCC unroll 1
  for (int64_t k = 0; k < depth; k++, a += column, b += width) {
    Vector of_b[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++) of_b[v] = load(b + v * kLanes);
#pragma GCC unroll 8
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; v++) sum[i][v] += a[i * row] * of_b[v];
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; i++)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v++) store(out + i * width + v * kLanes, sum[i][v]);
}

template <int Vectors>
void multiply_columns(const Matrix& a, const float* b, int64_t rows, int64_t width, int64_t depth, float* out) {
  constexpr int kRows = std::min(kAccumulators / Vectors, 7);
  int64_t i = 0;
  for (; i + kRows <= rows; i += kRows)
    multiply_piece<kRows, Vectors>(a.data + i * a.row, a.row, a.column, b, width, depth, out + i * width);
  for (; i < rows; i++)
    multiply_piece<1, Vectors>(a.data + i * a.row, a.row, a.column, b, width, depth, out + i * width);
}

/** a [rows, depth] b [depth, width] -> out [rows, width], width a multiple of kLanes. */
void multiply(const Matrix& a, const float* b, int64_t rows, int64_t width, int64_t depth, float* out) {
  int64_t at = 0;
  for (; at + 4 * kLanes <= width; at += 4 * kLanes) multiply_columns<4>(a, b + at, rows, width, depth, out + at);
  for (; at + 2 * kLanes <= width; at += 2 * kLanes) multiply_columns<2>(a, b + at, rows, width, depth, out + at);
  for (; at < width; at += kLanes) multiply_columns<1>(a, b + at, rows, width, depth, out + at);
}

typedef int32_t IntVector __attribute__((vector_size(kLanes * sizeof(int32_t))));

/** For x <= 0, to 2 units in the last place; NaN of NaN. Coefficients as in Cephes' expf (Moshier 1992). */
inline Vector exponential(Vector x) {
  x = x < -87.0f ? Vector{} - 87.0f : x;
  const Vector magic = Vector{} + 12582912.0f;  // 1.5 * 2^23: adding it rounds to whole numbers
  const Vector n = (x * 1.44269504088896341f + magic) - magic;
  const Vector r = x - n * 0.693359375f + n * 2.12194440e-4f;
  Vector p = Vector{} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const Vector power = n == n ? n : Vector{};
  const IntVector bits = (__builtin_convertvector(power, IntVector) + 127) << 23;
  Vector scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

/** Each column of a matrix [rows, width] becomes softmax(scale * column). */
void softmax_of_columns(float* matrix, int64_t rows, int64_t width, float scale) {
  for (int64_t column = 0; column < width; column += kLanes) {
    float* const from = matrix + column;
    Vector largest = load(from), sum = {};
    for (int64_t i = 1; i < rows; i++) {
      const Vector x = load(from + i * width);
      largest = x > largest ? x : largest;
    }
    for (int64_t i = 0; i < rows; i++) {
      const Vector x = exponential((load(from + i * width) - largest) * scale);
      store(from + i * width, x);
      sum += x;
    }
    const Vector factor = 1.0f / sum;
    for (int64_t i = 0; i < rows; i++) store(from + i * width, load(from + i * width) * factor);
  }
}

/** The gradient of `softmax_of_columns`, of which these are the weights: that of the weights becomes that of the
 * columns. */
void softmax_gradient(const float* weights, float* gradient, int64_t rows, int64_t width, float scale) {
  for (int64_t column = 0; column < width; column += kLanes) {
    Vector sum = {};
    for (int64_t i = column; i < rows * width; i += width) sum += load(weights + i) * load(gradient + i);
    for (int64_t i = column; i < rows * width; i += width)
      store(gradient + i, load(weights + i) * (load(gradient + i) - sum) * scale);
  }
}

/**
 * Memory for one window and head. Positions and channels are rounded up to whole vectors. Weights have a row for each
 * key and a column for each query, so that all that softmax sums up lies in different vectors.
 */
class Head {
 public:
  explicit Head(const Attention& attention)
      : positions_(attention.positions),
        channels_(attention.channels),
        line_(attention.heads * attention.channels),
        across_(round_up(positions_, kLanes)),
        deep_(round_up(channels_, kLanes)),
        scale_(1 / std::sqrt(static_cast<float>(channels_))),
        transposed_(channels_ * across_),
        rows_(positions_ * deep_),
        weights_(positions_ * across_),
        gradients_(positions_ * across_),
        result_(positions_ * deep_) {}

  void forward(const float* queries, float* y) {
    weigh(queries);
    multiply(transposed(weights_), as_rows(queries + 2 * line_, 3 * line_), y, line_);
  }

  void backward(const float* dy, const float* queries, float* dqueries) {
    const int64_t width = 3 * line_;
    const float *const keys = queries + line_, *const values = keys + line_;
    weigh(queries);
    multiply(plain(weights_), as_rows(dy, line_), dqueries + 2 * line_, width);
    ::multiply({values, width, 1}, as_columns(dy, line_), positions_, across_, channels_, gradients_.data());
    softmax_gradient(weights_.data(), gradients_.data(), positions_, across_, scale_);
    multiply(transposed(gradients_), as_rows(keys, width), dqueries, width);
    multiply(plain(gradients_), as_rows(queries, width), dqueries + line_, width);
  }

 private:
  Matrix plain(const Floats& of_pairs) const { return {of_pairs.data(), across_, 1}; }
  Matrix transposed(const Floats& of_pairs) const { return {of_pairs.data(), 1, across_}; }

  /** softmax(keys . queries * scale) -> weights_ */
  void weigh(const float* queries) {
    const int64_t width = 3 * line_;
    ::multiply({queries + line_, width, 1}, as_columns(queries, width), positions_, across_, channels_,
               weights_.data());
    softmax_of_columns(weights_.data(), positions_, across_, scale_);
  }

  /** Numbers for pairs of positions, times rows that `as_rows` gave -> rows that are `line` long. */
  void multiply(const Matrix& of_pairs, const float* rows, float* to, int64_t line) {
    ::multiply(of_pairs, rows, positions_, deep_, positions_, result_.data());
    for (int64_t i = 0; i < positions_; i++) std::copy_n(&result_[i * deep_], channels_, to + i * line);
  }

  /** This head's [positions, channels] of rows that are `line` long, one below the other. */
  const float* as_rows(const float* from, int64_t line) {
    for (int64_t i = 0; i < positions_; i++) {
      std::copy_n(from + i * line, channels_, &rows_[i * deep_]);
      std::fill_n(&rows_[i * deep_] + channels_, deep_ - channels_, 0.0f);
    }
    return rows_.data();
  }

  /** The same transposed. */
  const float* as_columns(const float* from, int64_t line) {
    for (int64_t c = 0; c < channels_; c++) {
      float* const to = &transposed_[c * across_];
      for (int64_t i = 0; i < positions_; i++) to[i] = from[i * line + c];
      std::fill_n(to + positions_, across_ - positions_, 0.0f);
    }
    return transposed_.data();
  }

  const int64_t positions_, channels_;
  /** All heads' channels. */
  const int64_t line_;
  const int64_t across_, deep_;
  const float scale_;
  Floats transposed_, rows_, weights_, gradients_, result_;
};

}  // namespace

void Attention::forward(const float* projected, float* y) const {
  const int64_t line = heads * channels;
  in_parallel(windows * heads, kPairsWorthAPart, [&](int64_t begin, int64_t end, int64_t) {
    Head head(*this);
    for (int64_t i = begin; i < end; i++) {
      const int64_t at = i / heads * positions * line, channel = i % heads * channels;
      head.forward(projected + 3 * at + channel, y + at + channel);
    }
  });
}

void Attention::backward(const float* dy, const float* projected, float* dprojected) const {
  const int64_t line = heads * channels;
  in_parallel(windows * heads, kPairsWorthAPart, [&](int64_t begin, int64_t end, int64_t) {
    Head head(*this);
    for (int64_t i = begin; i < end; i++) {
      const int64_t at = i / heads * positions * line, channel = i % heads * channels;
      head.backward(dy + at + channel, projected + 3 * at + channel, dprojected + 3 * at + channel);
    }
  });
}
