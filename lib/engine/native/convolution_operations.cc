// Convolution with bias and ReLU, and upsampling by transposed convolution, as single operations with their gradients.
#include <algorithm>
#include <memory>

#include "convolution.h"
#include "normalization.h"
#include "operation.h"
#include "parallel.h"

namespace {

/** Of an x. */
constexpr int kMostParts = 2;

/** What each thread sums up over its images. */
struct Sums {
  Sums(int64_t height, int64_t width, int64_t in, int64_t out) : filters(height, width, in, out), bias(out, 0.0f) {}
  FilterGradient filters;
  std::vector<float> bias;
};

/** Lets each thread sum up over its share of n images, and adds the sums in a fixed order. */
template <typename Work>
void sum_over_images(int64_t n, int64_t height, int64_t width, int64_t in, int64_t out, float* kernel_gradient,
                     float* bias_gradient, Work work) {
  std::vector<std::unique_ptr<Sums>> sums(most_parts());
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t part) {
    sums[part] = std::make_unique<Sums>(height, width, in, out);
    work(begin, end, *sums[part]);
  });
  if (!sums[0]) sums[0] = std::make_unique<Sums>(height, width, in, out);  // no images at all
  for (size_t part = 1; part < sums.size() && sums[part]; part++) {
    sums[0]->filters.add(sums[part]->filters);
    for (int64_t o = 0; o < out; o++) sums[0]->bias[o] += sums[part]->bias[o];
  }
  sums[0]->filters.write(kernel_gradient);
  std::copy_n(sums[0]->bias.begin(), out, bias_gradient);
}

/** Images that lie in one tensor, or their channels in several, one after the other: the last inputs of a call. */
class Parts {
 public:
  Parts(const Call& call, int first) : call_(call), first_(first) {
    for (int part = 0; part < count(); part++) channels += at(part).dim(3);
  }
  int count() const { return call_.inputs() - first_; }
  const Input& at(int part) const { return call_.input(first_ + part); }
  int64_t size(int axis) const { return at(0).dim(axis); }
  void pack(int64_t i, PackedImage& image) const {
    for (int64_t part = 0, first = 0; part < count(); part++) {
      const int64_t own = at(part).dim(3);
      image.pack(at(part).data() + i * image.height * image.width * own, first, own);
      first += own;
    }
  }
  /** Takes image [pixels, channels] apart, into the i-th image of each part. */
  void split(const float* image, int64_t pixels, int64_t i, const std::vector<float*>& to) const {
    for (int64_t part = 0, first = 0; part < count(); part++) {
      const int64_t own = at(part).dim(3);
      for (int64_t pixel = 0; pixel < pixels; pixel++)
        std::copy_n(image + pixel * channels + first, own, to[part] + (i * pixels + pixel) * own);
      first += own;
    }
  }
  int64_t channels = 0;

 private:
  const Call& call_;
  const int first_;
};

/**
 * kernel, bias, x -> convolution + bias, with or without ReLU; and its mean and variance by channel, if wanted. Where
 * there are several x, each has a multiple of kBlock channels.
 */
void convolve(Call& call) {
  const Input &kernel = call.input(0), &bias = call.input(1);
  const Parts x(call, 2);
  const bool relu = call.attribute(0) != 0, with_moments = call.attribute(1) != 0;
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  const int64_t n = x.size(0), height = x.size(1), width = x.size(2), pixels = height * width;
  float* const y = call.output(0, {n, height, width, out});
  float* const mean = call.output(1, {with_moments ? out : 0});
  float* const variance = call.output(2, {with_moments ? out : 0});
  if (!call.ok()) return;
  const Filters filters(kernel.data(), rows, columns, in, out, false);
  std::vector<Moments> moments(most_parts(), Moments(out));
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t part) {
    PackedImage image(height, width, in, rows, columns, in_planes(in));
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, image);
      float* const result = y + i * pixels * out;
      filters.convolve(image, bias.data(), relu, result);
      if (with_moments) moments[part].add(result, pixels);
    }
  });
  if (with_moments) write_moments(moments, mean, variance);
}

/**
 * The first inputs are dy, y, kernel, the last ones x, of several parts perhaps; the first outputs the gradients of
 * kernel and bias, the last ones those of the first and the second x, which are empty where not wanted.
 */
