// Convolution with bias and ReLU, and upsampling by transposed convolution, as single operations with their gradients.
#include <algorithm>
#include <memory>

#include "convolution.h"
#include "normalization.h"
#include "operation.h"
#include "parallel.h"
#include "resampling.h"

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

/**
 * The images that a convolution reads: the last inputs of a call, with their channels side by side, or a single one,
 * with its pixels repeated, or normalized: the normalization is then the very last input. They are put together image by image,
 * in `scratch` where that needs room.
 */
class Images {
  const Call& call_;
  const int first_;
  const Repetition repetition_;
  const bool normalized_;

 public:
  const int64_t count, height, width, pixels;
  int64_t channels = 0;

  /** @param attribute the first of: the repetition of rows and of columns, whether x is normalized */
  Images(const Call& call, int first, int attribute)
      : call_(call),
        first_(first),
        repetition_({static_cast<int64_t>(call.attribute(attribute)), static_cast<int64_t>(call.attribute(attribute + 1))}),
        normalized_(call.attribute(attribute + 2) != 0),
        count(at(0).dim(0)),
        height(at(0).dim(1) * repetition_.rows),
        width(at(0).dim(2) * repetition_.columns),
        pixels(height * width) {
    for (int part = 0; part < parts(); part++) channels += at(part).dim(3);
  }
  int parts() const { return call_.inputs() - first_ - (normalized_ ? 1 : 0); }
  const Input& at(int part) const { return call_.input(first_ + part); }
  bool are_whole() const { return parts() == 1 && repetition_.times() == 1; }

  void pack(int64_t i, Floats& scratch, PackedImage& image) const {
    if (repetition_.times() > 1) {
      repetition_.apply(at(0).data() + i * pixels * channels / repetition_.times(), height / repetition_.rows,
                        width / repetition_.columns, channels, scratch.data());
      return image.pack(scratch.data(), 0, channels);
    }
    if (normalized_) {
      const Scaling scaling = Normalization(at(1).data(), channels).scaling();
      return image.pack(at(0).data() + i * pixels * channels, 0, channels, &scaling);
    }
    for (int64_t part = 0, first = 0; part < parts(); part++) {
      const int64_t own = at(part).dim(3);
      image.pack(at(part).data() + i * pixels * own, first, own);
      first += own;
    }
  }

  /** Makes outputs of a call, from `first` on, for the gradients of the parts: empty where there is none, or none wanted. */
  std::vector<float*> gradients(Call& call, int first, bool wanted) const {
    std::vector<float*> result;
    for (int part = 0; part < kMostParts; part++)
      result.push_back(
          call.output(first + part, wanted && part < parts() ? at(part).shape() : std::vector<int64_t>{0}));
    return result;
  }

  /** Writes the gradients of the i-th image's parts, from that of its convolution. */
  void gradient(const Filters& transposed, const PackedImage& of_result, int64_t i, Floats& scratch,
                const std::vector<float*>& of_parts) const {
    if (are_whole()) return transposed.convolve(of_result, nullptr, false, of_parts[0] + i * pixels * channels);
    transposed.convolve(of_result, nullptr, false, scratch.data());
    if (repetition_.times() > 1)
      return repetition_.sum_up(scratch.data(), height / repetition_.rows, width / repetition_.columns, channels,
                                of_parts[0] + i * pixels * channels / repetition_.times());
    for (int64_t part = 0, first = 0; part < parts(); part++) {
      const int64_t own = at(part).dim(3);
      for (int64_t pixel = 0; pixel < pixels; pixel++)
        std::copy_n(scratch.data() + pixel * channels + first, own, of_parts[part] + (i * pixels + pixel) * own);
      first += own;
    }
  }
};

/**
 * kernel, bias, x -> convolution + bias, with or without ReLU; and its mean and variance by channel, if wanted. Where
 * there are several x, each has a multiple of kBlock channels.
 */
void convolve(Call& call) {
  const Input &kernel = call.input(0), &bias = call.input(1);
  const bool relu = call.attribute(0) != 0, with_moments = call.attribute(1) != 0;
  const Images x(call, 2, 2);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  float* const y = call.output(0, {x.count, x.height, x.width, out});
  float* const mean = call.output(1, {with_moments ? out : 0});
  float* const variance = call.output(2, {with_moments ? out : 0});
  if (!call.ok()) return;
  const Filters filters(kernel.data(), rows, columns, in, out, false);
  std::vector<Moments> moments(most_parts(), Moments(out));
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t part) {
    PackedImage image(x.height, x.width, in, rows, columns, in_planes(in));
    Floats scratch(x.are_whole() ? 0 : x.pixels * in);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      float* const result = y + i * x.pixels * out;
      filters.convolve(image, bias.data(), relu, result);
      if (with_moments) moments[part].add(result, x.pixels);
    }
  });
  if (with_moments) write_moments(moments, mean, variance);
}

