#include "conv_input.h"

#include <algorithm>

#include "arithmetic/normalization.h"

/** How many tensors may be concatenated. */
constexpr size_t kMaxTensors = 2;

std::vector<std::string> ConvInput::with_attributes(std::vector<std::string> others) {
  for (const char* own : {"tensors: int >= 1", "rows: int >= 1", "columns: int >= 1", "normalized: bool"})
    others.push_back(own);
  return others;
}

ConvInput::ConvInput(const OpContext& context)
    : tensors_(context.inputs("x")),
      upsampling_({context.attribute<int64_t>("rows"), context.attribute<int64_t>("columns")}) {
  if (context.attribute<bool>("normalized")) {
    normalization_ = tensors_.back();
    tensors_.pop_back();
  }
  const bool resampled = upsampling_.rows > 1 || upsampling_.columns > 1;
  if (tensors_.empty() || tensors_.size() > (normalization_ || resampled ? 1 : kMaxTensors) ||
      (normalization_ && resampled))
    context.fail("x must be one tensor, one upsampled, one normalized, or two concatenated ones");
  for (const OpInput* tensor : tensors_) {
    if (tensor == tensors_[0])
      context.require_shape(*tensor, {kAny, kAny, kAny, kAny});
    else
      context.require_shape(*tensor, {tensors_[0]->dim(0), tensors_[0]->dim(1), tensors_[0]->dim(2), kAny});
    if (tensors_.size() > 1 && tensor->dim(3) % kBlock != 0)
      context.fail(tensor->name + " is " + to_string(tensor->shape()) + ", but must have a multiple of " +
                   std::to_string(kBlock) + " channels to be concatenated");
    channels += tensor->dim(3);
  }
  if (normalization_) context.require_shape(*normalization_, {4, channels});
  count = tensors_[0]->dim(0);
  if (__builtin_mul_overflow(tensors_[0]->dim(1), upsampling_.rows, &height) ||
      __builtin_mul_overflow(tensors_[0]->dim(2), upsampling_.columns, &width) ||
      __builtin_mul_overflow(height, width, &pixels))
    context.fail("x is " + to_string(tensors_[0]->shape()) + ", which upsampled would be too large");
}

void ConvInput::require_kernel(const OpContext& context) const {
  const OpInput& kernel = context.input("kernel");
  context.require_shape(kernel, {kAny, kAny, channels, kAny});
  if (kernel.dim(0) % 2 == 0 || kernel.dim(1) % 2 == 0)
    context.fail("kernel is " + to_string(kernel.shape()) + ", but must be odd in height and width");
}

void ConvInput::pack(int64_t i, Floats& scratch, PackedImage& image) const {
  const float* const x = tensors_[0]->data();
  if (upsampling_.factor() > 1) {
    upsampling_.forward(x + i * pixels * channels / upsampling_.factor(), height / upsampling_.rows,
                        width / upsampling_.columns, channels, scratch.data());
    return image.pack(scratch.data(), 0, channels);
  }
  if (normalization_) {
    const Scaling scaling = Normalization(normalization_->data(), channels).scaling();
    return image.pack(x + i * pixels * channels, 0, channels, &scaling);
  }
  int64_t first = 0;
  for (const OpInput* tensor : tensors_) {
    const int64_t own = tensor->dim(3);
    image.pack(tensor->data() + i * pixels * own, first, own);
    first += own;
  }
}

std::vector<float*> ConvInput::gradients(OpContext& context) const {
  std::vector<float*> result;
  const int64_t outputs = context.output_count("dx");
  if (outputs != 0 && outputs != static_cast<int64_t>(tensors_.size()))
    context.fail("dx must be none or as many as x, not " + std::to_string(outputs));
  for (int64_t i = 0; i < outputs; i++)
    result.push_back(context.output("dx[" + std::to_string(i) + "]", tensors_[i]->shape()));
  return result;
}

void ConvInput::write_gradients(const PackedKernel& transposed, const PackedImage& of_result, int64_t i,
                                Floats& scratch, const std::vector<float*>& gradients) const {
  if (!needs_scratch()) return transposed.convolve(of_result, nullptr, false, gradients[0] + i * pixels * channels);
  transposed.convolve(of_result, nullptr, false, scratch.data());
  if (upsampling_.factor() > 1)
    return upsampling_.backward(scratch.data(), height / upsampling_.rows, width / upsampling_.columns, channels,
                                gradients[0] + i * pixels * channels / upsampling_.factor());
  int64_t first = 0;
  for (size_t t = 0; t < tensors_.size(); t++) {
    const int64_t own = tensors_[t]->dim(3);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
      for (int64_t channel = 0; channel < own; channel += kLanes)
        store(gradients[t] + (i * pixels + pixel) * own + channel,
              load(scratch.data() + pixel * channels + first + channel));
    first += own;
  }
}
