// 2x2 max-pooling's gradient, nearest-neighbour upsampling and its gradient.
#include "operation.h"
#include "parallel.h"

namespace {

/**
 * The gradient of 2x2 max-pooling with stride 2 and even height and width: x, y = pool(x), dy -> dx. As TensorFlow's,
 * the first of several equal largest values gets all of dy.
 */
void max_pool_gradient(Call& call) {
  const Input &x = call.input(0), &y = call.input(1), &dy = call.input(2);
  const int64_t channels = y.dim(3), columns = y.dim(2), rows = y.dim(0) * y.dim(1);
  const int64_t line = 2 * columns * channels;
  float* const dx = call.output(0, x.shape());
  if (!dx) return;
  in_parallel(rows, 64, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t column = 0; column < columns; column++) {
        const int64_t from = (row * columns + column) * channels;
        const int64_t to = 2 * row * line + 2 * column * channels;
        const float *__restrict const x0 = x.data() + to, *__restrict const x1 = x0 + channels;
        const float *__restrict const x2 = x0 + line;
        const float *__restrict const py = y.data() + from, *__restrict const pdy = dy.data() + from;
        float *__restrict const d0 = dx + to, *__restrict const d1 = d0 + channels;
        float *__restrict const d2 = d0 + line, *__restrict const d3 = d2 + channels;
        for (int64_t c = 0; c < channels; c++) {
          const float largest = py[c], gradient = pdy[c];
          const bool is0 = x0[c] == largest;
          const bool is1 = !is0 & (x1[c] == largest);
          const bool is2 = !is0 & !is1 & (x2[c] == largest);
          d0[c] = is0 ? gradient : 0;
          d1[c] = is1 ? gradient : 0;
          d2[c] = is2 ? gradient : 0;
          d3[c] = !is0 & !is1 & !is2 ? gradient : 0;
        }
      }
  });
}

const Operation<max_pool_gradient> kMaxPoolGradient({"DenoiserMaxPoolGradient", {"x", "y", "dy"}, {"dx"}});

}  // namespace
