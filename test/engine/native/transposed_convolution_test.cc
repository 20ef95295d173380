// Transposed convolution whose kernel is as large as its strides, put together as its op does.
#include "arithmetic/kernel_sums.h"
#include "arithmetic/packed_kernel.h"
#include "arithmetic/patches.h"
#include "check.h"

namespace {

void transposed_convolution(Random& random) {
  const int64_t height = random.whole(0, 9), width = random.whole(0, 9), in = random.whole(0, 40);
  const Patches layout = {height, width, random.whole(1, 3), random.whole(1, 3), random.whole(0, 20)};
  const int64_t patch = layout.size(), out = layout.channels, pixels = height * width;
  const std::vector<float> x = random.numbers(pixels * in), kernel = random.numbers(patch * in);
  const std::vector<float> dy = random.numbers(pixels * patch);
  std::vector<double> y(dy.size()), dkernel(kernel.size()), dx(x.size());
  for (int64_t row = 0; row < height * layout.rows; row++)
    for (int64_t column = 0; column < width * layout.columns; column++)
      for (int64_t o = 0; o < out; o++)
        for (int64_t i = 0; i < in; i++) {
          const int64_t at = (row * width * layout.columns + column) * out + o;
          const int64_t tap = (row % layout.rows * layout.columns + column % layout.columns) * out + o;
          const int64_t from = (row / layout.rows * width + column / layout.columns) * in + i;
          y[at] += static_cast<double>(x[from]) * kernel[tap * in + i];
          dx[from] += static_cast<double>(dy[at]) * kernel[tap * in + i];
          dkernel[tap * in + i] += static_cast<double>(dy[at]) * x[from];
        }

  const std::string name =
      text("[", height, ", ", width, ", ", in, "] to ", out, ", ", layout.rows, "x", layout.columns);
  const std::vector<float> pointwise = transposed(kernel.data(), patch, in);
  std::vector<float> patches(dy.size()), own_y(dy.size()), own_dx(x.size()), dpointwise(kernel.size()), dbias(patch);
  PackedImage image(height, width, in, 1, 1, PackedKernel::input_layout(in));
  image.pack(x.data(), 0, in);
  PackedKernel(pointwise.data(), 1, 1, in, patch, false).convolve(image, nullptr, false, patches.data());
  layout.to_image(patches.data(), own_y.data());
  require_close(own_y, y, 1e-5, name);

  layout.from_image(dy.data(), patches.data());
  sum_over_images(1, 1, 1, in, patch, dpointwise.data(), dbias.data(), [&](int64_t, int64_t, KernelSums& sums) {
    PackedImage scalars(height, width, in, 1, 1, KernelGradient::x_layout(in, patch));
    PackedImage gradient(height, width, patch, 1, 1, KernelGradient::dy_layout(patch));
    scalars.pack(x.data(), 0, in);
    gradient.pack_gradient(patches.data(), nullptr, false, nullptr, sums.bias.data());
    sums.kernel.add(scalars, gradient);
    PackedKernel(pointwise.data(), 1, 1, in, patch, true).convolve(gradient, nullptr, false, own_dx.data());
  });
  require_close(own_dx, dx, 1e-5, name + ", x");
  require_close(transposed(dpointwise.data(), in, patch), dkernel, 1e-5, name + ", kernel");
}

}  // namespace

std::vector<Test> transposed_convolution_tests() { return {{"transposed convolution", transposed_convolution}}; }
