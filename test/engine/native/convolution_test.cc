// Convolution and its gradients: direct and Winograd, few and many channels, kernels of 1x1 to 5x5.
#include <limits>

#include "arithmetic/kernel_sums.h"
#include "arithmetic/packed_kernel.h"
#include "arithmetic/parallel.h"
#include "check.h"

namespace {

constexpr double kTolerance = 2e-5;

struct Case {
  explicit Case(Random& random)
      : count(random.whole(0, 3)),
        height(random.one_of<int64_t>({0, 1, 2, 3, 5, 7, 8, 9, 14, 28})),
        width(random.one_of<int64_t>({0, 1, 2, 3, 5, 7, 8, 11, 14, 28, 29})),
        in(random.one_of<int64_t>({0, 1, 2, 3, 4, 5, 15, 16, 17, 20, 31, 32, 33, 40})),
        out(random.one_of<int64_t>({0, 1, 2, 4, 5, 7, 8, 16, 18, 32, 34, 40})),
        kernel_height(random.one_of<int64_t>({1, 3, 3, 3, 5})),
        kernel_width(random.whole(0, 3) > 0 ? kernel_height : random.one_of<int64_t>({1, 3, 5})),
        relu(random.whole(0, 1)),
        x(random.numbers(count * pixels() * in)),
        kernel(random.numbers(kernel_height * kernel_width * in * out)),
        bias(random.numbers(out)),
        dy(random.numbers(count * pixels() * out)) {}
  int64_t count, height, width, in, out, kernel_height, kernel_width;
  bool relu;
  int64_t pixels() const { return height * width; }
  std::vector<float> x, kernel, bias, dy;
  std::string name() const {
    return text("[", count, ", ", height, ", ", width, ", ", in, "] to ", out, ", kernel ", kernel_height, "x",
                kernel_width, relu ? ", ReLU" : "");
  }

  /** Calls work(index in x, index in the kernel, index in y), less its channels, for all that are multiplied. */
  template <typename Work>
  void for_taps(Work work) const {
    for (int64_t i = 0; i < count; i++)
      for (int64_t row = 0; row < height; row++)
        for (int64_t column = 0; column < width; column++)
          for (int64_t a = 0; a < kernel_height; a++)
            for (int64_t b = 0; b < kernel_width; b++) {
              const int64_t r = row + a - kernel_height / 2, c = column + b - kernel_width / 2;
              if (r < 0 || r >= height || c < 0 || c >= width) continue;
              work((i * pixels() + r * width + c) * in, (a * kernel_width + b) * in * out,
                   (i * pixels() + row * width + column) * out);
            }
  }

  std::vector<double> reference() const {
    std::vector<double> y(count * pixels() * out);
    for (size_t at = 0; at < y.size(); at++) y[at] = bias[at % out];
    for_taps([&](int64_t at_x, int64_t at_kernel, int64_t at_y) {
      for (int64_t i = 0; i < in; i++)
        for (int64_t o = 0; o < out; o++)
          y[at_y + o] += static_cast<double>(x[at_x + i]) * kernel[at_kernel + i * out + o];
    });
    if (relu)
      for (double& value : y) value = value < 0 ? 0 : value;
    return y;
  }

