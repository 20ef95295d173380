#include "op.h"

#include <cstdio>
#include <new>

#include "tensorflow/c/ops.h"

namespace {

struct Status {
  Status() : raw(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(raw); }
  Status(const Status&) = delete;
  bool ok() const { return TF_GetCode(raw) == TF_OK; }
  TF_Status* const raw;
};

std::string name_of(const std::string& definition) { return definition.substr(0, definition.find(':')); }

/** "bool" of "relu: bool", "int" of "count: int >= 1". */
std::string type_of(const std::string& definition) {
  const std::string type = definition.substr(definition.find(": ") + 2);
  return type.substr(0, type.find(' '));
}

/** "count" of "x: count * float", nothing of "x: float". */
std::string count_of(const std::string& definition) {
  return definition.find('*') == std::string::npos ? "" : type_of(definition);
}

std::string element(const std::string& list, int64_t index) { return list + "[" + std::to_string(index) + "]"; }

}  // namespace

std::string to_string(const Shape& shape) {
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : ", ") + (size == kAny ? "any" : std::to_string(size));
  return "[" + text + "]";
}

OpInstance::OpInstance(const OpDefinition& definition, TF_OpKernelConstruction* construction, TF_Status* status)
    : name(definition.name) {
  for (const std::string& attribute : definition.attributes) {
    const std::string own = name_of(attribute), type = type_of(attribute);
    TF_Bool flag = 0;
    int64_t whole = 0;
    float number = 0;
    if (type == "bool") {
      TF_OpKernelConstruction_GetAttrBool(construction, own.c_str(), &flag, status);
      attributes.emplace_back(own, flag != 0);
    } else if (type == "int") {
      TF_OpKernelConstruction_GetAttrInt64(construction, own.c_str(), &whole, status);
      attributes.emplace_back(own, whole);
    } else {
      TF_OpKernelConstruction_GetAttrFloat(construction, own.c_str(), &number, status);
      attributes.emplace_back(own, number);
    }
    if (TF_GetCode(status) != TF_OK) return;
  }
  const auto expand = [&](const std::vector<std::string>& definitions, std::vector<std::string>& names) {
    for (const std::string& tensor : definitions) {
      const std::string count = count_of(tensor);
      if (count.empty()) names.push_back(name_of(tensor));
      for (const auto& [own, value] : attributes)
        if (own == count)
          for (int64_t i = 0; i < std::get<int64_t>(value); i++) names.push_back(element(name_of(tensor), i));
    }
  };
  expand(definition.inputs, inputs);
  expand(definition.outputs, outputs);
}

Shape OpInput::shape() const {
  Shape sizes(rank());
  for (int axis = 0; axis < rank(); axis++) sizes[axis] = dim(axis);
  return sizes;
}

/** TensorFlow has checked the number of inputs and their types by the op's definition. */
OpContext::OpContext(const OpInstance& op, TF_OpKernelContext* context, TF_Status* status)
    : op_(op), context_(context), status_(status) {
  for (size_t i = 0; i < op.inputs.size(); i++) {
    inputs_.push_back(std::make_unique<OpInput>(op.inputs[i], context, static_cast<int>(i), status));
    if (TF_GetCode(status) != TF_OK) throw std::runtime_error(TF_Message(status));
  }
}

const OpInput& OpContext::input(const std::string& name) const {
  for (const auto& input : inputs_)
    if (input->name == name) return *input;
  throw std::logic_error(op_.name + " has no input " + name);
}

std::vector<const OpInput*> OpContext::inputs(const std::string& list) const {
  std::vector<const OpInput*> result;
  for (const auto& input : inputs_)
    if (input->name == element(list, result.size())) result.push_back(input.get());
  return result;
}

