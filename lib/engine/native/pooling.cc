// The gradient of 2x2 max-pooling.
#include <array>

#include "operation.h"
#include "parallel.h"
#include "vector.h"

namespace {

/** What each of four pixels gets of the gradient; the fourth is the largest where none of the others is. */
inline std::array<Vector, 4> share(Vector largest, Vector gradient, Vector x0, Vector x1, Vector x2) {
  const auto is0 = x0 == largest;
  const auto is1 = ~is0 & (x1 == largest);
  const auto is2 = ~is0 & ~is1 & (x2 == largest);
  const Vector zero = {};
  return {is0 ? gradient : zero, is1 ? gradient : zero, is2 ? gradient : zero, is0 | is1 | is2 ? zero : gradient};
}

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
        int64_t c = 0;
        for (; c + kLanes <= channels; c += kLanes) {
          const float* const px = x.data() + to + c;
          const auto dxs = share(load(y.data() + from + c), load(dy.data() + from + c), load(px), load(px + channels),
                                 load(px + line));
          float* const to_dx = dx + to + c;
          store(to_dx, dxs[0]);
          store(to_dx + channels, dxs[1]);
          store(to_dx + line, dxs[2]);
          store(to_dx + line + channels, dxs[3]);
        }
        for (; c < channels; c++) {
          const float* const px = x.data() + to + c;
          const float largest = y.data()[from + c], gradient = dy.data()[from + c];
          const int winner = px[0] == largest ? 0 : px[channels] == largest ? 1 : px[line] == largest ? 2 : 3;
          const int64_t places[] = {0, channels, line, line + channels};
          for (int i = 0; i < 4; i++) dx[to + c + places[i]] = i == winner ? gradient : 0;
        }
      }
  });
}

const Operation<max_pool_gradient> kMaxPoolGradient({"DenoiserMaxPoolGradient", {"x", "y", "dy"}, {"dx"}});

}  // namespace
