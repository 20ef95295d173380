#include "ssim.h"

#include <cmath>
#include <vector>

#include "parallel.h"

namespace {

constexpr int64_t kWindow = kSsimWindow;
constexpr double kPixels = kWindow * kWindow;

using Row = std::vector<double>;

inline double sum_of_window(const double* from) {
  return ((from[0] + from[1]) + (from[2] + from[3])) + ((from[4] + from[5]) + from[6]);
}

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
  Row x, y, squares, products;
};

/** A number for each window, amid zeros: so that the windows which hold a pixel are a window themselves. */
struct WindowMap {
  WindowMap(int64_t height, int64_t width) : line(width + kWindow - 1), data((height + kWindow - 1) * line) {}
  double* row(int64_t window_row) { return data.data() + (window_row + kWindow - 1) * line + kWindow - 1; }
  const double* around(int64_t pixel_row) const { return data.data() + pixel_row * line; }
  int64_t line;
  Row data;
};

/** The derivatives of a window's SSIM by its sums of y, of xx + yy and of xy. */
struct Derivatives {
  Derivatives(int64_t height, int64_t width)
      : of_y(height, width), of_squares(height, width), of_products(height, width) {}
  WindowMap of_y, of_squares, of_products;
};

/** The constants, expanded by the window's number of pixels. */
struct Pairs : SsimPairs {
  explicit Pairs(const SsimPairs& pairs)
      : SsimPairs(pairs), expanded_c1(c1 * kPixels * kPixels), expanded_c2(c2 * kPixels * (kPixels - 1)) {}
  int64_t size() const { return height * width * channels; }
  int64_t windows() const { return (height - kWindow + 1) * (width - kWindow + 1) * channels; }
  double expanded_c1, expanded_c2;
};

/** The SSIM of all windows in one channel, summed; with the derivatives, where they are wanted. */
template <bool WithDerivatives>
double sum_over_windows(const Pairs& p, const float* x, const float* y, Derivatives* derivatives) {
  Columns columns(p.width);
  const int64_t across = p.width - kWindow + 1, line = p.width * p.channels;
  Row sums(across);
  for (int64_t row = 0; row < p.height; row++) {
    const int64_t at = row * line, left = at - kWindow * line, window_row = row - kWindow + 1;
    columns.add(x + at, y + at, p.channels, 1);
    if (window_row > 0) columns.add(x + left, y + left, p.channels, -1);
    if (window_row < 0) continue;
    double *of_y = nullptr, *of_squares = nullptr, *of_products = nullptr;
    if constexpr (WithDerivatives) {
      of_y = derivatives->of_y.row(window_row);
      of_squares = derivatives->of_squares.row(window_row);
      of_products = derivatives->of_products.row(window_row);
    }
    for (int64_t i = 0; i < across; i++) {
      const double a = sum_of_window(&columns.x[i]), b = sum_of_window(&columns.y[i]);
      const double product = a * b, squares = a * a + b * b;
      const double luminance = 2 * product + p.expanded_c1,
                   covariance = kPixels * sum_of_window(&columns.products[i]) - product;
      const double structure = 2 * covariance + p.expanded_c2, brightness = squares + p.expanded_c1;
      const double contrast = kPixels * sum_of_window(&columns.squares[i]) - squares + p.expanded_c2;
      const double scale = 1 / (brightness * contrast), ssim = luminance * structure * scale;
      sums[i] += ssim;
      if constexpr (WithDerivatives) {
        of_y[i] = 2 * a * (structure - luminance) * scale - 2 * b * ssim * (contrast - brightness) * scale;
        of_squares[i] = -kPixels * ssim * brightness * scale;
        of_products[i] = 2 * kPixels * luminance * scale;
      }
    }
  }
  double sum = 0;
  for (double value : sums) sum += value;
  return sum;
}

/** Adds factor times the derivative of the windows' SSIM by each y to `gradient`, for one channel. */
void add_gradient(const Pairs& p, const float* x, const float* y, const Derivatives& derivatives, double factor,
                  float* gradient) {
  const WindowMap* const maps[] = {&derivatives.of_y, &derivatives.of_squares, &derivatives.of_products};
  std::vector<Row> columns(3, Row(p.width + kWindow - 1));
  Row of_pixel(p.width);
  for (int64_t row = 0; row < p.height; row++) {
    for (int map = 0; map < 3; map++)
      for (size_t i = 0; i < columns[map].size(); i++) {
        double sum = 0;
        for (int64_t k = 0; k < kWindow; k++) sum += maps[map]->around(row + k)[i];
        columns[map][i] = sum;
      }
    const int64_t at = row * p.width * p.channels;
    for (int64_t i = 0; i < p.width; i++)
      of_pixel[i] = sum_of_window(&columns[0][i]) + 2 * y[at + i * p.channels] * sum_of_window(&columns[1][i]) +
                    x[at + i * p.channels] * sum_of_window(&columns[2][i]);
    for (int64_t i = 0; i < p.width; i++) gradient[at + i * p.channels] += static_cast<float>(factor * of_pixel[i]);
  }
}

}  // namespace

/** With sample covariances. */
void ssim(const SsimPairs& pairs, float* scores) {
  const Pairs p(pairs);
  in_parallel(p.count, 16, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      double sum = 0;
      for (int64_t channel = 0; channel < p.channels; channel++) {
        const int64_t at = i * p.size() + channel;
        sum += sum_over_windows<false>(p, p.x + at, p.y + at, nullptr);
      }
      const double score = sum / p.windows();
      scores[2 * i] = static_cast<float>(score);
      scores[2 * i + 1] = static_cast<float>(score - scores[2 * i]);
    }
  });
}

void log_mse_and_ssim(const SsimPairs& pairs, double margin, double weight, float* losses, float* gradient) {
  const Pairs p(pairs);
  in_parallel(p.count, 4, [&](int64_t begin, int64_t end, int64_t) {
    Derivatives derivatives(p.height, p.width);
    for (int64_t i = begin; i < end; i++) {
      const float *const x = p.x + i * p.size(), *const y = p.y + i * p.size();
      float* const of_image = gradient + i * p.size();
      double squares = 0, ssim = 0;
      for (int64_t at = 0; at < p.size(); at++) squares += (y[at] - x[at]) * static_cast<double>(y[at] - x[at]);
      const double error = squares / p.size() + margin;
      for (int64_t at = 0; at < p.size(); at++)
        of_image[at] = static_cast<float>(2 / (p.size() * error)) * (y[at] - x[at]);
      for (int64_t channel = 0; channel < p.channels && weight != 0; channel++) {
        ssim += sum_over_windows<true>(p, x + channel, y + channel, &derivatives);
        add_gradient(p, x + channel, y + channel, derivatives, -weight / p.windows(), of_image + channel);
      }
      losses[i] = static_cast<float>(std::log(error) + weight * (1 - ssim / p.windows()));
    }
  });
}
