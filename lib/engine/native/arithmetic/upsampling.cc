#include "upsampling.h"

#include <algorithm>

void Upsampling::forward(const float* image, int64_t height, int64_t width, int64_t channels, float* result) const {
  const int64_t line = width * columns * channels;
  for (int64_t row = 0; row < height; row++) {
    float* const first = result + row * rows * line;
    for (int64_t column = 0; column < width; column++)
      for (int64_t i = 0; i < columns; i++)
        std::copy_n(image + (row * width + column) * channels, channels, first + (column * columns + i) * channels);
    for (int64_t i = 1; i < rows; i++) std::copy_n(first, line, first + i * line);
  }
}

void Upsampling::backward(const float* gradient, int64_t height, int64_t width, int64_t channels, float* result) const {
  const int64_t line = width * columns * channels;
  for (int64_t row = 0; row < height; row++)
    for (int64_t column = 0; column < width; column++) {
      float* const __restrict to = result + (row * width + column) * channels;
      std::fill_n(to, channels, 0.0f);
      for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) {
          const float* const from = gradient + (row * rows + i) * line + (column * columns + j) * channels;
          for (int64_t c = 0; c < channels; c++) to[c] += from[c];
        }
    }
}
