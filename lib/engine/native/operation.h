// Turns functions into TensorFlow operations that tfjs can call, through TensorFlow's C interface for kernels.
// All tensors are float32; images are [n, height, width, channels].
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/tf_tensor.h"

class Input {
 public:
  Input(TF_OpKernelContext* context, int index, TF_Status* status) { TF_GetInput(context, index, &tensor_, status); }
  ~Input() { TF_DeleteTensor(tensor_); }
  Input(const Input&) = delete;
  const float* data() const { return static_cast<const float*>(TF_TensorData(tensor_)); }
  int64_t size() const { return TF_TensorElementCount(tensor_); }
  int rank() const { return TF_NumDims(tensor_); }
  /** Negative axes count from the last. */
  int64_t dim(int axis) const { return TF_Dim(tensor_, axis < 0 ? rank() + axis : axis); }
  std::vector<int64_t> shape() const;

 private:
  TF_Tensor* tensor_ = nullptr;
};

/** One call of an operation. A failure is reported to TensorFlow at the end of the call. */
class Call {
 public:
  Call(TF_OpKernelContext* context, const std::vector<float>& attributes);
  ~Call();
  const Input& input(int index) const { return *inputs_[index]; }
  int inputs() const { return static_cast<int>(inputs_.size()); }
  float attribute(int index) const { return attributes_[index]; }
  /** @returns null where there is no memory: the call then ends with TensorFlow's error */
  float* output(int index, const std::vector<int64_t>& shape);
  bool ok() const { return TF_GetCode(status_) == TF_OK; }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  const std::vector<float>& attributes_;
  std::vector<std::unique_ptr<Input>> inputs_;
};

using Names = std::vector<const char*>;

/** An operation's name, its tensors and its attributes, which are floats. */
struct Definition {
  const char* name;
  Names inputs, outputs, attributes = {};
  /** Inputs after the others, as many as the further attribute "parts" says, a whole number. */
  const char* list = nullptr;
};

void register_operation(const Definition& definition, void* (*create)(TF_OpKernelConstruction*),
                        void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));
std::vector<float>* read_attributes(const Names& names, TF_OpKernelConstruction* construction);

/** Makes `work` an operation, when constructed as a static. */
template <void (*work)(Call&)>
class Operation {
 public:
  explicit Operation(const Definition& definition) {
    attributes() = definition.attributes;
    register_operation(
        definition,
        [](TF_OpKernelConstruction* construction) -> void* { return read_attributes(attributes(), construction); },
        [](void* attributes, TF_OpKernelContext* context) {
          Call call(context, *static_cast<std::vector<float>*>(attributes));
          if (call.ok()) work(call);
        },
        [](void* attributes) { delete static_cast<std::vector<float>*>(attributes); });
  }

 private:
  static Names& attributes() {
    static Names names;
    return names;
  }
};
