#include "conv_input.h"

#include <algorithm>

#include "normalization.h"

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
  const OpInput& first = *tensors_[0];
  count = first.dim(0);
  height = first.dim(1) * upsampling_.rows;
  width = first.dim(2) * upsampling_.columns;
  pixels = height * width;
  for (const OpInput* tensor : tensors_) channels += tensor->dim(3);
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

std::vector<float*> ConvInput::gradients(OpContext& context, bool upsampled) const {
  std::vector<float*> result;
  for (int64_t i = 0; i < context.output_count("dx"); i++)
    result.push_back(context.output("dx[" + std::to_string(i) + "]",
                                    upsampled && upsampling_.factor() > 1 ? Shape{count, height, width, channels}
                                                                          : tensors_[i]->shape()));
  return result;
}

void ConvInput::write_gradients(const Filters& transposed, const PackedImage& of_result, int64_t i, bool upsampled,
                                Floats& scratch, const std::vector<float*>& gradients) const {
  if (!needs_scratch() || (upsampled && upsampling_.factor() > 1))
    return transposed.convolve(of_result, nullptr, false, gradients[0] + i * pixels * channels);
  transposed.convolve(of_result, nullptr, false, scratch.data());
  if (upsampling_.factor() > 1)
    return upsampling_.backward(scratch.data(), height / upsampling_.rows, width / upsampling_.columns, channels,
                                gradients[0] + i * pixels * channels / upsampling_.factor());
  int64_t first = 0;
  for (size_t t = 0; t < tensors_.size(); t++) {
    const int64_t own = tensors_[t]->dim(3);
    for (int64_t pixel = 0; pixel < pixels; pixel++)
      std::copy_n(scratch.data() + pixel * channels + first, own, gradients[t] + (i * pixels + pixel) * own);
    first += own;
  }
}
