// Convolution to few output channels: dot products over the input's channels.
#include <cstring>

#include "microkernel.h"
#include "packed_kernel.h"

namespace {

constexpr int kPixelsAtOnce = 8;

template <int Lanes>
struct VectorOf {
  typedef float type __attribute__((vector_size(Lanes * sizeof(float))));
};

/** The sum of a vector's numbers: its two halves are added, then those of the result. */
template <int Lanes>
float total(typename VectorOf<Lanes>::type vector) {
  if constexpr (Lanes == 1) {
    return vector[0];
  } else {
    typename VectorOf<Lanes / 2>::type halves[2];
    std::memcpy(halves, &vector, sizeof(vector));
    return total<Lanes / 2>(halves[0] + halves[1]);
  }
}

/** Dot products of the surroundings of `Pixels` pixels, neighbours in a row, with one output channel's weights. */
template <int Pixels>
void dot_products(const ConvGeometry& g, const float* in, const float* weights, float bias, float* out) {
  Vector sum[Pixels] = {};
  for (int64_t b = 0; b < g.blocks; b++)
    for (int64_t row = 0; row < g.kernel_height; row++)
      for (int64_t column = 0; column < g.kernel_width; column++, weights += g.weight_stride) {
        const float* const x = in + b * g.plane + row * g.line + column * kBlock;
#pragma GCC unroll 4
        for (int i = 0; i < kBlock; i += kLanes) {
          const Vector weight = load(weights + i);
#pragma GCC unroll 8
          for (int p = 0; p < Pixels; p++) sum[p] += load(x + p * kBlock + i) * weight;
        }
      }
  for (int p = 0; p < Pixels; p++) {
    const float value = total<kLanes>(sum[p]) + bias;
    out[p * g.channels] = g.relu && value < 0 ? 0 : value;
  }
}

}  // namespace

void PackedKernel::convolve_to_few_channels(const PackedImage& image, const float* bias, bool relu,
                                            float* result) const {
  const ConvGeometry geometry = {image.blocks, image.plane, image.line, height, width, out * kBlock, out, relu};
  for (int64_t o = 0; o < out; o++)
    for (int64_t row = 0; row < image.height; row++)
      for (int64_t column = 0; column < image.width;) {
        const bool several = column + kPixelsAtOnce <= image.width;
        (several ? dot_products<kPixelsAtOnce> : dot_products<1>)(geometry, image.from(row, column),
                                                                  data_.data() + o * kBlock, bias ? bias[o] : 0,
                                                                  result + (row * image.width + column) * out + o);
        column += several ? kPixelsAtOnce : 1;
      }
}
