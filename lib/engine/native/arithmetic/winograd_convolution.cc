// 3x3 convolution by Winograd's F(2x2, 3x3): for each of the 16 elements, a 1x1 convolution of the transformed tiles.
#include <algorithm>

#include "microkernel.h"
#include "packed_kernel.h"
#include "winograd.h"

namespace {

/** Tiles that are worked on at once: few enough to stay in the cache, many enough to fill the registers. */
constexpr int64_t kTiles = 14;

/** Whether differences of numbers with themselves are all zero: they are NaN for NaN and infinities. */
bool are_zero(Vector differences) {
  bool zero = true;
  for (int i = 0; i < kLanes; i++) zero &= differences[i] == 0;
  return zero;
}

}  // namespace

/**
 * @returns whether all results before ReLU are finite. If not, some may be that should not be NaN: a tile's pixels
 * share sums in which infinities cancel.
 */
bool PackedKernel::convolve_by_winograd(const PackedImage& image, const float* bias, bool relu, float* result) const {
  static thread_local WinogradTiles tiles;
  static thread_local Floats products;
  const Floats zeros(padded_out_, 0.0f);
  Floats start(zeros);
  if (bias) std::copy(bias, bias + out, start.begin());
  Vector differences = {};
  for_tile_rows(image, kTiles, [&](int64_t first, int64_t rows, int64_t columns) {
    tiles.transform<4>(image, image.from(2 * first, 0), rows, columns, kInputTransform);
    products.resize(kElements * tiles.count * padded_out_);
    const MicrokernelChoice choice = choose_microkernel(tiles.count, padded_out_, false);
    const ConvGeometry geometry = {image.blocks, tiles.count * kBlock, 0, 1, 1, padded_out_, padded_out_, false};
    for (int64_t element = 0; element < kElements; element++)
      for (int64_t o = 0; o < padded_out_; o += choice.vectors * kLanes)
        for (int64_t at = 0; at < tiles.count; at += choice.pixels) {
          const int64_t tile = std::min(at, tiles.count - choice.pixels);
          choice.run(geometry, tiles.element(element) + tile * kBlock,
                     data_.data() + element * image.blocks * kBlock * padded_out_ + o, zeros.data(), padded_out_ - o,
                     products.data() + (element * tiles.count + tile) * padded_out_ + o);
        }
    Vector own_differences = {};
    for (int64_t tile = 0; tile < tiles.count; tile++) {
      const int64_t y = 2 * (first + tile / columns), x = 2 * (tile % columns);
      for (int64_t o = 0; o < padded_out_; o += kLanes) {
        Vector elements[4][4], pixels[2][2];
#pragma GCC unroll 16
        for (int element = 0; element < kElements; element++)
          elements[element / 4][element % 4] = load(products.data() + (element * tiles.count + tile) * padded_out_ + o);
        transform_matrix(elements, pixels, kOutputTransform);
        for (int64_t row = 0; row < 2 && y + row < image.height; row++)
          for (int64_t column = 0; column < 2 && x + column < image.width; column++) {
            const Vector pixel = pixels[row][column] + load(start.data() + o);
            own_differences += pixel - pixel;
            put(pixel, relu, out - o, result + ((y + row) * image.width + x + column) * out + o);
          }
      }
    }
    differences += own_differences;
  });
  return are_zero(differences);
}
