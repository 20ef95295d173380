#include "packed_kernel.h"

#include <algorithm>

#include "microkernel.h"
#include "parallel.h"
#include "winograd.h"

PackedKernel::PackedKernel(const float* kernel, int64_t height, int64_t width, int64_t from, int64_t to,
                           bool transposed, bool may_use_winograd)
    : height(height),
      width(width),
      in(transposed ? to : from),
      out(transposed ? from : to),
      kernel_(kernel),
      transposed_(transposed),
      to_few_(are_few(out) && !are_few(in)),
      by_winograd_(may_use_winograd && suits_winograd(height, width, in, out)),
      padded_out_(to_few_ ? out : round_up(out, kLanes)) {
  const int64_t block = input_layout(in) == Layout::kPlanar ? 1 : kBlock, blocks = round_up(in, block) / block;
  const int64_t taps = height * width, elements = by_winograd_ ? kElements : taps;
  data_.assign(elements * blocks * block * padded_out_, 0);
  const auto value = [&](int64_t tap, int64_t i, int64_t o) {
    return transposed ? kernel[((taps - 1 - tap) * out + o) * in + i] : kernel[(tap * in + i) * out + o];
  };
  const auto pack_row = [&](int64_t i) {
    for (int64_t tap = 0; tap < taps; tap++) {
      const int64_t at = i / block * taps + tap;
      for (int64_t o = 0; o < out; o++)
        data_[to_few_ ? (at * out + o) * block + i % block : (at * block + i % block) * padded_out_ + o] =
            value(tap, i, o);
    }
  };
  const auto pack_transformed_row = [&](int64_t i) {
    for (int64_t o = 0; o < out; o += kLanes) {
      Vector of_taps[3][3] = {}, of_elements[4][4];
      for (int64_t tap = 0; tap < taps; tap++)
        for (int64_t lane = 0; lane < std::min<int64_t>(kLanes, out - o); lane++)
          of_taps[tap / 3][tap % 3][lane] = value(tap, i, o + lane);
      transform_matrix(of_taps, of_elements, kKernelTransform);
      for (int64_t element = 0; element < kElements; element++)
        store(data_.data() + (element * blocks * block + i) * padded_out_ + o, of_elements[element / 4][element % 4]);
    }
  };
  in_parallel(in, kPairsWorthAPart / std::max<int64_t>(out, 1), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) by_winograd_ ? pack_transformed_row(i) : pack_row(i);
  });
}

void PackedKernel::convolve(const PackedImage& image, const float* bias, bool relu, float* result) const {
  if (image.height == 0 || image.width == 0 || out == 0) return;
  if (to_few_)
    convolve_to_few_channels(image, bias, relu, result);
  else if (!by_winograd_)
    convolve_to_many_channels(image, bias, relu, result);
  else if (!convolve_by_winograd(image, bias, relu, result))
    direct().convolve_to_many_channels(image, bias, relu, result);
}

/** The same kernel without Winograd's transform, for images in which that makes NaN. */
const PackedKernel& PackedKernel::direct() const {
  std::call_once(direct_once_, [&] {
    direct_.reset(
        new PackedKernel(kernel_, height, width, transposed_ ? out : in, transposed_ ? in : out, transposed_, false));
  });
  return *direct_;
}

void PackedKernel::convolve_to_many_channels(const PackedImage& image, const float* bias, bool relu,
                                             float* result) const {
  const MicrokernelChoice choice = choose_microkernel(image.width, padded_out_, image.block);
  const ConvGeometry geometry = {image.blocks, image.plane, image.line, height, width, padded_out_, out, relu};
  Floats start(padded_out_, 0.0f);
  if (bias) std::copy(bias, bias + out, start.begin());
  for (int64_t o = 0; o < out; o += choice.vectors * kLanes)
    for (int64_t row = 0; row < image.height; row++)
      for (int64_t column = 0; column < image.width; column += choice.pixels) {
        const int64_t first = std::min(column, image.width - choice.pixels);  // the last one may do some pixels again
        choice.run(geometry, image.from(row, first), data_.data() + o, start.data() + o, out - o,
                   result + (row * image.width + first) * out + o);
      }
}
