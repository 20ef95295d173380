// Structural similarity of pairs of images, with a uniform window of 7x7 pixels, and a loss made of it.
#pragma once
#include <cstdint>

/** The side of the window, in pixels: images must be at least as large. */
constexpr int64_t kSsimWindow = 7;

/** Pairs of images [count, height, width, channels], and SSIM's constants. */
struct SsimPairs {
  const float *x, *y;
  int64_t count, height, width, channels;
  float c1, c2;
};

/** scores [count, 2], whose rows add up to the mean SSIM of a pair: two floats hold more digits than one. */
void ssim(const SsimPairs& pairs, float* scores);

/**
 * ln(mean squared error + margin) + weight (1 - SSIM) of each pair, and its gradient with respect to y.
 * @param losses [count]
 * @param gradient [count, height, width, channels]
 */
void log_mse_and_ssim(const SsimPairs& pairs, double margin, double weight, float* losses, float* gradient);
