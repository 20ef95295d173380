// One image, packed into the order in which convolutions read it: with a margin of zeros, and channels either in blocks
// that fill vectors or, where there are few, in planes.
#pragma once
#include <cstdint>

#include "normalization.h"
#include "vector.h"

/** Channels that lie side by side in a blocked image: those of the widest vector, on all machines. */
constexpr int64_t kBlock = 16;
/** Up to so many channels are packed in planes, one each: blocks would be mostly padding. */
constexpr int64_t kFewChannels = 4;
constexpr bool are_few(int64_t channels) { return channels <= kFewChannels; }

enum class Layout { kBlocked, kPlanar };

/**
 * [blocks of channels][height + margins][width + margins][channels of a block], the last block filled up with zeros,
 * odd heights and widths with one more row and column of them (Winograd tiles are of 2x2 pixels).
 */
class PackedImage {
 public:
  PackedImage(int64_t height, int64_t width, int64_t channels, int64_t kernel_height, int64_t kernel_width,
              Layout layout);

  /**
   * @param image [height, width, count], which becomes the channels from `first` on, a multiple of kBlock
   * @param scaling of these channels, or null
   */
  void pack(const float* image, int64_t first, int64_t count, const Scaling* scaling = nullptr);

  /**
   * Packs the gradient of a convolution before ReLU.
   * @param dy the gradient of y
   * @param y the convolution, after ReLU if there was one
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
  void clear_margins();
  template <typename OfVector, typename OfNumber>
  void fill(int64_t first, int64_t count, OfVector vector, OfNumber number);
  const int64_t top_, left_;
  Floats data_;
};
