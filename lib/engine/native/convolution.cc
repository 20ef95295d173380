#include "convolution.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vector.h"

namespace {

constexpr int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

}  // namespace

PackedImage::PackedImage(int64_t height, int64_t width, int64_t channels, int64_t kernel_height, int64_t kernel_width,
                         bool in_planes)
    : height(height),
      width(width),
      channels(channels),
      block(in_planes ? 1 : kBlock),
      blocks(in_planes ? channels : round_up(channels, kBlock) / kBlock),
      line((width + kernel_width - 1) * block),
      plane((height + kernel_height - 1) * line),
      top_(kernel_height / 2),
      left_(kernel_width / 2),
      data_(blocks * plane, 0.0f) {}

/** Calls row(from, n, to) for the n channels of each block of each pixel, with their place in the image. */
template <typename Pixel>
void PackedImage::fill(Pixel pixel) {
  for (int64_t b = 0; b < blocks; b++) {
    const int64_t channel = b * block, n = std::min(block, channels - channel);
    for (int64_t row = 0; row < height; row++) {
      float* to = data_.data() + b * plane + (row + top_) * line + left_ * block;
      int64_t from = row * width * channels + channel;
      for (int64_t column = 0; column < width; column++, to += block, from += channels) pixel(from, channel, n, to);
    }
  }
}

void PackedImage::pack(const float* image) {
  fill([=](int64_t from, int64_t, int64_t n, float* to) {
    if (n == kBlock)
      for (int64_t i = 0; i < kBlock; i++) to[i] = image[from + i];
    else
      for (int64_t i = 0; i < n; i++) to[i] = image[from + i];
  });
}

void PackedImage::pack_gated(const float* image, const float* gate, float* sums) {
  const auto pack = [=](int64_t from, int64_t channel, int64_t n, float* to) {
    for (int64_t i = 0; i < n; i++) {
      const float value = image[from + i];
      to[i] = gate == nullptr || gate[from + i] > 0 ? value : 0;
      sums[channel + i] += to[i];
    }
  };
  fill([=](int64_t from, int64_t channel, int64_t n, float* to) { pack(from, channel, n == kBlock ? kBlock : n, to); });
}

// --- Convolution to many channels: each tile of the result is summed up in registers ------------------------------

namespace {

/** What the tiles of one convolution share. */
struct Tiling {
  int64_t blocks, plane, line, kernel_height, kernel_width;
  /** From one input channel's filters to the next one's, in floats. */
  int64_t filter_stride;
  /** Of the result. */
  int64_t channels;
  bool relu;
};

/** `Pixels` neighbours in a row, `Vectors` vectors of channels each; n is how many of these channels exist. */
template <int Pixels, int Vectors, int Block>
void tile(const Tiling& t, const float* in, const float* filters, const float* bias, int64_t n, float* out) {
  Vector sum[Pixels][Vectors];
#pragma GCC unroll 32
  for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; v++) sum[p][v] = load(bias + v * kLanes);
  for (int64_t b = 0; b < t.blocks; b++)
    for (int64_t row = 0; row < t.kernel_height; row++)
      for (int64_t column = 0; column < t.kernel_width; column++) {
        const float* const x = in + b * t.plane + row * t.line + column * Block;
#pragma GCC unroll 1
        for (int i = 0; i < Block; i++, filters += t.filter_stride) {
          Vector filter[Vectors];
#pragma GCC unroll 8
          for (int v = 0; v < Vectors; v++) filter[v] = load(filters + v * kLanes);
#pragma GCC unroll 32
          for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
            for (int v = 0; v < Vectors; v++) sum[p][v] += x[p * Block + i] * filter[v];
        }
      }
#pragma GCC unroll 32
  for (int p = 0; p < Pixels; p++)
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; v++) {
      Vector result = sum[p][v];
      if (t.relu) result = result < 0 ? Vector{} : result;  // NaN stays NaN
      float* const to = out + p * t.channels + v * kLanes;
      if (n >= (v + 1) * kLanes)
        store(to, result);
      else
        for (int64_t i = v * kLanes; i < n; i++) out[p * t.channels + i] = result[i - v * kLanes];
    }
}

