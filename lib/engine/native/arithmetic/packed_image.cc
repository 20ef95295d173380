#include "packed_image.h"

#include <algorithm>

PackedImage::PackedImage(int64_t height, int64_t width, int64_t channels, int64_t kernel_height, int64_t kernel_width,
                         Layout layout)
    : height(height),
      width(width),
      channels(channels),
      block(layout == Layout::kPlanar ? 1 : kBlock),
      blocks(round_up(channels, block) / block),
      line((round_up(width, 2) + kernel_width - 1) * block),
      plane((round_up(height, 2) + kernel_height - 1) * line),
      top_(kernel_height / 2),
      left_(kernel_width / 2),
      data_(blocks * plane) {
  clear_margins();
}

/** Writes zeros wherever `fill` does not: around the pixels, and in all of a block that is not full. */
void PackedImage::clear_margins() {
  for (int64_t b = 0; b < blocks; b++) {
    float* const own = data_.data() + b * plane;
    float* margin = own;
    if ((b + 1) * block <= channels)
      for (int64_t row = 0; row < height; row++) {
        float* const pixels = own + (row + top_) * line + left_ * block;
        std::fill(margin, pixels, 0.0f);
        margin = pixels + width * block;
      }
    std::fill(margin, own + plane, 0.0f);
  }
}

/**
 * Writes `count` channels of all pixels, from `first` on.
 * @param vector vector(from, channel) gives a vector of an image's numbers, from their index and channel in it
 * @param number the same for a single one
 */
template <typename OfVector, typename OfNumber>
void PackedImage::fill(int64_t first, int64_t count, OfVector vector, OfNumber number) {
  for (int64_t channel = 0; channel < count; channel += block) {
    const int64_t n = std::min(block, count - channel);
    for (int64_t row = 0; row < height; row++) {
      float* to = data_.data() + (first + channel) / block * plane + (row + top_) * line + left_ * block;
      int64_t from = row * width * count + channel;
      for (int64_t column = 0; column < width; column++, to += block, from += count)
        if (n == kBlock)
#pragma GCC unroll 4
          for (int i = 0; i < kBlock; i += kLanes) store(to + i, vector(from + i, channel + i));
        else
          for (int64_t i = 0; i < n; i++) to[i] = number(from + i, channel + i);
    }
  }
}

void PackedImage::pack(const float* image, int64_t first, int64_t count, const Scaling* scaling) {
  if (scaling)
    fill(
        first, count,
        [=](int64_t from, int64_t channel) {
          return load(image + from) * load(scaling->factors + channel) + load(scaling->offsets + channel);
        },
        [=](int64_t from, int64_t channel) {
          return image[from] * scaling->factors[channel] + scaling->offsets[channel];
        });
  else
    fill(
        first, count, [=](int64_t from, int64_t) { return load(image + from); },
        [=](int64_t from, int64_t) { return image[from]; });
}

void PackedImage::pack_gradient(const float* dy, const float* y, bool relu, const GradientCoefficients* coefficients,
                                float* sums) {
  fill(
      0, channels,
      [=](int64_t from, int64_t channel) {
        Vector value = load(dy + from);
        if (coefficients)
          value = value * load(coefficients->of_dy + channel) + load(y + from) * load(coefficients->of_y + channel) +
                  load(coefficients->rest + channel);
        if (relu) {
          const Vector result = load(y + from), nan_or_zero = result != result ? result : Vector{};
          value = result > 0 ? value : nan_or_zero;
        }
        store(sums + channel, load(sums + channel) + value);
        return value;
      },
      [=](int64_t from, int64_t channel) {
        float value = dy[from];
        if (coefficients)
          value = value * coefficients->of_dy[channel] + y[from] * coefficients->of_y[channel] +
                  coefficients->rest[channel];
        if (relu && !(y[from] > 0)) value = y[from] != y[from] ? y[from] : 0;
        sums[channel] += value;
        return value;
      });
}
