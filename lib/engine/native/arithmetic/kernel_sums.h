// The gradients of a convolution's kernel and bias, summed over images in parallel.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "kernel_gradient.h"
#include "parallel.h"
#include "vector.h"

/** What a part of the images sums up. */
struct KernelSums {
  KernelSums(int64_t height, int64_t width, int64_t in, int64_t out)
      : kernel(height, width, in, out), bias(out, 0.0f) {}
  KernelGradient kernel;
  Floats bias;
};

/**
 * Calls work(begin, end, sums) on parts of n images, and adds the sums in a fixed order.
 * @param dkernel [height, width, in, out]
 * @param dbias [out]
 */
template <typename Work>
void sum_over_images(int64_t n, int64_t height, int64_t width, int64_t in, int64_t out, float* dkernel, float* dbias,
                     Work work) {
  std::vector<std::unique_ptr<KernelSums>> sums(max_parts());
  in_parallel(n, 1, [&](int64_t begin, int64_t end, int64_t part) {
    sums[part] = std::make_unique<KernelSums>(height, width, in, out);
    work(begin, end, *sums[part]);
  });
  if (!sums[0]) sums[0] = std::make_unique<KernelSums>(height, width, in, out);  // no images at all
  for (size_t part = 1; part < sums.size() && sums[part]; part++) {
    sums[0]->kernel.add(sums[part]->kernel);
    for (int64_t o = 0; o < out; o++) sums[0]->bias[o] += sums[part]->bias[o];
  }
  sums[0]->kernel.write(dkernel);
  std::copy_n(sums[0]->bias.begin(), out, dbias);
}
