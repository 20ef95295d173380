// The ops of transposed convolution whose kernel is as large as its strides, as a 1x1 convolution to patches.
#include <algorithm>
#include <vector>

#include "arithmetic/kernel_sums.h"
#include "arithmetic/packed_kernel.h"
#include "arithmetic/parallel.h"
#include "arithmetic/patches.h"
#include "conv_input.h"
#include "op.h"

namespace {

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
  const std::vector<float> pointwise_kernel = transposed(kernel.data(), patch, in);
  const PackedKernel weights(pointwise_kernel.data(), 1, 1, in, patch, false);
  std::vector<float> biases;
  for (int64_t i = 0; i < rows * columns; i++) biases.insert(biases.end(), bias.data(), bias.data() + out);
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(x.height, x.width, in, 1, 1, PackedKernel::input_layout(in));
    Floats scratch = x.scratch();
    Floats patches(x.pixels * patch);
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
  const ConvInput x(context);
  require_kernel(context, x);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const Patches layout = {x.height, x.width, rows, columns, out};
  const int64_t patch = layout.size();
  context.require_shape(dy, {x.count, x.height * rows, x.width * columns, out});
  float* const dkernel = context.output("dkernel", kernel.shape());
  float* const dbias = context.output("dbias", {out});
  const std::vector<float*> dx = x.gradients(context);
  const std::vector<float> pointwise_kernel = transposed(kernel.data(), patch, in);
  const PackedKernel weights(pointwise_kernel.data(), 1, 1, in, patch, true);
  std::vector<float> dpointwise(kernel.size()), biases(patch);
  const auto work = [&](int64_t begin, int64_t end, KernelSums& sums) {
    PackedImage image(x.height, x.width, in, 1, 1, KernelGradient::x_layout(in, patch));
    PackedImage gradient(x.height, x.width, patch, 1, 1, KernelGradient::dy_layout(patch));
    Floats scratch = x.scratch();
    Floats patches(x.pixels * patch);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      layout.from_image(dy.data() + i * x.pixels * patch, patches.data());
      gradient.pack_gradient(patches.data(), nullptr, false, nullptr, sums.bias.data());
      sums.kernel.add(image, gradient);
      if (!dx.empty()) x.write_gradients(weights, gradient, i, scratch, dx);
    }
  };
  sum_over_images(x.count, 1, 1, in, patch, dpointwise.data(), biases.data(), work);
  const std::vector<float> gradient = transposed(dpointwise.data(), in, patch);
  std::copy(gradient.begin(), gradient.end(), dkernel);
  std::fill_n(dbias, out, 0.0f);
  for (int64_t p = 0; p < patch; p++) dbias[p % out] += biases[p];
}

const Op<transposed_conv> kTransposedConv({"DenoiserTransposedConv",
                                           {"kernel: float", "bias: float", "x: tensors * float"},
                                           {"y: float"},
                                           ConvInput::with_attributes({})});
const Op<transposed_conv_gradient> kTransposedConvGradient({"DenoiserTransposedConvGradient",
                                                            {"dy: float", "kernel: float", "x: tensors * float"},
                                                            {"dkernel: float", "dbias: float", "dx: dx_count * float"},
                                                            ConvInput::with_attributes({"dx_count: int >= 0"})});

}  // namespace
