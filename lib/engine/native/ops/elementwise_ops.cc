// The ops of ReLU's gradient, binary cross-entropy and Adam.
#include "arithmetic/elementwise.h"
#include "op.h"

namespace {

/** dy, y = ReLU(x) -> dx. */
void relu_gradient_op(OpContext& context) {
  const OpInput &dy = context.input("dy"), &y = context.input("y");
  context.require_shape(dy, y.shape());
  relu_gradient(dy.data(), y.data(), y.size(), context.output("dx", y.shape()));
}

/** target, prediction -> the cross-entropy of each number. */
void cross_entropy_op(OpContext& context) {
  const OpInput &target = context.input("target"), &prediction = context.input("prediction");
  context.require_shape(target, prediction.shape());
  cross_entropy(target.data(), prediction.data(), prediction.size(), context.output("y", prediction.shape()));
}

/** dy, target, prediction -> the gradient of the prediction. */
void cross_entropy_gradient_op(OpContext& context) {
  const OpInput &dy = context.input("dy"), &target = context.input("target"), &prediction = context.input("prediction");
  context.require_shape(dy, prediction.shape());
  context.require_shape(target, prediction.shape());
  float* const dx = context.output("dx", prediction.shape());
  cross_entropy_gradient(dy.data(), target.data(), prediction.data(), prediction.size(), dx);
}

/** dy, prediction -> the gradient of the target. */
void cross_entropy_target_gradient_op(OpContext& context) {
  const OpInput &dy = context.input("dy"), &prediction = context.input("prediction");
  context.require_shape(dy, prediction.shape());
  float* const dtarget = context.output("dtarget", prediction.shape());
  cross_entropy_target_gradient(dy.data(), prediction.data(), prediction.size(), dtarget);
}

/**
 * value, first and second moment, gradient, and [learning rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon,
 * 1 - beta1^t, 1 - beta2^t] -> the new value and moments.
 */
void adam_op(OpContext& context) {
  const OpInput &value = context.input("value"), &first = context.input("first"), &second = context.input("second");
  const OpInput &gradient = context.input("gradient"), &settings = context.input("settings");
  for (const OpInput* input : {&first, &second, &gradient}) context.require_shape(*input, value.shape());
  context.require_shape(settings, {8});
  const float* const s = settings.data();
  float* const new_value = context.output("new_value", value.shape());
  float* const new_first = context.output("new_first", value.shape());
  float* const new_second = context.output("new_second", value.shape());
  adam_step({s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]}, value.data(), first.data(), second.data(),
            gradient.data(), value.size(), new_value, new_first, new_second);
}

const Op<relu_gradient_op> kReluGradient({"DenoiserReluGradient", {"dy: float", "y: float"}, {"dx: float"}});
const Op<cross_entropy_op> kCrossEntropy({"DenoiserCrossEntropy",
                                          {"target: float", "prediction: float"},
                                          {"y: float"}});
const Op<cross_entropy_gradient_op> kCrossEntropyGradient({"DenoiserCrossEntropyGradient",
                                                           {"dy: float", "target: float", "prediction: float"},
                                                           {"dx: float"}});
const Op<cross_entropy_target_gradient_op> kCrossEntropyTargetGradient({"DenoiserCrossEntropyTargetGradient",
                                                                        {"dy: float", "prediction: float"},
                                                                        {"dtarget: float"}});
const Op<adam_op> kAdam({"DenoiserAdam",
                         {"value: float", "first: float", "second: float", "gradient: float", "settings: float"},
                         {"new_value: float", "new_first: float", "new_second: float"}});

}  // namespace
