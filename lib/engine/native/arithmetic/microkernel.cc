#include "microkernel.h"

#include <algorithm>
#include <array>
#include <utility>

#include "packed_image.h"

namespace {

/** `Pixels` pixels, `Vectors` vectors of channels each, of an image with `Block` channels side by side. */
template <int Pixels, int Vectors, int Block>
void convolve_piece(const ConvGeometry& g, const float* in, const float* weights, const float* bias, int64_t n,
                    float* out) {
  Vector sum[Pixels][Vectors];
#pragma GCC unroll 32
  for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; v++) sum[p][v] = load(bias + v * kLanes);
  for (int64_t b = 0; b < g.blocks; b++)
    for (int64_t row = 0; row < g.kernel_height; row++)
      for (int64_t column = 0; column < g.kernel_width; column++) {
        const float* const x = in + b * g.plane + row * g.line + column * Block;
#pragma GCC unroll 1
        for (int i = 0; i < Block; i++, weights += g.weight_stride) {
          Vector weight[Vectors];
#pragma GCC unroll 8
          for (int v = 0; v < Vectors; v++) weight[v] = load(weights + v * kLanes);
#pragma GCC unroll 32
          for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
            for (int v = 0; v < Vectors; v++) sum[p][v] += x[p * Block + i] * weight[v];
        }
      }
#pragma GCC unroll 32
  for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; v++) put(sum[p][v], g.relu, n - v * kLanes, out + p * g.channels + v * kLanes);
}

/** 28 and its divisors suit the 28, 14 and 7 pixels a row of digits and of their halves; the others any width. */
constexpr std::array<int, 7> kPixels = {28, 14, 7, 6, 4, 2, 1};
constexpr std::array<int, 3> kVectors = {4, 2, 1};

template <int Pixels, int Vectors, int Block>
constexpr Microkernel if_it_fits() {
  if constexpr (Pixels * Vectors <= kAccumulators)
    return &convolve_piece<Pixels, Vectors, Block>;
  else
    return nullptr;
}

template <int Block, int Vectors, size_t... P>
constexpr std::array<Microkernel, kPixels.size()> of_all_pixels(std::index_sequence<P...>) {
  return {if_it_fits<kPixels[P], Vectors, Block>()...};
}

template <int Block, size_t... V>
constexpr std::array<std::array<Microkernel, kPixels.size()>, kVectors.size()> microkernels(std::index_sequence<V...>) {
  return {of_all_pixels<Block, kVectors[V]>(std::make_index_sequence<kPixels.size()>())...};
}

constexpr auto kOfBlocks = microkernels<kBlock>(std::make_index_sequence<kVectors.size()>());
constexpr auto kOfPlanes = microkernels<1>(std::make_index_sequence<kVectors.size()>());

}  // namespace

MicrokernelChoice choose_microkernel(int64_t width, int64_t channels, bool planar) {
  const int64_t vectors = channels / kLanes;
  MicrokernelChoice best;
  double least = 0;
  for (size_t v = 0; v < kVectors.size(); v++)
    for (size_t p = 0; p < kPixels.size(); p++) {
      const Microkernel microkernel = (planar ? kOfPlanes : kOfBlocks)[v][p];
      const int64_t n = kPixels[p], m = kVectors[v];
      if (!microkernel || n > width || vectors % m != 0) continue;
      // Two multiplications a cycle, or two loads; a sum is ready for the next after four cycles.
      const double cycles = std::max({n * m / 2.0, (n + m) / 2.0, 4.0});
      const double cost = static_cast<double>((width + n - 1) / n * (vectors / m)) * cycles;
      if (!best.run || cost < least) {
        least = cost;
        best = {microkernel, n, m};
      }
    }
  return best;
}
