// Winograd's F(2x2, 3x3), after Lavin & Gray 2016: 2x2 pixels of a 3x3 convolution take 16 multiplications instead of
// 36 when the input's 4x4 pixels, the kernel and the output are transformed to 16 elements. Each transform is applied
// to rows, then to columns.
#pragma once
#include <algorithm>
#include <cstdint>

#include "packed_image.h"
#include "vector.h"

constexpr int64_t kElements = 16;

/** Whether to use it: with fewer channels the transforms cost more than they save. */
constexpr bool suits_winograd(int64_t kernel_height, int64_t kernel_width, int64_t in, int64_t out) {
  return kernel_height == 3 && kernel_width == 3 && in >= kBlock && out >= kBlock;
}

/** Applies a transform of `From` numbers to `To` to the rows and columns of a matrix. */
template <int From, int To, typename Value, typename Transform>
inline void transform_matrix(const Value (&matrix)[From][From], Value (&result)[To][To], Transform transform) {
  Value half[To][From];
#pragma GCC unroll 4
  for (int column = 0; column < From; column++) {
    Value in[From], out[To];
#pragma GCC unroll 4
    for (int row = 0; row < From; row++) in[row] = matrix[row][column];
    transform(in, out);
#pragma GCC unroll 4
    for (int row = 0; row < To; row++) half[row][column] = out[row];
  }
#pragma GCC unroll 4
  for (int row = 0; row < To; row++) transform(half[row], result[row]);
}

constexpr auto kInputTransform = [](const auto& d, auto& v) {
  v[0] = d[0] - d[2];
  v[1] = d[1] + d[2];
  v[2] = d[2] - d[1];
  v[3] = d[1] - d[3];
};
constexpr auto kKernelTransform = [](const auto& g, auto& u) {
  u[0] = g[0];
  u[1] = (g[0] + g[1] + g[2]) * 0.5f;
  u[2] = (g[0] - g[1] + g[2]) * 0.5f;
  u[3] = g[2];
};
constexpr auto kOutputTransform = [](const auto& m, auto& y) {
  y[0] = m[0] + m[1] + m[2];
  y[1] = m[1] - m[2] - m[3];
};
/** The transposes of the last two, for the gradient of the kernel. */
constexpr auto kOutputGradientTransform = [](const auto& y, auto& m) {
  m[0] = y[0];
  m[1] = y[0] + y[1];
  m[2] = y[0] - y[1];
  m[3] = -y[1];
};
constexpr auto kKernelGradientTransform = [](const auto& u, auto& g) {
  const auto sum = (u[1] + u[2]) * 0.5f;
  g[0] = u[0] + sum;
  g[1] = (u[1] - u[2]) * 0.5f;
  g[2] = sum + u[3];
};

constexpr int64_t tiles_across(int64_t pixels) { return round_up(pixels, 2) / 2; }

/** Goes through an image's tiles, row by row. */
struct TilePosition {
  TilePosition(int64_t width, int64_t first)
      : columns(tiles_across(width)), row(first / columns), column(first % columns) {}
  void next() {
    if (++column == columns) {
      column = 0;
      row++;
    }
  }
  const int64_t columns;
  int64_t row, column;
};

/** The numbers of a transformed tile in one block of channels. */
constexpr int64_t kTileSize = kElements * kBlock;

/**
 * Some of an image's tiles, transformed: [blocks of channels][tiles][16 elements][channels of a block]. A tile's
 * elements lie side by side: a power of two apart, they would compete for the same places in the fastest cache.
 */
struct WinogradTiles {
  /**
   * @param corner of the image's first tile
   * @param first,number counted row by row
   * @tparam Size of the pixels that make a tile: 4 of an input, 2 of a gradient of an output
   */
  template <int Size, typename Transform>
  void transform(const PackedImage& image, const float* corner, int64_t first, int64_t number, Transform transform);
  /** An element of a tile, of those transformed last. */
  const float* from(int64_t tile, int64_t element) const { return data.data() + tile * kTileSize + element * kBlock; }
  Floats data;
};

template <int Size, typename Transform>
void WinogradTiles::transform(const PackedImage& image, const float* corner, int64_t first, int64_t number,
                              Transform transform) {
  data.resize(image.blocks * number * kTileSize);
  const int64_t line = image.line;
  float* to = data.data();
  for (int64_t b = 0; b < image.blocks; b++) {
    TilePosition position(image.width, first);
    for (int64_t tile = 0; tile < number; tile++, position.next(), to += kTileSize) {
      const float* const from = corner + b * image.plane + position.row * 2 * line + position.column * 2 * kBlock;
#pragma GCC unroll 1
      for (int i = 0; i < kBlock; i += kLanes) {
        Vector pixels[Size][Size], elements[4][4];
#pragma GCC unroll 4
        for (int row = 0; row < Size; row++)
#pragma GCC unroll 4
          for (int column = 0; column < Size; column++)
            pixels[row][column] = load(from + row * line + column * kBlock + i);
        transform_matrix(pixels, elements, transform);
#pragma GCC unroll 16
        for (int element = 0; element < kElements; element++)
          store(to + element * kBlock + i, elements[element / 4][element % 4]);
      }
    }
  }
}

/** Calls work(first, count) for groups of an image's tiles, each of at most so many. */
template <typename Work>
void for_tiles(const PackedImage& image, int64_t most, Work work) {
  const int64_t tiles = tiles_across(image.height) * tiles_across(image.width);
  for (int64_t first = 0; first < tiles; first += most) work(first, std::min(most, tiles - first));
}