float* OpContext::output(const std::string& name, const Shape& shape) {
  int index = 0;
  while (index < static_cast<int>(op_.outputs.size()) && op_.outputs[index] != name) index++;
  if (index == static_cast<int>(op_.outputs.size())) throw std::logic_error(op_.name + " has no output " + name);
  int64_t bytes = sizeof(float);
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(bytes, size, &bytes))
      fail(name + " would be " + to_string(shape) + ", which is too large");
  const int rank = static_cast<int>(shape.size());
  TF_Tensor* const tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), rank, bytes, status_);
  if (TF_GetCode(status_) == TF_RESOURCE_EXHAUSTED) throw std::bad_alloc();
  if (TF_GetCode(status_) != TF_OK) throw std::runtime_error(TF_Message(status_));
  float* const data = static_cast<float*>(TF_TensorData(tensor));
  TF_DeleteTensor(tensor);  // the context keeps it
  return data;
}

int64_t OpContext::output_count(const std::string& list) const {
  int64_t count = 0;
  for (const std::string& output : op_.outputs) count += output == element(list, count);
  return count;
}

void OpContext::require_shape(const OpInput& input, const Shape& shape) const {
  bool fits = input.rank() == static_cast<int>(shape.size());
  for (int axis = 0; fits && axis < input.rank(); axis++) fits = shape[axis] == kAny || shape[axis] == input.dim(axis);
  if (!fits) fail(input.name + " is " + to_string(input.shape()) + ", but must be " + to_string(shape));
}

void OpContext::fail(const std::string& message) const { throw InvalidArgument(op_.name + ": " + message); }

void compute(void (*work)(OpContext&), const OpInstance& op, TF_OpKernelContext* context) {
  const Status status;
  try {
    OpContext call(op, context, status.raw);
    return work(call);
  } catch (const InvalidArgument& error) {
    TF_SetStatus(status.raw, TF_INVALID_ARGUMENT, error.what());
  } catch (const std::bad_alloc&) {
    TF_SetStatus(status.raw, TF_RESOURCE_EXHAUSTED, (op.name + ": there is not enough memory").c_str());
  } catch (const std::length_error&) {  // a vector longer than there can be
    TF_SetStatus(status.raw, TF_RESOURCE_EXHAUSTED, (op.name + ": there is not enough memory").c_str());
  } catch (const std::exception& error) {
    TF_SetStatus(status.raw, TF_INTERNAL, (op.name + ": " + error.what()).c_str());
  } catch (...) {
    TF_SetStatus(status.raw, TF_INTERNAL, (op.name + ": unknown exception").c_str());
  }
  TF_OpKernelContext_Failure(context, status.raw);
}

OpInstance* create(const OpDefinition& definition, TF_OpKernelConstruction* construction) {
  const Status status;
  OpInstance* instance = nullptr;
  try {
    instance = new OpInstance(definition, construction, status.raw);
  } catch (const std::exception& error) {
    TF_SetStatus(status.raw, TF_INTERNAL, error.what());
  }
  if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.raw);
  return instance;
}

namespace {

/** Ops are registered while the library is loaded, when there is no caller to report to. */
void report(const Status& status, const char* op) {
  if (!status.ok()) std::fprintf(stderr, "TensorFlow op %s cannot be used: %s\n", op, TF_Message(status.raw));
}

}  // namespace

void register_op(const OpDefinition& definition, void* (*create)(TF_OpKernelConstruction*),
                 void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)) {
  TF_OpDefinitionBuilder* const builder = TF_NewOpDefinitionBuilder(definition.name);
  for (const std::string& input : definition.inputs) TF_OpDefinitionBuilderAddInput(builder, input.c_str());
  for (const std::string& output : definition.outputs) TF_OpDefinitionBuilderAddOutput(builder, output.c_str());
  for (const std::string& attribute : definition.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute.c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, &TF_ShapeInferenceContextSetUnknownShape);
  const Status status;
  TF_RegisterOpDefinition(builder, status.raw);
  report(status, definition.name);
  TF_KernelBuilder* const kernel = TF_NewKernelBuilder(definition.name, "CPU", create, compute, destroy);
  TF_RegisterKernelBuilder(definition.name, kernel, status.raw);
  report(status, definition.name);
}
