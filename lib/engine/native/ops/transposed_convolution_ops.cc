// The ops of transposed convolution whose kernel is as large as its strides. It makes a patch of each pixel, and patches
// do not overlap: that is a 1x1 convolution to as many channels as a patch has numbers.
#include <algorithm>
#include <vector>

#include "conv_input.h"
#include "arithmetic/packed_kernel.h"
#include "kernel_sums.h"
#include "op.h"
#include "arithmetic/parallel.h"

namespace {

/** [height * rows, width * columns, channels], and its patches [height, width, rows, columns, channels]. */
struct Patches {
  int64_t height, width, rows, columns, channels;
  int64_t size() const { return rows * columns * channels; }

  /** Calls copy(at in the image, at in the patches, count) for what lies side by side in both. */
  template <typename Copy>
  void for_runs(Copy copy) const {
    const int64_t n = columns * channels;
    for (int64_t y = 0; y < height; y++)
      for (int64_t row = 0; row < rows; row++)
        for (int64_t x = 0; x < width; x++)
          copy(((y * rows + row) * width + x) * n, ((y * width + x) * rows + row) * n, n);
  }
  void to_image(const float* patches, float* image) const {
    for_runs([=](int64_t at, int64_t from, int64_t n) { std::copy_n(patches + from, n, image + at); });
  }
  void from_image(const float* image, float* patches) const {
    for_runs([=](int64_t at, int64_t to, int64_t n) { std::copy_n(image + at, n, patches + to); });
  }
};

/** The kernel [rows, columns, out, in] as that of a 1x1 convolution [in, rows * columns * out]. */
std::vector<float> as_pointwise(const OpInput& kernel) {
  const int64_t in = kernel.dim(3), patch = kernel.dim(0) * kernel.dim(1) * kernel.dim(2);
  std::vector<float> result(kernel.size());
  for (int64_t p = 0; p < patch; p++)
    for (int64_t i = 0; i < in; i++) result[i * patch + p] = kernel.data()[p * in + i];
  return result;
}

void require_kernel(const OpContext& context, const ConvInput& x) {
  const OpInput& kernel = context.input("kernel");
  context.require_shape(kernel, {kAny, kAny, kAny, x.channels});
  if (kernel.dim(0) == 0 || kernel.dim(1) == 0)
    context.fail("kernel is " + to_string(kernel.shape()) + ", but must have rows and columns");
}

/** kernel [rows, columns, out, in], bias, x -> the transposed convolution with strides rows and columns, + bias. */
void transposed_conv(OpContext& context) {
  const OpInput &kernel = context.input("kernel"), &bias = context.input("bias");
  const ConvInput x(context);
  require_kernel(context, x);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const Patches layout = {x.height, x.width, rows, columns, out};
  const int64_t patch = layout.size();
  context.require_shape(bias, {out});
  float* const y = context.output("y", {x.count, x.height * rows, x.width * columns, out});
  const std::vector<float> pointwise_kernel = as_pointwise(kernel);
  const PackedKernel weights(pointwise_kernel.data(), 1, 1, in, patch, false);
  std::vector<float> biases;
  for (int64_t i = 0; i < rows * columns; i++) biases.insert(biases.end(), bias.data(), bias.data() + out);
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(x.height, x.width, in, 1, 1, PackedKernel::input_layout(in));
    Floats scratch = x.scratch();
    std::vector<float> patches(x.pixels * patch);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      weights.convolve(image, biases.data(), false, patches.data());
      layout.to_image(patches.data(), y + i * x.pixels * patch);
    }
  });
}

/** dy, kernel, x -> the gradients of kernel, bias and x. */
void transposed_conv_gradient(OpContext& context) {
  const OpInput &dy = context.input("dy"), &kernel = context.input("kernel");
  const bool of_upsampled = context.attribute<bool>("of_upsampled");
  const ConvInput x(context);
  require_kernel(context, x);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const Patches layout = {x.height, x.width, rows, columns, out};
  const int64_t patch = layout.size();
  context.require_shape(dy, {x.count, x.height * rows, x.width * columns, out});
  float* const dkernel = context.output("dkernel", kernel.shape());
  float* const dbias = context.output("dbias", {out});
  const std::vector<float*> dx = x.gradients(context, of_upsampled);
  const std::vector<float> pointwise_kernel = as_pointwise(kernel);
  const PackedKernel transposed(pointwise_kernel.data(), 1, 1, in, patch, true);
  std::vector<float> dpointwise(kernel.size()), biases(patch);
  const auto work = [&](int64_t begin, int64_t end, KernelSums& sums) {
    PackedImage image(x.height, x.width, in, 1, 1, KernelGradient::x_layout(in, patch));
    PackedImage gradient(x.height, x.width, patch, 1, 1, KernelGradient::dy_layout(patch));
    Floats scratch = x.scratch();
    std::vector<float> patches(x.pixels * patch);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      layout.from_image(dy.data() + i * x.pixels * patch, patches.data());
      gradient.pack_gradient(patches.data(), nullptr, false, nullptr, sums.bias.data());
      sums.kernel.add(image, gradient);
      if (!dx.empty()) x.write_gradients(transposed, gradient, i, of_upsampled, scratch, dx);
    }
  };
  sum_over_images(x.count, 1, 1, in, patch, dpointwise.data(), biases.data(), work);
  for (int64_t p = 0; p < patch; p++)
    for (int64_t i = 0; i < in; i++) dkernel[p * in + i] = dpointwise[i * patch + p];
  std::fill_n(dbias, out, 0.0f);
  for (int64_t p = 0; p < patch; p++) dbias[p % out] += biases[p];
}

const Op<transposed_conv> kTransposedConv({"DenoiserTransposedConv",
                                           {"kernel: float", "bias: float", "x: tensors * float"},
                                           {"y: float"},
                                           ConvInput::with_attributes({})});
const Op<transposed_conv_gradient> kTransposedConvGradient(
    {"DenoiserTransposedConvGradient",
     {"dy: float", "kernel: float", "x: tensors * float"},
     {"dkernel: float", "dbias: float", "dx: dx_count * float"},
     ConvInput::with_attributes({"dx_count: int >= 0", "of_upsampled: bool"})});

}  // namespace
