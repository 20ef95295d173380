#include "winograd.h"

void transform_kernel(const float* taps, float* elements) {
  float g[3][3], u[4][4];
  std::copy_n(taps, 9, &g[0][0]);
  transform_matrix(g, u, kKernelTransform);
  std::copy_n(&u[0][0], kElements, elements);
}

void transform_kernel_gradient(const float* elements, float* taps) {
  float u[4][4], g[3][3];
  std::copy_n(elements, kElements, &u[0][0]);
  transform_matrix(u, g, kKernelGradientTransform);
  std::copy_n(&g[0][0], 9, taps);
}
