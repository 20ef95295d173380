// Convolution (stride 1, same size, odd kernels) of one image at a time, which is first packed into a form that suits
// registers and caches. Images are [height, width, channels], kernels [height, width, in, out]. No TensorFlow here.
#pragma once
#include <cstdint>

#include "normalization.h"
#include "vector.h"

/** Channels that lie side by side in a packed image; one of few channels is packed in planes, one a channel. */
constexpr int64_t kBlock = 16;
constexpr int64_t kFewChannels = 4;

/**
 * An image with a margin of zeros: [blocks of channels][height + margins][width + margins][channels of a block], the
 * last block filled up with zeros, odd heights and widths with one more row and column of them.
 */
class PackedImage {
 public:
  PackedImage(int64_t height, int64_t width, int64_t channels, int64_t kernel_height, int64_t kernel_width,
              bool in_planes);

  /**
   * @param image [height, width, count], which becomes the channels from `first` on, a multiple of kBlock
   * @param scaling of these channels, or null
   */
  void pack(const float* image, int64_t first, int64_t count, const Scaling* scaling = nullptr);
  /**
   * Packs the gradient of a convolution's sum.
   * @param dy the gradient of what became of the sum
   * @param y the sum, or its ReLU
   * @param relu whether there was one
   * @param coefficients of the gradient of y, where dy is that of y normalized; or null
   * @param sums [channels], to which the sums over the pixels are added
   */
  void pack_gradient(const float* dy, const float* y, bool relu, const GradientCoefficients* coefficients, float* sums);

  const int64_t height, width, channels, block, blocks, line, plane;
  /** Begins at this pixel of the image with its margin. */
  const float* from(int64_t row, int64_t column) const { return data_.data() + row * line + column * block; }
  /** Begins at this pixel of the image proper. */
  const float* inside(int64_t row, int64_t column) const { return from(row + top_, column + left_); }

 private:
  template <typename OfVector, typename OfNumber>
  void fill(int64_t first, int64_t count, OfVector vector, OfNumber number);
  const int64_t top_, left_;
  Floats data_;
};

inline bool in_planes(int64_t channels) { return channels <= kFewChannels; }

/** A kernel in the order in which it is read. */
class Filters {
 public:
  /** @param transposed for the gradient of the input: in and out exchanged, rows and columns in reverse */
  Filters(const float* kernel, int64_t height, int64_t width, int64_t in, int64_t out, bool transposed);

  /**
   * image -> max(convolution + bias, 0), or without the maximum.
   * @param bias [out] or null
   * @param result [height, width, out]
   */
  void convolve(const PackedImage& image, const float* bias, bool relu, float* result) const;

  const int64_t height, width, in, out;

 private:
  void to_few(const PackedImage& image, const float* bias, bool relu, float* result) const;
  void to_many(const PackedImage& image, const float* bias, bool relu, float* result) const;
  void by_tiles(const PackedImage& image, const float* bias, bool relu, float* result) const;
  const bool few_, by_tiles_;
  const int64_t padded_out_;
  Floats data_;
};

/** Sums up the gradient of a kernel over images. */
class FilterGradient {
 public:
  FilterGradient(int64_t height, int64_t width, int64_t in, int64_t out);

  /** @param dy packed with the same kernel's margins as x */
  void add(const PackedImage& x, const PackedImage& dy);
  /** Adds what another one has summed up, with the same kernel. */
  void add(const FilterGradient& other);
  /** @param gradient [height, width, in, out] */
  void write(float* gradient) const;

 private:
  void add_by_tiles(const PackedImage& x, const PackedImage& dy);
  const int64_t height_, width_, in_, out_;
  const bool to_few_, by_tiles_;
  int64_t padded_scalars_, padded_vectors_;
  Floats sums_;
};