/**
 * kernel, bias, x -> 2x2 max-pooling of the convolution + bias, with or without ReLU, and which of each four pixels was
 * the largest. Height and width are even.
 */
void convolve_pool(Call& call) {
  const Input &kernel = call.input(0), &bias = call.input(1);
  const bool relu = call.attribute(0) != 0;
  const Images x(call, 2, 1);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  const Halving halving = {x.height / 2, x.width / 2, out};
  const std::vector<int64_t> shape = {x.count, halving.rows, halving.columns, out};
  float* const y = call.output(0, shape);
  float* const winners = call.output(1, shape);
  if (!call.ok()) return;
  const Filters filters(kernel.data(), rows, columns, in, out, false);
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(x.height, x.width, in, rows, columns, in_planes(in));
    Floats scratch(x.are_whole() ? 0 : x.pixels * in), whole(x.pixels * out);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      filters.convolve(image, bias.data(), relu, whole.data());
      halving.apply(whole.data(), y + i * halving.size(), winners + i * halving.size());
    }
  });
}

/**
 * The gradients of a convolution's kernel and bias, which are the first outputs, and of the first and second x, which
 * are the last ones and empty where not wanted.
 * @param attribute the first of: whether the gradients of x are wanted, those of the images
 * @param pack_gradient pack_gradient(i, image, sums) packs the gradient of the i-th image's sums, and adds it to `sums`
 */
template <typename PackGradient>
void gradients(Call& call, const Input& kernel, int first_x, int attribute, int last_outputs,
               PackGradient pack_gradient) {
  const bool of_input = call.attribute(attribute) != 0;
  const Images x(call, first_x, attribute + 1);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), in = kernel.dim(2), out = kernel.dim(3);
  float* const dkernel = call.output(0, kernel.shape());
  float* const dbias = call.output(1, {out});
  const std::vector<float*> dx = x.gradients(call, last_outputs, of_input);
  if (!call.ok()) return;
  const std::unique_ptr<Filters> filters(of_input ? new Filters(kernel.data(), rows, columns, in, out, true) : nullptr);
  sum_over_images(x.count, rows, columns, in, out, dkernel, dbias, [&](int64_t begin, int64_t end, Sums& sums) {
    PackedImage image(x.height, x.width, in, rows, columns, in_planes(in));
    PackedImage gradient(x.height, x.width, out, rows, columns, in_planes(out));
    Floats scratch(x.are_whole() ? 0 : x.pixels * in);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      pack_gradient(i, gradient, sums.bias.data());
      sums.filters.add(image, gradient);
      if (filters) x.gradient(*filters, gradient, i, scratch, dx);
    }
  });
}

/** Packs the gradient of images of which dy and y are given whole. */
auto pack_whole(const Input& dy, const Input& y, bool relu, const Normalized* normalized) {
  const int64_t size = y.size() / std::max<int64_t>(y.dim(0), 1);
  return [=, dy = dy.data(), y = y.data()](int64_t i, PackedImage& gradient, float* sums) {
    gradient.pack_gradient(dy + i * size, y + i * size, relu, normalized, sums);
  };
}

/** dy, y, kernel, x -> the gradients of kernel, bias and x. */
void convolve_gradient(Call& call) {
  gradients(call, call.input(2), 3, 1, 2, pack_whole(call.input(0), call.input(1), call.attribute(0) != 0, nullptr));
}

/**
 * The same where y was normalized afterwards: dy, y, kernel, the normalization, x -> the gradients of kernel, bias,
 * gamma, beta and x.
 */
void convolve_normalize_gradient(Call& call) {
  const Input &dy = call.input(0), &y = call.input(1);
  const int64_t channels = y.dim(-1);
  float* const dgamma = call.output(2, {channels});
  float* const dbeta = call.output(3, {channels});
  if (!call.ok()) return;
  const NormalizationGradient gradient(dy.data(), y.data(), y.size() / channels, channels,
                                       Normalization(call.input(3).data(), channels));
  std::copy(gradient.gamma.begin(), gradient.gamma.end(), dgamma);
  std::copy(gradient.beta.begin(), gradient.beta.end(), dbeta);
  const Normalized normalized = {gradient.of_dy.data(), gradient.of_x.data(), gradient.rest.data()};
  gradients(call, call.input(2), 4, 1, 4, pack_whole(dy, y, call.attribute(0) != 0, &normalized));
}

