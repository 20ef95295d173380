#include "convolution.h"

#include <algorithm>
#include <array>
#include <utility>

#include "parallel.h"
#include "vector.h"

namespace {

constexpr int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// Tiles: 2x2 pixels of a 3x3 convolution take 16 multiplications instead of 36 when input, kernel and output are
// transformed (Winograd's F(2x2, 3x3), after Lavin & Gray 2016). Each transform is applied to rows, then to columns.
constexpr int64_t kPlaces = 16;

bool suits_tiles(int64_t height, int64_t width, int64_t in, int64_t out) {
  return height == 3 && width == 3 && in >= kBlock && out >= kBlock;
}

/** Applies a transform of `From` numbers to `To` to the rows and columns of a matrix. */
template <int From, int To, typename Value, typename Transform>
inline void both_ways(const Value (&matrix)[From][From], Value (&result)[To][To], Transform transform) {
  Value half[To][From];
#pragma GCC unroll 4
  for (int column = 0; column < From; column++) {
    Value in[From], out[To];
#pragma GCC unroll 4
    for (int row = 0; row < From; row++) in[row] = matrix[row][column];
    transform(in, out);
#pragma GCC unroll 4
    for (int row = 0; row < To; row++) half[row][column] = out[row];
  }
#pragma GCC unroll 4
  for (int row = 0; row < To; row++) transform(half[row], result[row]);
}

constexpr auto kOfInput = [](const auto& d, auto& v) {
  v[0] = d[0] - d[2];
  v[1] = d[1] + d[2];
  v[2] = d[2] - d[1];
  v[3] = d[1] - d[3];
};
constexpr auto kOfFilter = [](const auto& g, auto& u) {
  u[0] = g[0];
  u[1] = (g[0] + g[1] + g[2]) * 0.5f;
  u[2] = (g[0] - g[1] + g[2]) * 0.5f;
  u[3] = g[2];
};
constexpr auto kToOutput = [](const auto& m, auto& y) {
  y[0] = m[0] + m[1] + m[2];
  y[1] = m[1] - m[2] - m[3];
};
/** The transposes of the last two, for the gradient of the kernel. */
constexpr auto kOfGradient = [](const auto& y, auto& m) {
  m[0] = y[0];
  m[1] = y[0] + y[1];
  m[2] = y[0] - y[1];
  m[3] = -y[1];
};
constexpr auto kToFilterGradient = [](const auto& u, auto& g) {
  const auto sum = (u[1] + u[2]) * 0.5f;
  g[0] = u[0] + sum;
  g[1] = (u[1] - u[2]) * 0.5f;
  g[2] = sum + u[3];
};

void transform_filter(const float* taps, float* places) {
  float g[3][3], u[4][4];
  std::copy_n(taps, 9, &g[0][0]);
  both_ways(g, u, kOfFilter);
  std::copy_n(&u[0][0], kPlaces, places);
}

void transform_filter_gradient(const float* places, float* taps) {
  float u[4][4], g[3][3];
  std::copy_n(places, kPlaces, &u[0][0]);
  both_ways(u, g, kToFilterGradient);
  std::copy_n(&g[0][0], 9, taps);
}

}  // namespace

PackedImage::PackedImage(int64_t height, int64_t width, int64_t channels, int64_t kernel_height, int64_t kernel_width,
                         bool in_planes)
    : height(height),
      width(width),
      channels(channels),
      block(in_planes ? 1 : kBlock),
      blocks(in_planes ? channels : round_up(channels, kBlock) / kBlock),
      line((round_up(width, 2) + kernel_width - 1) * block),
      plane((round_up(height, 2) + kernel_height - 1) * line),
      top_(kernel_height / 2),
      left_(kernel_width / 2),
      data_(blocks * plane, 0.0f) {}

