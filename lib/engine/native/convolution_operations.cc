// Convolution with bias and ReLU, and upsampling by transposed convolution, as single operations with their gradients.
#include <algorithm>
#include <memory>

#include "convolution.h"
#include "normalization.h"
#include "operation.h"
#include "parallel.h"

namespace {

/** What each thread sums up over its images. */
struct Sums {
  Sums(int64_t height, int64_t width, int64_t in, int64_t out) : filters(height, width, in, out), bias(out, 0.0f) {}
  FilterGradient filters;
  std::vector<float> bias;
};

/** Lets each thread sum up over its share of n images, and adds the sums in a fixed order. */
template <typename Work>
void sum_over_images(int64_t n, const Input& kernel, int64_t height, int64_t width, int64_t in, int64_t out,
                     float* kernel_gradient, float* bias_gradient, Work work) {
  std::vector<std::unique_ptr<Sums>> sums(most_parts());
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t part) {
    sums[part] = std::make_unique<Sums>(height, width, in, out);
    work(begin, end, *sums[part]);
  });
  std::fill_n(kernel_gradient, kernel.size(), 0.0f);
  std::fill_n(bias_gradient, out, 0.0f);
  for (const auto& sum : sums)
    if (sum) {
      sum->filters.add_to(kernel_gradient);
      for (int64_t o = 0; o < out; o++) bias_gradient[o] += sum->bias[o];
    }
}

/** x, kernel, bias -> convolution + bias, with or without ReLU. */
void convolve(Call& call) {
  const Input &x = call.input(0), &kernel = call.input(1), &bias = call.input(2);
  const bool relu = call.attribute(0) != 0;
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), pixels = height * width;
  float* const y = call.output(0, {n, height, width, out});
  if (!y) return;
  const Filters filters(kernel.data(), rows, columns, in, out, false);
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(height, width, in, rows, columns, in_planes(in));
    for (int64_t i = begin; i < end; i++) {
      image.pack(x.data() + i * pixels * in);
      filters.convolve(image, bias.data(), relu, y + i * pixels * out);
    }
  });
}

/** The first inputs are dy, y, x, kernel, the first outputs the gradients of x, kernel and bias. */
void gradients(Call& call, const Normalized* normalized) {
  const Input &dy = call.input(0), &y = call.input(1), &x = call.input(2), &kernel = call.input(3);
  const bool relu = call.attribute(0) != 0;
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), pixels = height * width;
  float* const dx = call.output(0, x.shape());
  float* const dkernel = call.output(1, kernel.shape());
  float* const dbias = call.output(2, {out});
  if (!call.ok()) return;
  const Filters filters(kernel.data(), rows, columns, in, out, true);
  sum_over_images(n, kernel, rows, columns, in, out, dkernel, dbias, [&](int64_t begin, int64_t end, Sums& sums) {
    PackedImage image(height, width, in, rows, columns, in_planes(in));
    PackedImage gradient(height, width, out, rows, columns, in_planes(out));
    for (int64_t i = begin; i < end; i++) {
      const int64_t place = i * pixels * out;
      image.pack(x.data() + i * pixels * in);
      gradient.pack_gradient(dy.data() + place, y.data() + place, relu, normalized, sums.bias.data());
      sums.filters.add(image, gradient);
      filters.convolve(gradient, nullptr, false, dx + i * pixels * in);
    }
  });
}

/** dy, y, x, kernel -> the gradients of x, kernel and bias. */
void convolve_gradient(Call& call) { gradients(call, nullptr); }

/**
 * The same where y was normalized afterwards: dy, y, x, kernel, gamma, the batch's mean and 1 / standard deviation ->
 * the gradients of x, kernel, bias, gamma and beta.
 */
void convolve_normalize_gradient(Call& call) {
  const Input &dy = call.input(0), &y = call.input(1);
  const int64_t channels = y.dim(-1);
  float* const dgamma = call.output(3, {channels});
  float* const dbeta = call.output(4, {channels});
  if (!call.ok()) return;
  const NormalizationGradient gradient(dy.data(), y.data(), y.size() / channels, channels, call.input(4).data(),
                                       call.input(5).data(), call.input(6).data());
  std::copy(gradient.gamma.begin(), gradient.gamma.end(), dgamma);
  std::copy(gradient.beta.begin(), gradient.beta.end(), dbeta);
  const Normalized normalized = {gradient.of_dy.data(), gradient.of_x.data(), gradient.rest.data()};
  gradients(call, &normalized);
}

// A transposed convolution whose kernel is as large as its stride makes a patch of each pixel, and patches do not
// overlap: a 1x1 convolution to as many channels as a patch has numbers.

