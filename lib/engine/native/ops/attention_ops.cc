// The ops of multi-head attention.
#include "arithmetic/attention.h"
#include "op.h"

namespace {

Attention attention_of(const OpContext& context) {
  const OpInput& projected = context.input("projected");
  context.require_shape(projected, {kAny, kAny});
  const int64_t positions = context.attribute<int64_t>("positions"), heads = context.attribute<int64_t>("heads");
  const int64_t rows = projected.dim(0), width = projected.dim(1);
  if (rows % positions != 0 || width % (3 * heads) != 0 || projected.size() == 0)
    context.fail("projected is " + to_string(projected.shape()) + ", which is not " + std::to_string(positions) +
                 " positions a window and three times " + std::to_string(heads) + " heads");
  return {rows / positions, positions, heads, width / 3 / heads};
}

Shape shape_of_y(const OpContext& context) {
  const OpInput& projected = context.input("projected");
  return {projected.dim(0), projected.dim(1) / 3};
}

/** projected [windows * positions, 3 channels] -> y [windows * positions, channels] */
void attention(OpContext& context) {
  const Attention attention = attention_of(context);
  attention.forward(context.input("projected").data(), context.output("y", shape_of_y(context)));
}

/** dy, projected -> dprojected */
void attention_gradient(OpContext& context) {
  const Attention attention = attention_of(context);
  const OpInput &dy = context.input("dy"), &projected = context.input("projected");
  context.require_shape(dy, shape_of_y(context));
  attention.backward(dy.data(), projected.data(), context.output("dprojected", projected.shape()));
}

const std::vector<std::string> kAttributes = {"positions: int >= 1", "heads: int >= 1"};
const Op<attention> kAttention({"DenoiserAttention", {"projected: float"}, {"y: float"}, kAttributes});
const Op<attention_gradient> kAttentionGradient(
    {"DenoiserAttentionGradient", {"dy: float", "projected: float"}, {"dprojected: float"}, kAttributes});

}  // namespace
