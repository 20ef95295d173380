// Functions of single numbers, over whole tensors: ReLU's gradient, binary cross-entropy with its gradients, and a step
// of Adam.
#pragma once
#include <cstdint>

/** y = ReLU of something -> dy where y is above 0, else 0; NaN where y is, as in tfjs. */
void relu_gradient(const float* dy, const float* y, int64_t n, float* dx);

/** -target ln(p) - (1 - target) ln(1 - p), where p is the prediction, kept 1e-7 away from 0 and 1 as in Keras. */
void cross_entropy(const float* target, const float* prediction, int64_t n, float* y);

/** The gradient of the prediction: 0 where that is nearer to 0 and 1, as of tfjs' clipByValue. */
void cross_entropy_gradient(const float* dy, const float* target, const float* prediction, int64_t n, float* dx);

/** The gradient of the target. */
void cross_entropy_target_gradient(const float* dy, const float* prediction, int64_t n, float* dtarget);

/** What a step of Adam (Kingma & Ba 2015) has in common for all variables. */
struct AdamSettings {
  float learning_rate, beta1, one_minus_beta1, beta2, one_minus_beta2, epsilon;
  /** 1 - beta^t, for step t. */
  float correction1, correction2;
};

/** One step, in tfjs' arithmetic: value, first and second moment, gradient -> the new value and moments. */
void adam_step(const AdamSettings& settings, const float* value, const float* first, const float* second,
               const float* gradient, int64_t n, float* new_value, float* new_first, float* new_second);