/** From [height * rows, width * columns, channels] to patches [height, width, rows, columns, channels], or back. */
void exchange(float* image, float* patches, bool to_patches, int64_t height, int64_t width, int64_t rows,
              int64_t columns, int64_t channels) {
  for (int64_t y = 0; y < height; y++)
    for (int64_t row = 0; row < rows; row++)
      for (int64_t x = 0; x < width; x++) {
        const int64_t n = columns * channels;
        float* const a = image + ((y * rows + row) * width + x) * n;
        float* const b = patches + ((y * width + x) * rows + row) * n;
        if (to_patches)
          std::copy_n(a, n, b);
        else
          std::copy_n(b, n, a);
      }
}

/** The kernel [rows, columns, out, in] of a transposed convolution as that of a 1x1 convolution [in, rows * columns * out]. */
std::vector<float> as_pointwise(const Input& kernel) {
  const int64_t in = kernel.dim(3), patch = kernel.size() / in;
  std::vector<float> result(kernel.size());
  for (int64_t p = 0; p < patch; p++)
    for (int64_t i = 0; i < in; i++) result[i * patch + p] = kernel.data()[p * in + i];
  return result;
}

/** x, kernel [rows, columns, out, in], bias -> the transposed convolution with strides rows and columns, + bias. */
void enlarge(Call& call) {
  const Input &x = call.input(0), &kernel = call.input(1), &bias = call.input(2);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), pixels = height * width;
  const int64_t patch = rows * columns * out;
  float* const y = call.output(0, {n, height * rows, width * columns, out});
  if (!y) return;
  const Filters filters(as_pointwise(kernel).data(), 1, 1, in, patch, false);
  std::vector<float> biases;
  for (int64_t i = 0; i < rows * columns; i++) biases.insert(biases.end(), bias.data(), bias.data() + out);
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(height, width, in, 1, 1, in_planes(in));
    std::vector<float> patches(pixels * patch);
    for (int64_t i = begin; i < end; i++) {
      image.pack(x.data() + i * pixels * in);
      filters.convolve(image, biases.data(), false, patches.data());
      exchange(y + i * pixels * patch, patches.data(), false, height, width, rows, columns, out);
    }
  });
}

/** dy, x, kernel -> the gradients of x, kernel and bias. */
void enlarge_gradient(Call& call) {
  const Input &dy = call.input(0), &x = call.input(1), &kernel = call.input(2);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const int64_t n = x.dim(0), height = x.dim(1), width = x.dim(2), pixels = height * width;
  const int64_t patch = rows * columns * out;
  float* const dx = call.output(0, x.shape());
  float* const dkernel = call.output(1, kernel.shape());
  float* const dbias = call.output(2, {out});
  if (!call.ok()) return;
  const Filters filters(as_pointwise(kernel).data(), 1, 1, in, patch, true);
  std::vector<float> pointwise(kernel.size()), biases(patch);
  sum_over_images(n, kernel, 1, 1, in, patch, pointwise.data(), biases.data(),
                  [&](int64_t begin, int64_t end, Sums& sums) {
                    PackedImage image(height, width, in, 1, 1, in_planes(in));
                    PackedImage gradient(height, width, patch, 1, 1, in_planes(patch));
                    std::vector<float> patches(pixels * patch);
                    for (int64_t i = begin; i < end; i++) {
                      image.pack(x.data() + i * pixels * in);
                      exchange(const_cast<float*>(dy.data()) + i * pixels * patch, patches.data(), true, height, width,
                               rows, columns, out);
                      gradient.pack_gradient(patches.data(), nullptr, false, nullptr, sums.bias.data());
                      sums.filters.add(image, gradient);
                      filters.convolve(gradient, nullptr, false, dx + i * pixels * in);
                    }
                  });
  for (int64_t p = 0; p < patch; p++)
    for (int64_t i = 0; i < in; i++) dkernel[p * in + i] = pointwise[i * patch + p];
  std::fill_n(dbias, out, 0.0f);
  for (int64_t p = 0; p < patch; p++) dbias[p % out] += biases[p];
}

const Operation<convolve> kConvolve({"DenoiserConvolve", {"x", "kernel", "bias"}, {"y"}, {"relu"}});
const Operation<convolve_gradient> kConvolveGradient({"DenoiserConvolveGradient",
                                                      {"dy", "y", "x", "kernel"},
                                                      {"dx", "dkernel", "dbias"},
                                                      {"relu"}});
const Operation<convolve_normalize_gradient> kConvolveNormalizeGradient(
    {"DenoiserConvolveNormalizeGradient",
     {"dy", "y", "x", "kernel", "gamma", "mean", "inverse"},
     {"dx", "dkernel", "dbias", "dgamma", "dbeta"},
     {"relu"}});
const Operation<enlarge> kEnlarge({"DenoiserEnlarge", {"x", "kernel", "bias"}, {"y"}});
const Operation<enlarge_gradient> kEnlargeGradient({"DenoiserEnlargeGradient",
                                                    {"dy", "x", "kernel"},
                                                    {"dx", "dkernel", "dbias"}});

}  // namespace
