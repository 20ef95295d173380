// The ops of a convolution's gradients: of its output, of its output normalized, of its output pooled.
#include <optional>
#include <vector>

#include "arithmetic/kernel_sums.h"
#include "arithmetic/normalization.h"
#include "arithmetic/packed_kernel.h"
#include "arithmetic/pooling.h"
#include "conv_input.h"
#include "op.h"

namespace {

/**
 * Writes the gradients of kernel and bias, and those of x that are wanted, when shapes have been checked.
 * @param pack_gradient pack_gradient(i, image, sums) packs the gradient of the i-th image's convolution before ReLU,
 * and adds its pixels to `sums`
 */
template <typename PackGradient>
void write_gradients(OpContext& context, const ConvInput& x, PackGradient pack_gradient) {
  const OpInput& kernel = context.input("kernel");
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  float* const dkernel = context.output("dkernel", kernel.shape());
  float* const dbias = context.output("dbias", {out});
  const std::vector<float*> dx = x.gradients(context);
  std::optional<PackedKernel> transposed;
  if (!dx.empty()) transposed.emplace(kernel.data(), rows, columns, in, out, true);
  sum_over_images(x.count, rows, columns, in, out, dkernel, dbias, [&](int64_t begin, int64_t end, KernelSums& sums) {
    PackedImage image(x.height, x.width, in, rows, columns, KernelGradient::x_layout(in, out));
    PackedImage gradient(x.height, x.width, out, rows, columns, KernelGradient::dy_layout(out));
    Floats scratch = x.scratch();
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      pack_gradient(i, gradient, sums.bias.data());
      sums.kernel.add(image, gradient);
      if (transposed) x.write_gradients(*transposed, gradient, i, scratch, dx);
    }
  });
}

/**
 * dy, y, kernel, x, and where y was normalized the coefficients of its gradient: dy is then that of y normalized -> the
 * gradients of kernel, bias and x.
 */
void conv_gradient(OpContext& context) {
  const OpInput &dy = context.input("dy"), &y = context.input("y");
  const bool relu = context.attribute<bool>("relu");
  const auto given = context.inputs("coefficients");
  const ConvInput x(context);
  x.require_kernel(context);
  context.require_shape(y, {x.count, x.height, x.width, context.input("kernel").dim(3)});
  context.require_shape(dy, y.shape());
  if (given.size() > 1) context.fail("coefficient_count must be 0 or 1");
  for (const OpInput* input : given) context.require_shape(*input, {3, y.dim(3)});
  const int64_t size = y.dim(1) * y.dim(2) * y.dim(3);
  const GradientCoefficients coefficients(given.empty() ? nullptr : given[0]->data(), y.dim(3));
  write_gradients(context, x, [&](int64_t i, PackedImage& gradient, float* sums) {
    gradient.pack_gradient(dy.data() + i * size, y.data() + i * size, relu, given.empty() ? nullptr : &coefficients,
                           sums);
  });
}

/** dy, the pooled y and its argmax, kernel, x -> the gradients of kernel, bias and x. */
void conv_max_pool_gradient(OpContext& context) {
  const OpInput &dy = context.input("dy"), &y = context.input("y"), &argmax = context.input("argmax");
  const bool relu = context.attribute<bool>("relu");
  const ConvInput x(context);
  x.require_kernel(context);
  context.require_shape(y, {x.count, kAny, kAny, context.input("kernel").dim(3)});
  if (x.height != 2 * y.dim(1) || x.width != 2 * y.dim(2))
    context.fail("y is " + to_string(y.shape()) + ", but must have half the rows and columns of x");
  context.require_shape(dy, y.shape());
  context.require_shape(argmax, y.shape());
  const MaxPool2x2 pool = {y.dim(1), y.dim(2), y.dim(3)};
  write_gradients(context, x, [&](int64_t i, PackedImage& gradient, float* sums) {
    static thread_local Floats unpooled;
    unpooled.resize(4 * pool.size());
    const int64_t at = i * pool.size();
    pool.backward(dy.data() + at, argmax.data() + at, relu ? y.data() + at : nullptr, unpooled.data());
    gradient.pack_gradient(unpooled.data(), nullptr, false, nullptr, sums);
  });
}

const Op<conv_gradient> kConvGradient(
    {"DenoiserConvGradient",
     {"dy: float", "y: float", "coefficients: coefficient_count * float", "kernel: float", "x: tensors * float"},
     {"dkernel: float", "dbias: float", "dx: dx_count * float"},
     ConvInput::with_attributes({"relu: bool", "coefficient_count: int >= 0", "dx_count: int >= 0"})});
const Op<conv_max_pool_gradient> kConvMaxPoolGradient(
    {"DenoiserConvMaxPoolGradient",
     {"dy: float", "y: float", "argmax: float", "kernel: float", "x: tensors * float"},
     {"dkernel: float", "dbias: float", "dx: dx_count * float"},
     ConvInput::with_attributes({"relu: bool", "dx_count: int >= 0"})});

}  // namespace