using Tile = void (*)(const Tiling&, const float*, const float*, const float*, int64_t, float*);

constexpr std::array<int, 7> kPixels = {28, 14, 7, 6, 4, 2, 1};
constexpr std::array<int, 3> kVectors = {4, 2, 1};

template <int Pixels, int Vectors, int Block>
constexpr Tile tile_if_it_fits() {
  if constexpr (Pixels * Vectors <= kAccumulators)
    return &tile<Pixels, Vectors, Block>;
  else
    return nullptr;
}

template <int Block, int Vectors, size_t... P>
constexpr std::array<Tile, kPixels.size()> tiles_of(std::index_sequence<P...>) {
  return {tile_if_it_fits<kPixels[P], Vectors, Block>()...};
}

template <int Block, size_t... V>
constexpr std::array<std::array<Tile, kPixels.size()>, kVectors.size()> tiles(std::index_sequence<V...>) {
  return {tiles_of<Block, kVectors[V]>(std::make_index_sequence<kPixels.size()>())...};
}

constexpr auto kTilesOfBlocks = tiles<kBlock>(std::make_index_sequence<kVectors.size()>());
constexpr auto kTilesOfPlanes = tiles<1>(std::make_index_sequence<kVectors.size()>());

struct Choice {
  Tile tile = nullptr;
  int64_t pixels = 0, vectors = 0;
};

/** The tile that covers a row of the result with the fewest instructions. */
Choice choose(int64_t width, int64_t channels, bool planes) {
  const int64_t vectors = channels / kLanes;
  Choice best;
  double least = 0;
  for (size_t v = 0; v < kVectors.size(); v++)
    for (size_t p = 0; p < kPixels.size(); p++) {
      const Tile tile = (planes ? kTilesOfPlanes : kTilesOfBlocks)[v][p];
      const int64_t n = kPixels[p], m = kVectors[v];
      if (!tile || n > width || vectors % m != 0) continue;
      // Two multiplications a cycle, or two loads; a sum is ready for the next after four cycles.
      const double cycles = std::max({n * m / 2.0, (n + m) / 2.0, 4.0});
      const double cost = static_cast<double>((width + n - 1) / n * (vectors / m)) * cycles;
      if (!best.tile || cost < least) {
        least = cost;
        best = {tile, n, m};
      }
    }
  return best;
}

}  // namespace

Filters::Filters(const float* kernel, int64_t height, int64_t width, int64_t from, int64_t to, bool transposed)
    : height(height),
      width(width),
      in(transposed ? to : from),
      out(transposed ? from : to),
      few_(out <= kFewChannels && !in_planes(in)),
      padded_out_(few_ ? out : round_up(out, kLanes)) {
  const int64_t block = in_planes(in) ? 1 : kBlock, blocks = round_up(in, block) / block;
  data_.assign(blocks * height * width * block * padded_out_, 0);
  for (int64_t row = 0; row < height; row++)
    for (int64_t column = 0; column < width; column++)
      for (int64_t i = 0; i < in; i++)
        for (int64_t o = 0; o < out; o++) {
          const int64_t tap = row * width + column;
          const float value = transposed ? kernel[((height * width - 1 - tap) * out + o) * in + i]
                                         : kernel[(tap * in + i) * out + o];
          const int64_t place = (i / block * height * width + tap);
          if (few_)
            data_[(place * out + o) * block + i % block] = value;
          else
            data_[(place * block + i % block) * padded_out_ + o] = value;
        }
}

void Filters::convolve(const PackedImage& image, const float* bias, bool relu, float* result) const {
  if (few_)
    to_few(image, bias, relu, result);
  else
    to_many(image, bias, relu, result);
}