void gradients(Call& call, const Normalized* normalized, int first_x, int last_outputs) {
  const Input &dy = call.input(0), &y = call.input(1), &kernel = call.input(2);
  const Parts x(call, first_x);
  const bool relu = call.attribute(0) != 0, of_input = call.attribute(1) != 0;
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  const int64_t n = x.size(0), height = x.size(1), width = x.size(2), pixels = height * width;
  float* const dkernel = call.output(0, kernel.shape());
  float* const dbias = call.output(1, {out});
  std::vector<float*> dx;
  for (int part = 0; part < kMostParts; part++)
    dx.push_back(call.output(last_outputs + part,
                             of_input && part < x.count() ? x.at(part).shape() : std::vector<int64_t>{0}));
  if (!call.ok()) return;
  const std::unique_ptr<Filters> filters(of_input ? new Filters(kernel.data(), rows, columns, in, out, true) : nullptr);
  sum_over_images(n, rows, columns, in, out, dkernel, dbias, [&](int64_t begin, int64_t end, Sums& sums) {
    PackedImage image(height, width, in, rows, columns, in_planes(in));
    PackedImage gradient(height, width, out, rows, columns, in_planes(out));
    Floats whole(x.count() > 1 ? pixels * in : 0);
    for (int64_t i = begin; i < end; i++) {
      const int64_t place = i * pixels * out;
      x.pack(i, image);
      gradient.pack_gradient(dy.data() + place, y.data() + place, relu, normalized, sums.bias.data());
      sums.filters.add(image, gradient);
      if (!filters) continue;
      filters->convolve(gradient, nullptr, false, x.count() > 1 ? whole.data() : dx[0] + i * pixels * in);
      if (x.count() > 1) x.split(whole.data(), pixels, i, dx);
    }
  });
}

/** dy, y, kernel, x -> the gradients of kernel, bias and x. */
void convolve_gradient(Call& call) { gradients(call, nullptr, 3, 2); }

/**
 * The same where y was normalized afterwards: dy, y, kernel, gamma, the batch's mean and 1 / standard deviation, x ->
 * the gradients of kernel, bias, gamma, beta and x.
 */
void convolve_normalize_gradient(Call& call) {
  const Input &dy = call.input(0), &y = call.input(1);
  const int64_t channels = y.dim(-1);
  float* const dgamma = call.output(2, {channels});
  float* const dbeta = call.output(3, {channels});
  if (!call.ok()) return;
  const NormalizationGradient gradient(dy.data(), y.data(), y.size() / channels, channels, call.input(3).data(),
                                       call.input(4).data(), call.input(5).data());
  std::copy(gradient.gamma.begin(), gradient.gamma.end(), dgamma);
  std::copy(gradient.beta.begin(), gradient.beta.end(), dbeta);
  const Normalized normalized = {gradient.of_dy.data(), gradient.of_x.data(), gradient.rest.data()};
  gradients(call, &normalized, 6, 4);
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
      image.pack(x.data() + i * pixels * in, 0, in);
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
  sum_over_images(n, 1, 1, in, patch, pointwise.data(), biases.data(),
                  [&](int64_t begin, int64_t end, Sums& sums) {
                    PackedImage image(height, width, in, 1, 1, in_planes(in));
                    PackedImage gradient(height, width, patch, 1, 1, in_planes(patch));
                    std::vector<float> patches(pixels * patch);
                    for (int64_t i = begin; i < end; i++) {
                      image.pack(x.data() + i * pixels * in, 0, in);
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

const Operation<convolve> kConvolve({"DenoiserConvolve",
                                     {"kernel", "bias"},
                                     {"y", "mean", "variance"},
                                     {"relu", "moments"},
                                     "x"});
const Operation<convolve_gradient> kConvolveGradient({"DenoiserConvolveGradient",
                                                      {"dy", "y", "kernel"},
                                                      {"dkernel", "dbias", "dx", "dx_of_second"},
                                                      {"relu", "of_input"},
                                                      "x"});
const Operation<convolve_normalize_gradient> kConvolveNormalizeGradient(
    {"DenoiserConvolveNormalizeGradient",
     {"dy", "y", "kernel", "gamma", "mean", "inverse"},
     {"dkernel", "dbias", "dgamma", "dbeta", "dx", "dx_of_second"},
     {"relu", "of_input"},
     "x"});
const Operation<enlarge> kEnlarge({"DenoiserEnlarge", {"x", "kernel", "bias"}, {"y"}});
const Operation<enlarge_gradient> kEnlargeGradient({"DenoiserEnlargeGradient",
                                                    {"dy", "x", "kernel"},
                                                    {"dx", "dkernel", "dbias"}});

}  // namespace
