// Multi-head attention of the positions in a window, and its gradient, one window and head at a time: the weights, as
// many as pairs of positions, stay in the cache and are never written.
#pragma once
#include <cstdint>

struct Attention {
  int64_t windows, positions, heads;
  /** Of a head. */
  int64_t channels;
  /** Queries, keys and values side by side [windows * positions, 3 * heads * channels] -> y [windows * positions, heads
   * * channels] */
  void forward(const float* projected, float* y) const;
  /** dy -> dprojected */
  void backward(const float* dy, const float* projected, float* dprojected) const;
};
