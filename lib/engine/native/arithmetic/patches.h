// Transposed convolution whose kernel is as large as its strides: it makes a patch of each pixel, and patches do not
// overlap. That is a 1x1 convolution to as many channels as a patch has numbers.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

/** An image [height * rows, width * columns, channels], and its patches [height, width, rows, columns, channels]. */
struct Patches {
  int64_t height, width, rows, columns, channels;
  int64_t size() const { return rows * columns * channels; }
  void to_image(const float* patches, float* image) const {
    for_runs([=](int64_t at, int64_t from, int64_t n) { std::copy_n(patches + from, n, image + at); });
  }
  void from_image(const float* image, float* patches) const {
    for_runs([=](int64_t at, int64_t to, int64_t n) { std::copy_n(image + at, n, patches + to); });
  }

 private:
  /** Calls copy(index in the image, index in the patches, count) for what lies side by side in both. */
  template <typename Copy>
  void for_runs(Copy copy) const {
    const int64_t n = columns * channels;
    for (int64_t y = 0; y < height; y++)
      for (int64_t row = 0; row < rows; row++)
        for (int64_t x = 0; x < width; x++)
          copy(((y * rows + row) * width + x) * n, ((y * width + x) * rows + row) * n, n);
  }
};

/** [rows, columns] -> [columns, rows]: turns the kernel [patch, in] into that of a 1x1 convolution, and back. */
inline std::vector<float> transposed(const float* matrix, int64_t rows, int64_t columns) {
  std::vector<float> result(rows * columns);
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column++) result[column * rows + row] = matrix[row * columns + column];
  return result;
}
