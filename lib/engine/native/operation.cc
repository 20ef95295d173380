#include "operation.h"

#include <string>

#include "tensorflow/c/ops.h"

std::vector<int64_t> Input::shape() const {
  std::vector<int64_t> sizes(rank());
  for (int axis = 0; axis < rank(); axis++) sizes[axis] = dim(axis);
  return sizes;
}

Call::Call(TF_OpKernelContext* context, const std::vector<float>& attributes)
    : context_(context), status_(TF_NewStatus()), attributes_(attributes) {
  for (int i = 0; i < TF_NumInputs(context) && ok(); i++)
    inputs_.push_back(std::make_unique<Input>(context, i, status_));
}

Call::~Call() {
  if (!ok()) TF_OpKernelContext_Failure(context_, status_);
  TF_DeleteStatus(status_);
}

float* Call::output(int index, const std::vector<int64_t>& shape) {
  int64_t bytes = sizeof(float);
  for (int64_t size : shape) bytes *= size;
  const int rank = static_cast<int>(shape.size());
  TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), rank, bytes, status_);
  if (!ok()) return nullptr;
  float* data = static_cast<float*>(TF_TensorData(tensor));
  TF_DeleteTensor(tensor);  // the context keeps it
  return data;
}

void register_operation(const Definition& definition, void* (*create)(TF_OpKernelConstruction*),
                        void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*)) {
  TF_Status* const status = TF_NewStatus();
  TF_OpDefinitionBuilder* const builder = TF_NewOpDefinitionBuilder(definition.name);
  const auto floats = [](const char* name) { return std::string(name) + ": float"; };
  for (const char* name : definition.inputs) TF_OpDefinitionBuilderAddInput(builder, floats(name).c_str());
  if (definition.list) {
    TF_OpDefinitionBuilderAddInput(builder, (std::string(definition.list) + ": parts * float").c_str());
    TF_OpDefinitionBuilderAddAttr(builder, "parts: int >= 1");
  }
  for (const char* name : definition.outputs) TF_OpDefinitionBuilderAddOutput(builder, floats(name).c_str());
  for (const char* name : definition.attributes) TF_OpDefinitionBuilderAddAttr(builder, floats(name).c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, &TF_ShapeInferenceContextSetUnknownShape);
  TF_RegisterOpDefinition(builder, status);
  TF_KernelBuilder* const kernel = TF_NewKernelBuilder(definition.name, "CPU", create, compute, destroy);
  TF_RegisterKernelBuilder(definition.name, kernel, status);
  TF_DeleteStatus(status);
}

std::vector<float>* read_attributes(const Names& names, TF_OpKernelConstruction* construction) {
  TF_Status* const status = TF_NewStatus();
  auto* const values = new std::vector<float>(names.size());
  for (size_t i = 0; i < names.size(); i++)
    TF_OpKernelConstruction_GetAttrFloat(construction, names[i], &(*values)[i], status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return values;
}
