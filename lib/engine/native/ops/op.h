// Makes functions TensorFlow ops that tfjs can call, through TensorFlow's C interface for kernels. An op refuses inputs
// that do not fit and reports it as TensorFlow's status; so does any exception. All tensors are float32; images are
// [n, height, width, channels].
#pragma once
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/tf_tensor.h"

using Shape = std::vector<int64_t>;

/** In a shape that is required: a dimension of any size. */
constexpr int64_t kAny = -1;

/** "[2, 28, any, 1]" */
std::string to_string(const Shape& shape);

/** What an op throws when it is called wrongly. */
struct InvalidArgument : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/** A name, inputs, outputs and attributes as TensorFlow writes them: "x: float", "x: count * float", "relu: bool". */
struct OpDefinition {
  const char* name;
  std::vector<std::string> inputs, outputs, attributes = {};
};

/** An op with the values of its attributes. */
struct OpInstance {
  OpInstance(const OpDefinition& definition, TF_OpKernelConstruction* construction, TF_Status* status);
  const std::string name;
  std::vector<std::pair<std::string, std::variant<bool, int64_t, float>>> attributes;
  /** Those of a list are called "x[0]", "x[1]" … */
  std::vector<std::string> inputs, outputs;
};

class OpInput {
 public:
  OpInput(const std::string& name, TF_OpKernelContext* context, int index, TF_Status* status) : name(name) {
    TF_GetInput(context, index, &tensor_, status);
  }
  ~OpInput() { TF_DeleteTensor(tensor_); }
  OpInput(const OpInput&) = delete;
  const std::string& name;
  const float* data() const { return static_cast<const float*>(TF_TensorData(tensor_)); }
  int64_t size() const { return TF_TensorElementCount(tensor_); }
  int rank() const { return TF_NumDims(tensor_); }
  /** Negative axes count from the last. */
  int64_t dim(int axis) const { return TF_Dim(tensor_, axis < 0 ? rank() + axis : axis); }
  Shape shape() const;

 private:
  TF_Tensor* tensor_ = nullptr;
};

/** One call of an op. */
class OpContext {
 public:
  OpContext(const OpInstance& op, TF_OpKernelContext* context, TF_Status* status);
  const OpInput& input(const std::string& name) const;
  /** Those of a list. */
  std::vector<const OpInput*> inputs(const std::string& list) const;
  float* output(const std::string& name, const Shape& shape);
  /** How many outputs a list has. */
  int64_t output_count(const std::string& list) const;

  template <typename Value>
  Value attribute(const std::string& name) const {
    for (const auto& [own, value] : op_.attributes)
      if (own == name) return std::get<Value>(value);
    throw std::logic_error(op_.name + " has no attribute " + name);
  }

  /** @throws InvalidArgument where the input has another shape, in which dimensions of kAny may be any */
  void require_shape(const OpInput& input, const Shape& shape) const;
  /** @throws InvalidArgument with the op's name before the message */
  [[noreturn]] void fail(const std::string& message) const;

 private:
  const OpInstance& op_;
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<std::unique_ptr<OpInput>> inputs_;
};

/** Runs an op's function; what it throws becomes the context's failure. */
void compute(void (*work)(OpContext&), const OpInstance& op, TF_OpKernelContext* context);
OpInstance* create(const OpDefinition& definition, TF_OpKernelConstruction* construction);
void register_op(const OpDefinition& definition, void* (*create)(TF_OpKernelConstruction*),
                 void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));

/** Makes `work` an op, when constructed as a static. */
template <void (*work)(OpContext&)>
class Op {
 public:
  explicit Op(const OpDefinition& definition) {
    this->definition() = definition;
    register_op(
        definition,
        [](TF_OpKernelConstruction* construction) -> void* { return create(Op::definition(), construction); },
        [](void* op, TF_OpKernelContext* context) { compute(work, *static_cast<OpInstance*>(op), context); },
        [](void* op) { delete static_cast<OpInstance*>(op); });
  }

 private:
  static OpDefinition& definition() {
    static OpDefinition definition;
    return definition;
  }
};