/**
 * Writes `count` channels of all pixels, from `first` on.
 * @param vector vector(from, channel) gives a vector of an image's numbers, from their place and channel in it
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
        if (relu) value = load(y + from) > 0 ? value : Vector{};
        store(sums + channel, load(sums + channel) + value);
        return value;
      },
      [=](int64_t from, int64_t channel) {
        float value = dy[from];
        if (coefficients)
          value = value * coefficients->of_dy[channel] + y[from] * coefficients->of_y[channel] + coefficients->rest[channel];
        if (relu && !(y[from] > 0)) value = 0;
        sums[channel] += value;
        return value;
      });
}

// --- Convolution to many channels: each tile of the result is summed up in registers ------------------------------

namespace {

/** Writes the first n numbers of a result, or all of them, through ReLU if wanted. */
inline void put(Vector result, bool relu, int64_t n, float* to) {
  if (relu) result = result < 0 ? Vector{} : result;  // NaN stays NaN
  if (n >= kLanes)
    store(to, result);
  else
    for (int64_t i = 0; i < n; i++) to[i] = result[i];
}

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
    for (int v = 0; v < Vectors; v++)
      put(sum[p][v], t.relu, n - v * kLanes, out + p * t.channels + v * kLanes);
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

/** Of an input's and an output's channel: how many of them are worth a thread's while. */
constexpr int64_t kPairsWorthAPart = 1024;

}  // namespace

Filters::Filters(const float* kernel, int64_t height, int64_t width, int64_t from, int64_t to, bool transposed)
    : height(height),
      width(width),
      in(transposed ? to : from),
      out(transposed ? from : to),
      few_(out <= kFewChannels && !in_planes(in)),
      by_tiles_(suits_tiles(height, width, in, out)),
      padded_out_(few_ ? out : round_up(out, kLanes)) {
  const int64_t block = in_planes(in) ? 1 : kBlock, blocks = round_up(in, block) / block;
  const int64_t taps = height * width, places = by_tiles_ ? kPlaces : taps;
  data_.assign(places * blocks * block * padded_out_, 0);
  const auto put_in_order = [&](int64_t i, int64_t o) {
    const auto value = [&](int64_t tap) {
      return transposed ? kernel[((taps - 1 - tap) * out + o) * in + i] : kernel[(tap * in + i) * out + o];
    };
    const int64_t b = i / block;
    if (by_tiles_) {
      float taps_of_pair[9], transformed[kPlaces];
      for (int64_t tap = 0; tap < taps; tap++) taps_of_pair[tap] = value(tap);
      transform_filter(taps_of_pair, transformed);
      for (int64_t place = 0; place < kPlaces; place++)
        data_[((place * blocks + b) * block + i % block) * padded_out_ + o] = transformed[place];
    } else {
      for (int64_t tap = 0; tap < taps; tap++) {
        const int64_t at = b * taps + tap;
        data_[few_ ? (at * out + o) * block + i % block : (at * block + i % block) * padded_out_ + o] = value(tap);
      }
    }
  };
  in_parallel(in, kPairsWorthAPart / out, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++)
      for (int64_t o = 0; o < out; o++) put_in_order(i, o);
  });
}

void Filters::convolve(const PackedImage& image, const float* bias, bool relu, float* result) const {
  if (few_)
    to_few(image, bias, relu, result);
  else if (by_tiles_)
    by_tiles(image, bias, relu, result);
  else
    to_many(image, bias, relu, result);
}