  std::vector<float> convolved() const {
    const PackedKernel weights(kernel.data(), kernel_height, kernel_width, in, out, false);
    std::vector<float> y(count * pixels() * out);
    in_parallel(count, 1, [&](int64_t begin, int64_t end, int64_t) {
      PackedImage image(height, width, in, kernel_height, kernel_width, PackedKernel::input_layout(in));
      for (int64_t i = begin; i < end; i++) {
        image.pack(x.data() + i * pixels() * in, 0, in);
        weights.convolve(image, bias.data(), relu, y.data() + i * pixels() * out);
      }
    });
    return y;
  }
};

void convolution(Random& random) {
  const Case c(random);
  require_close(c.convolved(), c.reference(), kTolerance, c.name());
}

void gradients(Random& random) {
  const Case c(random);
  const std::vector<float> y = c.convolved();
  const bool normalized = random.whole(0, 1);
  const std::vector<float> rows = random.numbers(3 * c.out);
  const GradientCoefficients coefficients(rows.data(), c.out);

  std::vector<double> dsum(y.size()), dkernel(c.kernel.size()), dbias(c.out), dx(c.x.size());
  for (size_t at = 0; at < y.size(); at++) {
    const int64_t o = at % c.out;
    dsum[at] = normalized ? static_cast<double>(c.dy[at]) * coefficients.of_dy[o] +
                                static_cast<double>(y[at]) * coefficients.of_y[o] + coefficients.rest[o]
                          : c.dy[at];
    if (c.relu && y[at] <= 0) dsum[at] = 0;
    dbias[o] += dsum[at];
  }
  c.for_taps([&](int64_t at_x, int64_t at_kernel, int64_t at_y) {
    for (int64_t i = 0; i < c.in; i++)
      for (int64_t o = 0; o < c.out; o++) {
        dkernel[at_kernel + i * c.out + o] += c.x[at_x + i] * dsum[at_y + o];
        dx[at_x + i] += c.kernel[at_kernel + i * c.out + o] * dsum[at_y + o];
      }
  });

  const PackedKernel transposed(c.kernel.data(), c.kernel_height, c.kernel_width, c.in, c.out, true);
  std::vector<float> own_dkernel(c.kernel.size()), own_dbias(c.out), own_dx(c.x.size());
  sum_over_images(c.count, c.kernel_height, c.kernel_width, c.in, c.out, own_dkernel.data(), own_dbias.data(),
                  [&](int64_t begin, int64_t end, KernelSums& sums) {
                    PackedImage image(c.height, c.width, c.in, c.kernel_height, c.kernel_width,
                                      KernelGradient::x_layout(c.in, c.out));
                    PackedImage gradient(c.height, c.width, c.out, c.kernel_height, c.kernel_width,
                                         KernelGradient::dy_layout(c.out));
                    for (int64_t i = begin; i < end; i++) {
                      const int64_t at = i * c.pixels() * c.out;
                      image.pack(c.x.data() + i * c.pixels() * c.in, 0, c.in);
                      gradient.pack_gradient(c.dy.data() + at, y.data() + at, c.relu,
                                             normalized ? &coefficients : nullptr, sums.bias.data());
                      sums.kernel.add(image, gradient);
                      transposed.convolve(gradient, nullptr, false, own_dx.data() + i * c.pixels() * c.in);
                    }
                  });
  require_close(own_dkernel, dkernel, kTolerance, c.name() + ", kernel");
  require_close(own_dbias, dbias, kTolerance, c.name() + ", bias");
  require_close(own_dx, dx, kTolerance, c.name() + ", x");
}

/** Infinities and NaN reach the pixels around them and no others, by Winograd's transforms too. */
void not_finite(Random& random) {
  Case c(random);
  if (c.x.empty()) return;
  for (int i = 0; i < 2; i++)
    c.x[random.whole(0, c.x.size() - 1)] =
        random.one_of({std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                       std::numeric_limits<float>::quiet_NaN()});
  require_close(c.convolved(), c.reference(), kTolerance, c.name());
}

/** Images packed from two that lie side by side, or scaled on the way, are the images that these make. */
void packing(Random& random) {
  Case c(random);
  const int64_t first = random.one_of<int64_t>({16, 32}), n = c.pixels();
  const std::vector<float> a = random.numbers(n * first), b = random.numbers(n * c.in);
  const std::vector<float> factors = random.numbers(first), offsets = random.numbers(first);
  const Scaling scaling = {factors.data(), offsets.data()};
  std::vector<float> both;
  for (int64_t pixel = 0; pixel < n; pixel++) {
    for (int64_t i = 0; i < first; i++) both.push_back(std::fma(a[pixel * first + i], factors[i], offsets[i]));
    both.insert(both.end(), b.begin() + pixel * c.in, b.begin() + (pixel + 1) * c.in);
  }
  PackedImage parts(c.height, c.width, first + c.in, 3, 5, Layout::kBlocked);
  parts.pack(a.data(), 0, first, &scaling);
  parts.pack(b.data(), first, c.in);
  PackedImage whole(c.height, c.width, first + c.in, 3, 5, Layout::kBlocked);
  whole.pack(both.data(), 0, first + c.in);
  for (int64_t block = 0; block < whole.blocks; block++) {
    const int64_t at = block * whole.plane;
    require_close(std::vector<float>(parts.from(0, 0) + at, parts.from(0, 0) + at + whole.plane),
                  std::vector<float>(whole.from(0, 0) + at, whole.from(0, 0) + at + whole.plane), 1e-6, c.name());
  }
}

}  // namespace

std::vector<Test> convolution_tests() {
  return {{"convolution", convolution},
          {"gradients of a convolution", gradients},
          {"convolution of infinities and NaN", not_finite},
          {"packing of concatenated and normalized images", packing}};
}
