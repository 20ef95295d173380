#include "microkernel.h"

#include <algorithm>
#include <array>
#include <utility>

#include "packed_image.h"
#include "winograd.h"

namespace {

/** `Pixels` pixels, which begin `Step` numbers apart, `Vectors` vectors of channels each. */
template <int Pixels, int Vectors, int Step>
void convolve_piece(const ConvGeometry& g, const float* in, const float* weights, const float* bias, int64_t n,
                    float* out) {
  constexpr int kChannels = Step < kBlock ? Step : kBlock;  // of the input, side by side
  Vector sum[Pixels][Vectors];
#pragma GCC unroll 32
  for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; v++) sum[p][v] = load(bias + v * kLanes);
  for (int64_t b = 0; b < g.blocks; b++)
    for (int64_t row = 0; row < g.kernel_height; row++)
      for (int64_t column = 0; column < g.kernel_width; column++) {
        const float* const x = in + b * g.plane + row * g.line + column * Step;
#pragma GCC unroll 1
        for (int i = 0; i < kChannels; i++, weights += g.weight_stride) {
          Vector weight[Vectors];
#pragma GCC unroll 8
          for (int v = 0; v < Vectors; v++) weight[v] = load(weights + v * kLanes);
#pragma GCC unroll 32
          for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
            for (int v = 0; v < Vectors; v++) sum[p][v] += x[p * Step + i] * weight[v];
        }
      }
  const int64_t channels = g.channels;  // not to be read again after each store
  if (g.relu)
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; v++) sum[p][v] = rectified(sum[p][v]);
  if (n >= Vectors * kLanes) {
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; v++) store(out + p * channels + v * kLanes, sum[p][v]);
  } else {
#pragma GCC unroll 32
    for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
      for (int v = 0; v < Vectors; v++) put(sum[p][v], false, n - v * kLanes, out + p * channels + v * kLanes);
  }
}

/** 28 and its divisors suit digits and their halves, 16 and 8 patches of photographs; the others any width. */
constexpr std::array<int, 9> kPixels = {28, 16, 14, 8, 7, 6, 4, 2, 1};
constexpr std::array<int, 3> kVectors = {4, 2, 1};

template <int Pixels, int Vectors, int Step>
constexpr Microkernel if_it_fits() {
  if constexpr (Pixels * Vectors <= kAccumulators)
    return &convolve_piece<Pixels, Vectors, Step>;
  else
    return nullptr;
}

template <int Step, int Vectors, size_t... P>
constexpr std::array<Microkernel, kPixels.size()> of_all_pixels(std::index_sequence<P...>) {
  return {if_it_fits<kPixels[P], Vectors, Step>()...};
}

template <int Step, size_t... V>
constexpr std::array<std::array<Microkernel, kPixels.size()>, kVectors.size()> microkernels(std::index_sequence<V...>) {
  return {of_all_pixels<Step, kVectors[V]>(std::make_index_sequence<kPixels.size()>())...};
}

constexpr auto kOfBlocks = microkernels<kBlock>(std::make_index_sequence<kVectors.size()>());
constexpr auto kOfPlanes = microkernels<1>(std::make_index_sequence<kVectors.size()>());
constexpr auto kOfTiles = microkernels<kTileSize>(std::make_index_sequence<kVectors.size()>());

}  // namespace

MicrokernelChoice choose_microkernel(int64_t width, int64_t channels, int64_t step) {
  const auto& of_step = step == 1 ? kOfPlanes : step == kBlock ? kOfBlocks : kOfTiles;
  const int64_t vectors = channels / kLanes;
  MicrokernelChoice best;
  double least = 0;
  for (size_t v = 0; v < kVectors.size(); v++)
    for (size_t p = 0; p < kPixels.size(); p++) {
      const Microkernel microkernel = of_step[v][p];
      const int64_t n = kPixels[p], m = kVectors[v];
      if (!microkernel || n > width || vectors % m != 0) continue;
      // Two multiplications a cycle, or two loads; a sum is ready for the next after four cycles.
      // What a piece needs at its beginning and end is as much as 0.6 cycles more, measured with 16 to 64 input
      // channels.
      const double cycles = std::max({n * m / 2.0, (n + m) / 2.0, 4.0}) + 0.6;
      const double cost = static_cast<double>((width + n - 1) / n * (vectors / m)) * cycles;
      if (!best.run || cost < least) {
        least = cost;
        best = {microkernel, n, m};
      }
    }
  return best;
}
