#include "kernel_gradient.h"

#include <algorithm>
#include <stdexcept>

#include "microkernel.h"
#include "packed_kernel.h"
#include "parallel.h"
#include "winograd.h"

namespace {

/** Rows of pixels that stay in the fastest cache while all taps of the kernel are gone through. */
constexpr int64_t kRowsAtOnce = 7;
/** Winograd tiles that are worked on at once. */
constexpr int64_t kTiles = 32;
/** Scalars whose products with one or two blocks of vectors are summed up in registers. */
constexpr int kScalarsOfOneBlock = kLanes == 16 ? 16 : 4;
constexpr int kScalarsOfTwoBlocks = 8;

/** The pixels of a rectangle in one packed image, and their partners in another. */
struct Pairs {
  const float *scalars, *vectors;
  int64_t scalar_line, vector_line, vector_plane, rows, columns;
};

/**
 * sums[i] += scalar i of each pixel * its partner's vectors, for `Scalars` scalars that lie side by side.
 * @tparam ScalarStep,VectorStep from one pixel to the next one
 */
template <int Scalars, int Blocks, int ScalarStep, int VectorStep>
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
    for (int64_t column = 0; column < pairs.columns; column++, x += ScalarStep, y += VectorStep) {
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

/** sums [scalars][vectors] += outer products of pairs of pixels, for a block of scalars and one or two of vectors. */
template <int Step, bool TwoBlocks>
void add_block(const Pairs& pairs, float* sums, int64_t stride) {
  constexpr int kScalars = TwoBlocks ? kScalarsOfTwoBlocks : kScalarsOfOneBlock;
  for (int64_t i = 0; i < kBlock; i += kScalars) {
    Pairs part = pairs;
    part.scalars += i;
    outer_products<kScalars, TwoBlocks ? 2 : 1, Step, Step>(part, sums + i * stride, stride);
  }
}

}  // namespace

KernelGradient::KernelGradient(int64_t height, int64_t width, int64_t in, int64_t out)
    : height_(height),
      width_(width),
      in_(in),
      out_(out),
      to_few_(are_few(out)),
      by_winograd_(suits_winograd(height, width, in, out)) {
  const int64_t vectors = to_few_ ? in : out, scalars = to_few_ ? out : in;
  padded_vectors_ = round_up(vectors, kBlock);
  padded_scalars_ = are_few(scalars) ? scalars : round_up(scalars, kBlock);
  sums_.assign((by_winograd_ ? kElements : height * width) * padded_scalars_ * padded_vectors_, 0);
}

/**
 * Every pixel of one image times the pixels around it in the other. The one of few channels gives the scalars; where
 * that is dy, the taps come out in reverse.
 */
void KernelGradient::add(const PackedImage& x, const PackedImage& dy) {
  if (by_winograd_) return add_by_winograd(x, dy);
  const PackedImage &vectors = to_few_ ? x : dy, &scalars = to_few_ ? dy : x;
  if (vectors.block != kBlock) throw std::logic_error("the vectors of a kernel's gradient must be packed in blocks");
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
              add_block<kBlock, false>(pairs, to, padded_vectors_);
              column++;
            } else if (column + 3 <= width_) {  // in planes, a row of the kernel's taps lies side by side
              outer_products<3, 1, 1, kBlock>(pairs, to, tap_size);
              column += 3;
            } else {
              outer_products<1, 1, 1, kBlock>(pairs, to, tap_size);
              column++;
            }
          }
        }
}

/** In the 16 elements of transformed tiles, a 3x3 kernel's gradient is that of a 1x1 kernel each. */
void KernelGradient::add_by_winograd(const PackedImage& x, const PackedImage& dy) {
  static thread_local WinogradTiles tiles_of_thread[2];
  WinogradTiles &inputs = tiles_of_thread[0], &gradients = tiles_of_thread[1];  // looked up once
  for_tiles(x, kTiles, [&](int64_t first, int64_t count) {
    inputs.transform<4>(x, x.from(0, 0), first, count, kInputTransform);
    gradients.transform<2>(dy, dy.inside(0, 0), first, count, kOutputGradientTransform);
    const int64_t plane = count * kTileSize;
    for (int64_t element = 0; element < kElements; element++)
      for (int64_t b = 0; b < x.blocks; b++) {
        float* const sums = sums_.data() + (element * padded_scalars_ + b * kBlock) * padded_vectors_;
        for (int64_t v = 0; v < dy.blocks;) {
          const Pairs pairs = {
              inputs.from(0, element) + b * plane, gradients.from(0, element) + v * plane, 0, 0, plane, 1, count};
          const bool two = kLanes == 16 && v + 2 <= dy.blocks;
          (two ? add_block<kTileSize, kLanes == 16> : add_block<kTileSize, false>)(pairs, sums + v * kBlock,
                                                                                   padded_vectors_);
          v += two ? 2 : 1;
        }
      }
  });
}

void KernelGradient::add(const KernelGradient& other) {
  in_parallel(sums_.size(), kPairsWorthAPart * kElements, [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) sums_[i] += other.sums_[i];
  });
}

void KernelGradient::write(float* gradient) const {
  const int64_t taps = height_ * width_, size = padded_scalars_ * padded_vectors_;
  const auto write_row = [&](int64_t i) {
    for (int64_t tap = 0; tap < taps; tap++) {
      const float* const sums = sums_.data() + (to_few_ ? taps - 1 - tap : tap) * size;
      for (int64_t o = 0; o < out_; o++)
        gradient[(tap * in_ + i) * out_ + o] = sums[to_few_ ? o * padded_vectors_ + i : i * padded_vectors_ + o];
    }
  };
  const auto write_transformed_row = [&](int64_t i) {
    for (int64_t o = 0; o < out_; o += kLanes) {
      Vector elements[4][4], of_taps[3][3];
      for (int64_t element = 0; element < kElements; element++)
        elements[element / 4][element % 4] = load(sums_.data() + element * size + i * padded_vectors_ + o);
      transform_matrix(elements, of_taps, kKernelGradientTransform);
      for (int64_t tap = 0; tap < taps; tap++)
        put(of_taps[tap / 3][tap % 3], false, out_ - o, gradient + (tap * in_ + i) * out_ + o);
    }
  };
  in_parallel(in_, kPairsWorthAPart / std::max<int64_t>(out_, 1), [&](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) by_winograd_ ? write_transformed_row(i) : write_row(i);
  });
}