/** The same as convolve_gradient where y was pooled: dy, y, the winners, kernel, x -> the gradients of kernel, bias, x. */
void convolve_pool_gradient(Call& call) {
  const Input &dy = call.input(0), &y = call.input(1), &winners = call.input(2);
  const bool relu = call.attribute(0) != 0;
  const Halving halving = {y.dim(1), y.dim(2), y.dim(3)};
  gradients(call, call.input(3), 4, 1, 2, [&](int64_t i, PackedImage& gradient, float* sums) {
    static thread_local Floats whole;
    whole.resize(4 * halving.size());
    const int64_t at = i * halving.size();
    halving.spread(dy.data() + at, winners.data() + at, relu ? y.data() + at : nullptr, whole.data());
    gradient.pack_gradient(whole.data(), nullptr, false, nullptr, sums);
  });
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

/** kernel [rows, columns, out, in], bias, x -> the transposed convolution with strides rows and columns, + bias. */
void enlarge(Call& call) {
  const Input &kernel = call.input(0), &bias = call.input(1);
  const Images x(call, 2, 0);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const int64_t patch = rows * columns * out;
  float* const y = call.output(0, {x.count, x.height * rows, x.width * columns, out});
  if (!y) return;
  const Filters filters(as_pointwise(kernel).data(), 1, 1, in, patch, false);
  std::vector<float> biases;
  for (int64_t i = 0; i < rows * columns; i++) biases.insert(biases.end(), bias.data(), bias.data() + out);
  in_parallel(x.count, 1, [&](int64_t begin, int64_t end, int64_t) {
    PackedImage image(x.height, x.width, in, 1, 1, in_planes(in));
    Floats scratch(x.are_whole() ? 0 : x.pixels * in);
    std::vector<float> patches(x.pixels * patch);
    for (int64_t i = begin; i < end; i++) {
      x.pack(i, scratch, image);
      filters.convolve(image, biases.data(), false, patches.data());
      exchange(y + i * x.pixels * patch, patches.data(), false, x.height, x.width, rows, columns, out);
    }
  });
}

/** dy, kernel, x -> the gradients of kernel and bias, and of x. */
void enlarge_gradient(Call& call) {
  const Input &dy = call.input(0), &kernel = call.input(1);
  const Images x(call, 2, 0);
  const int64_t rows = kernel.dim(0), columns = kernel.dim(1), out = kernel.dim(2), in = kernel.dim(3);
  const int64_t patch = rows * columns * out;
  float* const dkernel = call.output(0, kernel.shape());
  float* const dbias = call.output(1, {out});
  const std::vector<float*> dx = x.gradients(call, 2, true);
  if (!call.ok()) return;
  const Filters filters(as_pointwise(kernel).data(), 1, 1, in, patch, true);
  std::vector<float> pointwise(kernel.size()), biases(patch);
  sum_over_images(x.count, 1, 1, in, patch, pointwise.data(), biases.data(),
                  [&](int64_t begin, int64_t end, Sums& sums) {
                    PackedImage image(x.height, x.width, in, 1, 1, in_planes(in));
                    PackedImage gradient(x.height, x.width, patch, 1, 1, in_planes(patch));
                    Floats scratch(x.are_whole() ? 0 : x.pixels * in);
                    std::vector<float> patches(x.pixels * patch);
                    for (int64_t i = begin; i < end; i++) {
                      x.pack(i, scratch, image);
                      exchange(const_cast<float*>(dy.data()) + i * x.pixels * patch, patches.data(), true, x.height,
                               x.width, rows, columns, out);
                      gradient.pack_gradient(patches.data(), nullptr, false, nullptr, sums.bias.data());
                      sums.filters.add(image, gradient);
                      x.gradient(filters, gradient, i, scratch, dx);
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
                                     {"relu", "moments", "rows", "columns", "normalized"},
                                     "x"});
const Operation<convolve_pool> kConvolvePool({"DenoiserConvolvePool",
                                              {"kernel", "bias"},
                                              {"y", "winners"},
                                              {"relu", "rows", "columns", "normalized"},
                                              "x"});
const Operation<convolve_pool_gradient> kConvolvePoolGradient({"DenoiserConvolvePoolGradient",
                                                               {"dy", "y", "winners", "kernel"},
                                                               {"dkernel", "dbias", "dx", "dx_of_second"},
                                                               {"relu", "of_input", "rows", "columns", "normalized"},
                                                               "x"});
const Operation<convolve_gradient> kConvolveGradient({"DenoiserConvolveGradient",
                                                      {"dy", "y", "kernel"},
                                                      {"dkernel", "dbias", "dx", "dx_of_second"},
                                                      {"relu", "of_input", "rows", "columns", "normalized"},
                                                      "x"});
const Operation<convolve_normalize_gradient> kConvolveNormalizeGradient(
    {"DenoiserConvolveNormalizeGradient",
     {"dy", "y", "kernel", "normalization"},
     {"dkernel", "dbias", "dgamma", "dbeta", "dx", "dx_of_second"},
     {"relu", "of_input", "rows", "columns", "normalized"},
     "x"});
const Operation<enlarge> kEnlarge({"DenoiserEnlarge",
                                   {"kernel", "bias"},
                                   {"y"},
                                   {"rows", "columns", "normalized"},
                                   "x"});
const Operation<enlarge_gradient> kEnlargeGradient({"DenoiserEnlargeGradient",
                                                    {"dy", "kernel"},
                                                    {"dkernel", "dbias", "dx", "dx_of_second"},
                                                    {"rows", "columns", "normalized"},
                                                    "x"});

}  // namespace
