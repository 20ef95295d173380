// The ops of convolution with bias and ReLU, alone or with what follows it: batch normalization's moments, max-pooling.
#include <string>
#include <vector>

#include "arithmetic/normalization.h"
#include "arithmetic/packed_kernel.h"
#include "arithmetic/parallel.h"
#include "arithmetic/pooling.h"
#include "conv_input.h"
#include "op.h"

namespace {

/** kernel, bias, x -> convolution + bias, with or without ReLU; and its mean and variance by channel, if wanted. */
void conv(OpContext& context) {
  const OpInput &kernel = context.input("kernel"), &bias = context.input("bias");
  const bool relu = context.attribute<bool>("relu"), with_moments = context.output_count("moments") > 0;
  if (with_moments && context.output_count("moments") != 2) context.fail("moment_count must be 0 or 2");
  const ConvInput x(context);
  x.require_kernel(context);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  context.require_shape(bias, {out});
  float* const y = context.output("y", {x.count, x.height, x.width, out});
  const PackedKernel weights(kernel.data(), rows, columns, in, out, false);
  std::vector<Moments> moments(with_moments ? max_parts() : 0, Moments(out));
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t part) {
    PackedImage image(x.height, x.width, in, rows, columns, PackedKernel::input_layout(in));
    Floats scratch = x.scratch();
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      float* const result = y + i * x.pixels * out;
      weights.convolve(image, bias.data(), relu, result);
      if (with_moments) moments[part].add(result, x.pixels);
    }
  });
  if (with_moments) write_moments(moments, context.output("moments[0]", {out}), context.output("moments[1]", {out}));
}

/**
 * kernel, bias, x -> 2x2 max-pooling of the convolution + bias, with or without ReLU, and which of each four pixels was
 * the largest. Height and width are even.
 */
void conv_max_pool(OpContext& context) {
  const OpInput &kernel = context.input("kernel"), &bias = context.input("bias");
  const bool relu = context.attribute<bool>("relu");
  const ConvInput x(context);
  x.require_kernel(context);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  context.require_shape(bias, {out});
  if (x.height % 2 != 0 || x.width % 2 != 0)
    context.fail("x has " + std::to_string(x.height) + "x" + std::to_string(x.width) +
                 " pixels, but must be even in height and width");
  const MaxPool2x2 pool = {x.height / 2, x.width / 2, out};
  const Shape shape = {x.count, pool.rows, pool.columns, out};
  float* const y = context.output("y", shape);
  float* const argmax = context.output("argmax", shape);
  const PackedKernel weights(kernel.data(), rows, columns, in, out, false);
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(x.height, x.width, in, rows, columns, PackedKernel::input_layout(in));
    Floats scratch = x.scratch(), convolved(x.pixels * out);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      weights.convolve(image, bias.data(), relu, convolved.data());
      pool.forward(convolved.data(), y + i * pool.size(), argmax + i * pool.size());
    }
  });
}

const Op<conv> kConv({"DenoiserConv",
                      {"kernel: float", "bias: float", "x: tensors * float"},
                      {"y: float", "moments: moment_count * float"},
                      ConvInput::with_attributes({"relu: bool", "moment_count: int >= 0"})});
const Op<conv_max_pool> kConvMaxPool({"DenoiserConvMaxPool",
                                      {"kernel: float", "bias: float", "x: tensors * float"},
                                      {"y: float", "argmax: float"},
                                      ConvInput::with_attributes({"relu: bool"})});

}  // namespace
