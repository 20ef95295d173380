// 3x3 convolution by Winograd's F(2x2, 3x3): for each of the 16 elements, a 1x1 convolution of the transformed tiles.
#include <algorithm>

#include "microkernel.h"
#include "packed_kernel.h"
#include "winograd.h"

namespace {

/**
 * Tiles that are worked on at once: few enough to stay in the cache, as many as fill the registers. With few registers
 * that is two pieces of 6 by 2 vectors. With many there should be no remainder for digits and their halves, which have
 * 14x14 and 7x7 tiles; most other images have a multiple of 16.
 */
constexpr int64_t tiles_at_once(int64_t tiles) {
  if (kAccumulators < 14) return 12;
  return tiles % 7 == 0 ? 14 : 16;
}

/** Whether differences of numbers with themselves are all zero: they are NaN for NaN and infinities. */
bool are_zero(Vector differences) {
  bool zero = true;
  for (int i = 0; i < kLanes; i++) zero &= differences[i] == 0;
  return zero;
}

/** The image that is written. */
struct Result {
  int64_t height, width, channels;
  /** The channels of the products and of the bias, a multiple of kLanes. */
  int64_t padded;
  const float* bias;
  bool relu;
  float* pixels;
};

/**
 * Transforms the products [tiles][16 elements][padded channels] of some tiles, from `first` on, to pixels.
 * @returns zeros if all pixels before ReLU are finite
 */
Vector write_tiles(const float* products, int64_t first, int64_t count, const Result& result) {
  const int64_t channels = result.channels, padded = result.padded, line = result.width * channels;
  Vector differences = {};
  TilePosition position(result.width, first);
  for (int64_t tile = 0; tile < count; tile++, position.next(), products += kElements * padded) {
    const int64_t y = 2 * position.row, x = 2 * position.column;
    const bool is_whole = y + 1 < result.height && x + 1 < result.width && channels == padded;
    float* const corner = result.pixels + y * line + x * channels;
#pragma GCC unroll 1
    for (int64_t o = 0; o < padded; o += kLanes) {
      Vector elements[4][4], pixels[2][2];
#pragma GCC unroll 16
      for (int element = 0; element < kElements; element++)
        elements[element / 4][element % 4] = load(products + element * padded + o);
      transform_matrix(elements, pixels, kOutputTransform);
      const auto write = [&](int row, int column, int64_t n) {
        const Vector pixel = pixels[row][column] + load(result.bias + o);
        differences += pixel - pixel;
        put(pixel, result.relu, n, corner + row * line + column * channels + o);
      };
      if (is_whole) {  // with indices that the compiler knows, pixels stay in registers
        write(0, 0, kLanes);
        write(0, 1, kLanes);
        write(1, 0, kLanes);
        write(1, 1, kLanes);
      } else {
        for (int row = 0; row < 2 && y + row < result.height; row++)
          for (int column = 0; column < 2 && x + column < result.width; column++) write(row, column, channels - o);
      }
    }
  }
  return differences;
}

}  // namespace

/**
 * @returns whether all results before ReLU are finite. If not, some may be that should not be NaN: a tile's pixels
 * share sums in which infinities cancel.
 */
bool PackedKernel::convolve_by_winograd(const PackedImage& image, const float* bias, bool relu, float* result) const {
  static thread_local WinogradTiles tiles_of_thread;
  static thread_local Floats products_of_thread;
  WinogradTiles& tiles = tiles_of_thread;  // looked up once
  Floats& products = products_of_thread;
  const Floats zeros(padded_out_, 0.0f);
  Floats start(zeros);
  if (bias) std::copy(bias, bias + out, start.begin());
  const Result target = {image.height, image.width, out, padded_out_, start.data(), relu, result};
  const int64_t all = tiles_across(image.height) * tiles_across(image.width);
  const int64_t at_once = std::min(all, tiles_at_once(all));
  const MicrokernelChoice usual = choose_microkernel(at_once, padded_out_, kTileSize);
  products.resize(kElements * at_once * padded_out_);
  Vector differences = {};
  for_tiles(image, at_once, [&](int64_t first, int64_t count) {
    tiles.transform<4>(image, image.from(0, 0), first, count, kInputTransform);
    const MicrokernelChoice choice = count == at_once ? usual : choose_microkernel(count, padded_out_, kTileSize);
    const ConvGeometry geometry = {image.blocks, count * kTileSize,       0,    1, 1,
                                   padded_out_,  kElements * padded_out_, false};
    for (int64_t element = 0; element < kElements; element++)
      for (int64_t o = 0; o < padded_out_; o += choice.vectors * kLanes)
        for (int64_t at = 0; at < count; at += choice.pixels) {
          const int64_t tile = std::min(at, count - choice.pixels);
          choice.run(geometry, tiles.from(tile, element),
                     data_.data() + element * image.blocks * kBlock * padded_out_ + o, zeros.data(), padded_out_ - o,
                     products.data() + (tile * kElements + element) * padded_out_ + o);
        }
    differences += write_tiles(products.data(), first, count, target);
  });
  return are_zero(differences);
}
