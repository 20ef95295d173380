// Structural similarity of pairs of images, with a uniform window of 7x7 pixels.
#include <vector>

#include "operation.h"
#include "parallel.h"

namespace {

constexpr int64_t kWindow = 7;
constexpr double kPixels = kWindow * kWindow;

/** Sums over a window's rows, by column, of x, y, xx + yy and xy. */
struct Columns {
  explicit Columns(int64_t width) : x(width), y(width), squares(width), products(width) {}
  /** Adds a row of pixels, or with sign -1 takes it away. */
  void add(const float* row_of_x, const float* row_of_y, int64_t step, double sign) {
    for (size_t i = 0; i < x.size(); i++) {
      const double a = row_of_x[i * step], b = row_of_y[i * step];
      x[i] += sign * a;
      y[i] += sign * b;
      squares[i] += sign * (a * a + b * b);
      products[i] += sign * (a * b);
    }
  }
  std::vector<double> x, y, squares, products;
};

inline double sum_of_window(const double* from) {
  return ((from[0] + from[1]) + (from[2] + from[3])) + ((from[4] + from[5]) + from[6]);
}

/** The SSIM of all windows in one channel, summed. SSIM's fraction is expanded by the window's number of pixels. */
double sum_over_windows(const float* x, const float* y, int64_t height, int64_t width, int64_t channels, double c1,
                        double c2) {
  Columns columns(width);
  std::vector<double> sums(width - kWindow + 1);
  for (int64_t row = 0; row < height; row++) {
    const int64_t line = width * channels, at = row * line, left = at - kWindow * line;
    columns.add(x + at, y + at, channels, 1);
    if (row >= kWindow) columns.add(x + left, y + left, channels, -1);
    if (row < kWindow - 1) continue;
    for (size_t i = 0; i < sums.size(); i++) {
      const double a = sum_of_window(&columns.x[i]), b = sum_of_window(&columns.y[i]);
      const double product = a * b, squares = a * a + b * b;
      const double covariance = kPixels * sum_of_window(&columns.products[i]) - product;
      const double variances = kPixels * sum_of_window(&columns.squares[i]) - squares;
      sums[i] += (2 * product + c1) * (2 * covariance + c2) / ((squares + c1) * (variances + c2));
    }
  }
  double sum = 0;
  for (double value : sums) sum += value;
  return sum;
}

/**
 * x, y [n, height, width, channels] -> [n, 2], whose rows add up to the mean SSIM of an image: two floats hold more
 * digits than one. Sample covariances; the attributes are C1 and C2.
 */
void ssim(Call& call) {
  const Input &x = call.input(0), &y = call.input(1);
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), channels = x.dim(3);
  const int64_t windows = (height - kWindow + 1) * (width - kWindow + 1) * channels;
  const double c1 = call.attribute(0) * kPixels * kPixels, c2 = call.attribute(1) * kPixels * (kPixels - 1);
  float* const scores = call.output(0, {n, 2});
  if (!scores) return;
  in_parallel(n, 16, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      double sum = 0;
      for (int64_t channel = 0; channel < channels; channel++) {
        const int64_t at = i * height * width * channels + channel;
        sum += sum_over_windows(x.data() + at, y.data() + at, height, width, channels, c1, c2);
      }
      scores[2 * i] = static_cast<float>(sum / windows);
      scores[2 * i + 1] = static_cast<float>(sum / windows - scores[2 * i]);
    }
  });
}

const Operation<ssim> kSsim({"DenoiserSsim", {"x", "y"}, {"scores"}, {"c1", "c2"}});

}  // namespace