void Filters::to_many(const PackedImage& image, const float* bias, bool relu, float* result) const {
  const Choice choice = choose(image.width, padded_out_, image.block == 1);
  const Tiling tiling = {image.blocks, image.plane, image.line, height, width, padded_out_, out, relu};
  std::vector<float> start(padded_out_, 0.0f);
  if (bias) std::copy(bias, bias + out, start.begin());
  for (int64_t o = 0; o < out; o += choice.vectors * kLanes)
    for (int64_t row = 0; row < image.height; row++)
      for (int64_t column = 0; column < image.width; column += choice.pixels) {
        const int64_t first = std::min(column, image.width - choice.pixels);  // the last one may do some pixels again
        choice.tile(tiling, image.from(row, first), data_.data() + o, start.data() + o, out - o,
                    result + (row * image.width + first) * out + o);
      }
}

// --- Convolution to few channels: dot products over the input's channels ------------------------------------------

void Filters::to_few(const PackedImage& image, const float* bias, bool relu, float* result) const {
  constexpr int64_t kPixelsAtOnce = 8;
  for (int64_t o = 0; o < out; o++)
    for (int64_t row = 0; row < image.height; row++)
      for (int64_t column = 0; column < image.width; column += kPixelsAtOnce) {
        const int64_t pixels = std::min(kPixelsAtOnce, image.width - column);
        Vector sum[kPixelsAtOnce] = {};
        for (int64_t b = 0; b < image.blocks; b++)
          for (int64_t tap = 0; tap < height * width; tap++) {
            const float* const x = image.from(row + tap / width, column + tap % width) + b * image.plane;
            const float* const filter = data_.data() + ((b * height * width + tap) * out + o) * kBlock;
            for (int64_t i = 0; i < kBlock; i += kLanes) {
              const Vector weights = load(filter + i);
              if (pixels == kPixelsAtOnce)
#pragma GCC unroll 8
                for (int64_t p = 0; p < kPixelsAtOnce; p++) sum[p] += load(x + p * kBlock + i) * weights;
              else
                for (int64_t p = 0; p < pixels; p++) sum[p] += load(x + p * kBlock + i) * weights;
            }
          }
        for (int64_t p = 0; p < pixels; p++) {
          float total = bias ? bias[o] : 0;
          for (int i = 0; i < kLanes; i++) total += sum[p][i];
          result[(row * image.width + column + p) * out + o] = relu && total < 0 ? 0 : total;
        }
      }
}

// --- The gradient of the kernel: outer products of pixels, summed over the image -----------------------------------

