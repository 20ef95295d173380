// Convolution (stride 1, padding "same", odd kernels) of one image at a time. Images are [height, width, channels],
// kernels [height, width, in, out].
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>

#include "packed_image.h"
#include "vector.h"

/** Pairs of an input's and an output's channel that are worth a part of a loop over them. */
constexpr int64_t kPairsWorthAPart = 1024;

/** A kernel in the order in which convolution reads it. */
class PackedKernel {
 public:
  /**
   * @param kernel must outlive this
   * @param transposed for the gradient of the input: in and out exchanged, rows and columns in reverse
   */
  PackedKernel(const float* kernel, int64_t height, int64_t width, int64_t in, int64_t out, bool transposed)
      : PackedKernel(kernel, height, width, in, out, transposed, true) {}

  /** How the images are to be packed that it convolves. */
  static Layout input_layout(int64_t in) { return are_few(in) ? Layout::kPlanar : Layout::kBlocked; }

  /**
   * image -> max(convolution + bias, 0), or without the maximum.
   * @param image packed with this kernel's size and input_layout
   * @param bias [out] or null
   * @param result [height, width, out]
   */
  void convolve(const PackedImage& image, const float* bias, bool relu, float* result) const;

  const int64_t height, width, in, out;

 private:
  PackedKernel(const float* kernel, int64_t height, int64_t width, int64_t in, int64_t out, bool transposed,
               bool may_use_winograd);
  void convolve_to_few_channels(const PackedImage& image, const float* bias, bool relu, float* result) const;
  void convolve_to_many_channels(const PackedImage& image, const float* bias, bool relu, float* result) const;
  bool convolve_by_winograd(const PackedImage& image, const float* bias, bool relu, float* result) const;
  const PackedKernel& direct() const;

  const float* const kernel_;
  const bool transposed_, to_few_, by_winograd_;
  const int64_t padded_out_;
  Floats data_;
  mutable std::once_flag direct_once_;
  mutable std::unique_ptr<PackedKernel> direct_;
};
