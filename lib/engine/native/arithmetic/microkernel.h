// The innermost loops of convolution to many output channels: a piece of the result is summed up in registers. Which
// piece depends on the image's size and on how many registers there are.
#pragma once
#include <cstdint>

#include "vector.h"

/** How to find the numbers that belong to a pixel of the result. */
struct ConvGeometry {
  /** Of the packed image. */
  int64_t blocks, plane, line;
  int64_t kernel_height, kernel_width;
  /** From one input channel's weights to the next one's, in floats. */
  int64_t weight_stride;
  /** Of the result. */
  int64_t channels;
  bool relu;
};

/**
 * Computes some pixels, neighbours in a row, of some vectors of output channels.
 * @param in the packed image, from the first pixel's margin on
 * @param weights of the first output channel
 * @param n how many of the output channels exist
 */
using Microkernel = void (*)(const ConvGeometry&, const float* in, const float* weights, const float* bias, int64_t n,
                             float* out);

struct MicrokernelChoice {
  Microkernel run = nullptr;
  int64_t pixels = 0, vectors = 0;
};

/**
 * The one that covers a row of the result with the fewest instructions.
 * @param channels a multiple of kLanes
 * @param step from one pixel to the next one in the input: 1 in planes, kBlock in blocks, kTileSize in tiles
 */
MicrokernelChoice choose_microkernel(int64_t width, int64_t channels, int64_t step);

/** Through ReLU; NaN stays NaN. */
inline Vector rectified(Vector x) { return x < 0 ? Vector{} : x; }

/** Writes the first n numbers of a result, or all of them, through ReLU if wanted. */
inline void put(Vector result, bool relu, int64_t n, float* to) {
  if (relu) result = rectified(result);
  if (n >= kLanes)
    store(to, result);
  else
    for (int64_t i = 0; i < n; i++) to[i] = result[i];
}