namespace {

/** Rows of pixels that stay in the fastest cache while all taps of the kernel are gone through. */
constexpr int64_t kRowsAtOnce = 7;

/** The pixels of a rectangle in one packed image, and their partners in another. */
struct Pairs {
  const float *scalars, *vectors;
  int64_t scalar_line, vector_line, vector_plane, rows, columns;
};

/** sums[i] += scalar i of each pixel * its partner's vectors, for `Scalars` scalars that lie side by side. */
template <int Scalars, int Blocks, int ScalarBlock>
void outer_products(const Pairs& pairs, float* sums, int64_t stride) {
  constexpr int kVectorsOfBlock = kBlock / kLanes, kVectorsInAll = Blocks * kVectorsOfBlock;
  Vector sum[Scalars][kVectorsInAll];
#pragma GCC unroll 16
  for (int i = 0; i < Scalars; i++)
#pragma GCC unroll 8
    for (int v = 0; v < kVectorsInAll; v++) sum[i][v] = load(sums + i * stride + v * kLanes);
  for (int64_t row = 0; row < pairs.rows; row++) {
    const float* x = pairs.scalars + row * pairs.scalar_line;
    const float* y = pairs.vectors + row * pairs.vector_line;
#pragma GCC unroll 1
    for (int64_t column = 0; column < pairs.columns; column++, x += ScalarBlock, y += kBlock) {
      Vector vector[kVectorsInAll];
#pragma GCC unroll 8
      for (int v = 0; v < kVectorsInAll; v++)
        vector[v] = load(y + v / kVectorsOfBlock * pairs.vector_plane + v % kVectorsOfBlock * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < Scalars; i++)
#pragma GCC unroll 8
        for (int v = 0; v < kVectorsInAll; v++) sum[i][v] += x[i] * vector[v];
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Scalars; i++)
#pragma GCC unroll 8
    for (int v = 0; v < kVectorsInAll; v++) store(sums + i * stride + v * kLanes, sum[i][v]);
}

constexpr int kScalarsOfOneBlock = kLanes == 16 ? 16 : 4;
constexpr int kScalarsOfTwoBlocks = 8;

}  // namespace

FilterGradient::FilterGradient(int64_t height, int64_t width, int64_t in, int64_t out)
    : height_(height), width_(width), in_(in), out_(out), to_few_(in_planes(out)) {
  const int64_t vectors = to_few_ ? in : out, scalars = to_few_ ? out : in;
  padded_vectors_ = round_up(vectors, kBlock);
  padded_scalars_ = in_planes(scalars) ? scalars : round_up(scalars, kBlock);
  sums_.assign(height * width * padded_scalars_ * padded_vectors_, 0);
}

/**
 * Every pixel of one image times the pixels around it in the other. The one of few channels gives the scalars; where
 * that is dy, the taps come out in reverse.
 */
void FilterGradient::add(const PackedImage& x, const PackedImage& dy) {
  const PackedImage &vectors = to_few_ ? x : dy, &scalars = to_few_ ? dy : x;
  for (int64_t top = 0; top < vectors.height; top += kRowsAtOnce)
    for (int64_t row = 0; row < height_; row++)
      for (int64_t b = 0; b < scalars.blocks; b++)
        for (int64_t v = 0; v < vectors.blocks;) {
          Pairs pairs = {scalars.from(top + row, 0) + b * scalars.plane,
                         vectors.inside(top, 0) + v * vectors.plane,
                         scalars.line,
                         vectors.line,
                         vectors.plane,
                         std::min(kRowsAtOnce, vectors.height - top),
                         vectors.width};
          const int64_t tap_size = padded_scalars_ * padded_vectors_;
          float* sums = sums_.data() + row * width_ * tap_size + b * scalars.block * padded_vectors_ + v * kBlock;
          int64_t blocks = 1;
          if (scalars.block == 1) {  // a row of the kernel's taps lies side by side
            int64_t column = 0;
            for (; column + 3 <= width_; column += 3, pairs.scalars += 3)
              outer_products<3, 1, 1>(pairs, sums + column * tap_size, tap_size);
            for (; column < width_; column++, pairs.scalars++)
              outer_products<1, 1, 1>(pairs, sums + column * tap_size, tap_size);
          } else {
            if (kLanes == 16 && v + 2 <= vectors.blocks) blocks = 2;
            for (int64_t column = 0; column < width_; column++, sums += tap_size)
              for (int64_t i = 0; i < kBlock;) {
                Pairs part = pairs;
                part.scalars += column * kBlock + i;
                float* const to = sums + i * padded_vectors_;
                if (blocks == 2) {
                  outer_products<kScalarsOfTwoBlocks, 2, kBlock>(part, to, padded_vectors_);
                  i += kScalarsOfTwoBlocks;
                } else {
                  outer_products<kScalarsOfOneBlock, 1, kBlock>(part, to, padded_vectors_);
                  i += kScalarsOfOneBlock;
                }
              }
          }
          v += blocks;
        }
}

void FilterGradient::add_to(float* gradient) const {
  for (int64_t tap = 0; tap < height_ * width_; tap++)
    for (int64_t i = 0; i < in_; i++)
      for (int64_t o = 0; o < out_; o++) {
        const int64_t place = to_few_ ? ((height_ * width_ - 1 - tap) * padded_scalars_ + o) * padded_vectors_ + i
                                      : (tap * padded_scalars_ + i) * padded_vectors_ + o;
        gradient[(tap * in_ + i) * out_ + o] += sums_[place];
      }
}
