// The gradient of a convolution's kernel: outer products of pixels of its input and of its output's gradient, summed
// over images that come one at a time. Where a number is infinite, Winograd's transform makes NaN of all nine taps of
// its channels, while in the direct sum some stay infinite.
#pragma once
#include <cstdint>

#include "packed_image.h"
#include "vector.h"

class KernelGradient {
 public:
  KernelGradient(int64_t height, int64_t width, int64_t in, int64_t out);

  /** How x and dy are to be packed. Where dy has few channels, its numbers are scalars, and x is read in vectors. */
  static Layout x_layout(int64_t in, int64_t out) {
    return are_few(in) && !are_few(out) ? Layout::kPlanar : Layout::kBlocked;
  }
  static Layout dy_layout(int64_t out) { return are_few(out) ? Layout::kPlanar : Layout::kBlocked; }

  /** @param x,dy packed with the kernel's size in these layouts */
  void add(const PackedImage& x, const PackedImage& dy);
  /** Adds what another one has summed up, with the same kernel. */
  void add(const KernelGradient& other);
  /** @param gradient [height, width, in, out] */
  void write(float* gradient) const;

 private:
  void add_by_winograd(const PackedImage& x, const PackedImage& dy);
  const int64_t height_, width_, in_, out_;
  const bool to_few_, by_winograd_;
  int64_t padded_scalars_, padded_vectors_;
  Floats sums_;
};
