// The ops of 2x2 max-pooling and of nearest-neighbour upsampling.
#include <string>

#include "arithmetic/parallel.h"
#include "arithmetic/pooling.h"
#include "arithmetic/upsampling.h"
#include "op.h"

namespace {

void require_multiples(const OpContext& context, const OpInput& x, int64_t rows, int64_t columns) {
  context.require_shape(x, {kAny, kAny, kAny, kAny});
  if (x.dim(1) % rows != 0 || x.dim(2) % columns != 0)
    context.fail(x.name + " is " + to_string(x.shape()) + ", but rows must be a multiple of " + std::to_string(rows) +
                 " and columns of " + std::to_string(columns));
}

/** x -> y, the largest of each 2x2 pixels. */
void max_pool(OpContext& context) {
  const OpInput& x = context.input("x");
  require_multiples(context, x, 2, 2);
  const int64_t rows = x.dim(0) * x.dim(1) / 2, columns = x.dim(2) / 2, channels = x.dim(3);
  float* const y = context.output("y", {x.dim(0), x.dim(1) / 2, columns, channels});
  max_pool_2x2(x.data(), rows, columns, channels, y);
}

/** x, y = pool(x), dy -> dx. */
void max_pool_gradient(OpContext& context) {
  const OpInput &x = context.input("x"), &y = context.input("y"), &dy = context.input("dy");
  require_multiples(context, x, 2, 2);
  context.require_shape(y, {x.dim(0), x.dim(1) / 2, x.dim(2) / 2, x.dim(3)});
  context.require_shape(dy, y.shape());
  float* const dx = context.output("dx", x.shape());
  max_pool_2x2_gradient(x.data(), y.data(), dy.data(), y.dim(0) * y.dim(1), y.dim(2), y.dim(3), dx);
}

Upsampling upsampling_of(const OpContext& context) {
  return {context.attribute<int64_t>("rows"), context.attribute<int64_t>("columns")};
}

/** x -> y, each pixel of x in so many rows and columns. */
void upsample(OpContext& context) {
  const OpInput& x = context.input("x");
  context.require_shape(x, {kAny, kAny, kAny, kAny});
  const Upsampling upsampling = upsampling_of(context);
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), channels = x.dim(3);
  const int64_t size = height * width * channels;
  int64_t rows, columns;
  if (__builtin_mul_overflow(height, upsampling.rows, &rows) ||
      __builtin_mul_overflow(width, upsampling.columns, &columns))
    context.fail("x is " + to_string(x.shape()) + ", which upsampled would be too large");
  float* const y = context.output("y", {n, rows, columns, channels});
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++)
      upsampling.forward(x.data() + i * size, height, width, channels, y + i * size * upsampling.factor());
  });
}

/** The gradient of `upsample`: dy -> dx. */
void upsample_gradient(OpContext& context) {
  const OpInput& dy = context.input("dy");
  const Upsampling upsampling = upsampling_of(context);
  require_multiples(context, dy, upsampling.rows, upsampling.columns);
  const int64_t n = dy.dim(0), height = dy.dim(1) / upsampling.rows, width = dy.dim(2) / upsampling.columns;
  const int64_t channels = dy.dim(3), size = height * width * channels;
  float* const dx = context.output("dx", {n, height, width, channels});
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++)
      upsampling.backward(dy.data() + i * size * upsampling.factor(), height, width, channels, dx + i * size);
  });
}

const Op<max_pool> kMaxPool({"DenoiserMaxPool2x2", {"x: float"}, {"y: float"}});
const Op<max_pool_gradient> kMaxPoolGradient({"DenoiserMaxPool2x2Gradient",
                                              {"x: float", "y: float", "dy: float"},
                                              {"dx: float"}});
const Op<upsample> kUpsample({"DenoiserUpsample", {"x: float"}, {"y: float"}, {"rows: int >= 1", "columns: int >= 1"}});
const Op<upsample_gradient> kUpsampleGradient(
    {"DenoiserUpsampleGradient", {"dy: float"}, {"dx: float"}, {"rows: int >= 1", "columns: int >= 1"}});

}  // namespace
