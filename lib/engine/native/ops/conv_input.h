// What a convolution op reads: the tensors of its list "x", concatenated along their channels; or a single one,
// upsampled; or a single one with its normalization, the list's last tensor. They are put together image by image.
#pragma once
#include <string>
#include <vector>

#include "arithmetic/packed_kernel.h"
#include "arithmetic/upsampling.h"
#include "op.h"

class ConvInput {
 public:
  /** The attributes that describe "x", for an op's definition. */
  static std::vector<std::string> with_attributes(std::vector<std::string> others);

  /** @throws InvalidArgument where the tensors do not fit together */
  explicit ConvInput(const OpContext& context);

  /** @throws InvalidArgument unless the context's "kernel" is [odd, odd, channels of x, any] */
  void require_kernel(const OpContext& context) const;

  /** Packs the i-th image. @param scratch from `scratch` */
  void pack(int64_t i, Floats& scratch, PackedImage& image) const;

  /** The outputs "dx" of a context, one for each tensor, or none. */
  std::vector<float*> gradients(OpContext& context) const;

  /** Writes the gradients of the i-th image, from that of its convolution. */
  void write_gradients(const PackedKernel& transposed, const PackedImage& of_result, int64_t i, Floats& scratch,
                       const std::vector<float*>& gradients) const;

  /** Room for the images that `pack` and `write_gradients` put together. */
  Floats scratch() const { return Floats(needs_scratch() ? pixels * channels : 0); }

 private:
  bool needs_scratch() const { return tensors_.size() > 1 || upsampling_.factor() > 1; }
  std::vector<const OpInput*> tensors_;
  const OpInput* normalization_ = nullptr;
  const Upsampling upsampling_;

 public:
  /** Of the images as the convolution sees them. */
  int64_t count, height, width, pixels, channels = 0;
};