void Filters::to_many(const PackedImage& image, const float* bias, bool relu, float* result) const {
  const Choice choice = choose(image.width, padded_out_, image.block == 1);
  const Tiling tiling = {image.blocks, image.plane, image.line, height, width, padded_out_, out, relu};
  Floats start(padded_out_, 0.0f);
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

namespace {

constexpr int kPixelsAtOnce = 8;

/** The sum of a vector's numbers, in pairs. */
float total(Vector vector) {
  float numbers[kLanes];
  store(numbers, vector);
  for (int half = kLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) numbers[i] += numbers[i + half];
  return numbers[0];
}

/** Dot products of `Pixels` neighbours' surroundings with one output's filters. */
template <int Pixels>
void dot_products(const Tiling& t, const float* in, const float* filters, float bias, float* out) {
  Vector sum[Pixels] = {};
  for (int64_t b = 0; b < t.blocks; b++)
    for (int64_t row = 0; row < t.kernel_height; row++)
      for (int64_t column = 0; column < t.kernel_width; column++, filters += t.filter_stride) {
        const float* const x = in + b * t.plane + row * t.line + column * kBlock;
#pragma GCC unroll 4
        for (int i = 0; i < kBlock; i += kLanes) {
          const Vector weights = load(filters + i);
#pragma GCC unroll 8
          for (int p = 0; p < Pixels; p++) sum[p] += load(x + p * kBlock + i) * weights;
        }
      }
  for (int p = 0; p < Pixels; p++) {
    const float value = total(sum[p]) + bias;
    out[p * t.channels] = t.relu && value < 0 ? 0 : value;
  }
}

}  // namespace

void Filters::to_few(const PackedImage& image, const float* bias, bool relu, float* result) const {
  const Tiling tiling = {image.blocks, image.plane, image.line, height, width, out * kBlock, out, relu};
  for (int64_t o = 0; o < out; o++)
    for (int64_t row = 0; row < image.height; row++)
      for (int64_t column = 0; column < image.width;) {
        const bool several = column + kPixelsAtOnce <= image.width;
        (several ? dot_products<kPixelsAtOnce> : dot_products<1>)(
            tiling, image.from(row, column), data_.data() + o * kBlock, bias ? bias[o] : 0,
            result + (row * image.width + column) * out + o);
        column += several ? kPixelsAtOnce : 1;
      }
}

// --- 3x3 convolution by tiles --------------------------------------------------------------------------------------

namespace {

/** Tiles that are worked on at once: few enough to stay in the cache, many enough to fill the registers. */
constexpr int64_t kTilesOfConvolution = 14;
constexpr int64_t kTilesOfGradient = 28;

/** Some rows of an image's tiles, transformed: [16 places][blocks of channels][tiles][channels of a block]. */
struct Tiles {
  /** @param size of the pixels that make a tile: 4 of an input, 2 of a gradient of an output */
  template <int Size, typename Transform>
  void take(const PackedImage& image, const float* corner, int64_t tile_rows, int64_t tile_columns, Transform transform) {
    count = tile_rows * tile_columns;
    blocks = image.blocks;
    data.resize(kPlaces * blocks * count * kBlock);
    for (int64_t b = 0; b < blocks; b++)
      for (int64_t tile = 0; tile < count; tile++) {
        const float* const from =
            corner + b * image.plane + tile / tile_columns * 2 * image.line + tile % tile_columns * 2 * kBlock;
        float* const to = data.data() + (b * count + tile) * kBlock;
        for (int i = 0; i < kBlock; i += kLanes) {
          Vector pixels[Size][Size], places[4][4];
#pragma GCC unroll 4
          for (int row = 0; row < Size; row++)
#pragma GCC unroll 4
            for (int column = 0; column < Size; column++)
              pixels[row][column] = load(from + row * image.line + column * kBlock + i);
          both_ways(pixels, places, transform);
#pragma GCC unroll 16
          for (int place = 0; place < kPlaces; place++)
            store(to + place * blocks * count * kBlock + i, places[place / 4][place % 4]);
        }
      }
  }
  const float* place(int64_t index) const { return data.data() + index * blocks * count * kBlock; }
  int64_t count = 0, blocks = 0;
  Floats data;
};

/** Calls work(first row, rows, columns) for groups of rows of tiles. */
template <typename Work>
void for_tile_rows(const PackedImage& image, int64_t tiles, Work work) {
  const int64_t rows = round_up(image.height, 2) / 2, columns = round_up(image.width, 2) / 2;
  const int64_t at_once = std::max<int64_t>(1, tiles / columns);
  for (int64_t first = 0; first < rows; first += at_once) work(first, std::min(at_once, rows - first), columns);
}

}  // namespace

void Filters::by_tiles(const PackedImage& image, const float* bias, bool relu, float* result) const {
  static thread_local Tiles tiles;
  static thread_local Floats products;
  const Floats zeros(padded_out_, 0.0f);
  Floats start(zeros);
  if (bias) std::copy(bias, bias + out, start.begin());
  for_tile_rows(image, kTilesOfConvolution, [&](int64_t first, int64_t rows, int64_t columns) {
    tiles.take<4>(image, image.from(2 * first, 0), rows, columns, kOfInput);
    products.resize(kPlaces * tiles.count * padded_out_);
    const Choice choice = choose(tiles.count, padded_out_, false);
    const Tiling tiling = {image.blocks, tiles.count * kBlock, 0, 1, 1, padded_out_, padded_out_, false};
    for (int64_t place = 0; place < kPlaces; place++)
      for (int64_t o = 0; o < padded_out_; o += choice.vectors * kLanes)
        for (int64_t at = 0; at < tiles.count; at += choice.pixels) {
          const int64_t tile = std::min(at, tiles.count - choice.pixels);
          choice.tile(tiling, tiles.place(place) + tile * kBlock,
                      data_.data() + place * image.blocks * kBlock * padded_out_ + o, zeros.data(), padded_out_ - o,
                      products.data() + (place * tiles.count + tile) * padded_out_ + o);
        }
    for (int64_t tile = 0; tile < tiles.count; tile++) {
      const int64_t y = 2 * (first + tile / columns), x = 2 * (tile % columns);
      for (int64_t o = 0; o < padded_out_; o += kLanes) {
        Vector places[4][4], pixels[2][2];
#pragma GCC unroll 16
        for (int place = 0; place < kPlaces; place++)
          places[place / 4][place % 4] = load(products.data() + (place * tiles.count + tile) * padded_out_ + o);
        both_ways(places, pixels, kToOutput);
        for (int64_t row = 0; row < 2 && y + row < image.height; row++)
          for (int64_t column = 0; column < 2 && x + column < image.width; column++)
            put(pixels[row][column] + load(start.data() + o), relu, out - o,
                result + ((y + row) * image.width + x + column) * out + o);
      }
    }
  });
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
    : height_(height),
      width_(width),
      in_(in),
      out_(out),
      to_few_(in_planes(out)),
      by_tiles_(suits_tiles(height, width, in, out)) {
  const int64_t vectors = to_few_ ? in : out, scalars = to_few_ ? out : in;
  padded_vectors_ = round_up(vectors, kBlock);
  padded_scalars_ = in_planes(scalars) ? scalars : round_up(scalars, kBlock);
  sums_.assign((by_tiles_ ? kPlaces : height * width) * padded_scalars_ * padded_vectors_, 0);
}

namespace {

/** sums [scalars][vectors] += the outer products of pairs of pixels, for a block of scalars and one or two of vectors. */
template <bool TwoBlocks>
void add_block(const Pairs& pairs, float* sums, int64_t stride) {
  constexpr int kScalars = TwoBlocks ? kScalarsOfTwoBlocks : kScalarsOfOneBlock;
  for (int64_t i = 0; i < kBlock; i += kScalars) {
    Pairs part = pairs;
    part.scalars += i;
    outer_products<kScalars, TwoBlocks ? 2 : 1, kBlock>(part, sums + i * stride, stride);
  }
}

}  // namespace

/**
 * Every pixel of one image times the pixels around it in the other. The one of few channels gives the scalars; where
 * that is dy, the taps come out in reverse.
 */
void FilterGradient::add(const PackedImage& x, const PackedImage& dy) {
  if (by_tiles_) return add_by_tiles(x, dy);
  const PackedImage &vectors = to_few_ ? x : dy, &scalars = to_few_ ? dy : x;
  const int64_t tap_size = padded_scalars_ * padded_vectors_;
  for (int64_t top = 0; top < vectors.height; top += kRowsAtOnce)
    for (int64_t row = 0; row < height_; row++)
      for (int64_t b = 0; b < scalars.blocks; b++)
        for (int64_t v = 0; v < vectors.blocks; v++) {
          Pairs pairs = {scalars.from(top + row, 0) + b * scalars.plane,
                         vectors.inside(top, 0) + v * vectors.plane,
                         scalars.line,
                         vectors.line,
                         vectors.plane,
                         std::min(kRowsAtOnce, vectors.height - top),
                         vectors.width};
          float* const sums = sums_.data() + row * width_ * tap_size + b * scalars.block * padded_vectors_ + v * kBlock;
          for (int64_t column = 0; column < width_;) {
            float* const to = sums + column * tap_size;
            pairs.scalars = scalars.from(top + row, column) + b * scalars.plane;
            if (scalars.block == kBlock) {
              add_block<false>(pairs, to, padded_vectors_);
              column++;
            } else if (column + 3 <= width_) {  // in planes, a row of the kernel's taps lies side by side
              outer_products<3, 1, 1>(pairs, to, tap_size);
              column += 3;
            } else {
              outer_products<1, 1, 1>(pairs, to, tap_size);
              column++;
            }
          }
        }
}

void FilterGradient::add_by_tiles(const PackedImage& x, const PackedImage& dy) {
  static thread_local Tiles inputs, gradients;
  for_tile_rows(x, kTilesOfGradient, [&](int64_t first, int64_t rows, int64_t columns) {
    inputs.take<4>(x, x.from(2 * first, 0), rows, columns, kOfInput);
    gradients.take<2>(dy, dy.inside(2 * first, 0), rows, columns, kOfGradient);
    const int64_t plane = inputs.count * kBlock;
    for (int64_t place = 0; place < kPlaces; place++)
      for (int64_t b = 0; b < x.blocks; b++) {
        float* const sums = sums_.data() + (place * padded_scalars_ + b * kBlock) * padded_vectors_;
        for (int64_t v = 0; v < dy.blocks;) {
          const Pairs pairs = {inputs.place(place) + b * plane,
                               gradients.place(place) + v * plane,
                               0,
                               0,
                               plane,
                               1,
                               inputs.count};
          const bool two = kLanes == 16 && v + 2 <= dy.blocks;
          (two ? add_block<kLanes == 16> : add_block<false>)(pairs, sums + v * kBlock, padded_vectors_);
          v += two ? 2 : 1;
        }
      }
  });
}

void FilterGradient::add(const FilterGradient& other) {
  in_parallel(sums_.size(), kPairsWorthAPart * kPlaces, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) sums_[i] += other.sums_[i];
  });
}

void FilterGradient::write(float* gradient) const {
  const int64_t taps = height_ * width_, size = padded_scalars_ * padded_vectors_;
  const auto write_pair = [&](int64_t i, int64_t o) {
    const float* const sums = sums_.data() + (to_few_ ? o * padded_vectors_ + i : i * padded_vectors_ + o);
    if (by_tiles_) {
      float places[kPlaces], of_taps[9];
      for (int64_t place = 0; place < kPlaces; place++) places[place] = sums[place * size];
      transform_filter_gradient(places, of_taps);
      for (int64_t tap = 0; tap < taps; tap++) gradient[(tap * in_ + i) * out_ + o] = of_taps[tap];
    } else {
      for (int64_t tap = 0; tap < taps; tap++)
        gradient[(tap * in_ + i) * out_ + o] = sums[(to_few_ ? taps - 1 - tap : tap) * size];
    }
  };
  in_parallel(in_, kPairsWorthAPart / out_, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++)
      for (int64_t o = 0; o < out_; o++) write_pair(i, o);
  });
}
