// Kernels that TensorFlow lacks or has only slowly, for the training of our models on a CPU. Compiled into tfjs-node's
// binding at set-up and registered as TensorFlow operations, so that tfjs calls them like any other.
// All work on float32, channels last. Each pass over a large tensor is shared among threads.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <thread>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_tensor.h"

namespace {

constexpr int64_t kMostThreads = 256;

/** Calls work(begin, end, part) on parts of 0 … n, on as many threads as there are cores when n is worth it. */
template <typename Work>
void in_parallel(int64_t n, int64_t worth, Work work) {
  static const int64_t cores = std::clamp<int64_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
  const int64_t parts = std::min(cores, n / worth);
  if (parts <= 1) return work(int64_t{0}, n, 0);
  std::vector<std::thread> threads;
  for (int64_t part = 1; part < parts; part++)
    threads.emplace_back([=] { work(n * part / parts, n * (part + 1) / parts, part); });
  work(int64_t{0}, n / parts, 0);
  for (std::thread& thread : threads) thread.join();
}

struct Input {
  TF_Tensor* tensor = nullptr;
  ~Input() { TF_DeleteTensor(tensor); }
  const float* data() const { return static_cast<const float*>(TF_TensorData(tensor)); }
  int64_t dim(int axis) const { return TF_Dim(tensor, axis); }
  int64_t size() const { return TF_TensorElementCount(tensor); }
};

/** One call of a kernel: its inputs, and outputs with the shape of one of them. */
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    if (TF_GetCode(status_) != TF_OK) TF_OpKernelContext_Failure(context_, status_);
    TF_DeleteStatus(status_);
  }
  void input(int index, Input* into) { TF_GetInput(context_, index, &into->tensor, status_); }
  float* output(int index, const Input& like) {
    std::vector<int64_t> dims(TF_NumDims(like.tensor));
    for (size_t axis = 0; axis < dims.size(); axis++) dims[axis] = like.dim(static_cast<int>(axis));
    return output(index, dims);
  }
  float* output(int index, const std::vector<int64_t>& dims) {
    int64_t bytes = sizeof(float);
    for (int64_t dim : dims) bytes *= dim;
    TF_Tensor* tensor =
        TF_AllocateOutput(context_, index, TF_FLOAT, dims.data(), static_cast<int>(dims.size()), bytes, status_);
    float* data = static_cast<float*>(TF_TensorData(tensor));
    TF_DeleteTensor(tensor);  // the context keeps it
    return data;
  }
  bool ok() const { return TF_GetCode(status_) == TF_OK; }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
};

/**
 * The gradient of 2x2 max-pooling with stride 2 and even height and width: x, y = pool(x), dy -> dx. As TensorFlow's,
 * the first of several equal largest values gets all of dy.
 */
void max_pool_gradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  Input x, y, dy;
  call.input(0, &x);
  call.input(1, &y);
  call.input(2, &dy);
  if (!call.ok()) return;
  const int64_t channels = y.dim(3), columns = y.dim(2), rows = y.dim(0) * y.dim(1);
  const int64_t line = 2 * columns * channels;
  float* const dx = call.output(0, x);
  const float *const px = x.data(), *const py = y.data(), *const pdy = dy.data();
  in_parallel(rows, 64, [=](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t column = 0; column < columns; column++) {
        const int64_t from = (row * columns + column) * channels;
        const int64_t to = 2 * row * line + 2 * column * channels;
        const float *__restrict const x0 = px + to, *__restrict const x1 = x0 + channels, *__restrict const x2 = x0 + line;
        float *__restrict const d0 = dx + to, *__restrict const d1 = d0 + channels;
        float *__restrict const d2 = d0 + line, *__restrict const d3 = d2 + channels;
        for (int64_t c = 0; c < channels; c++) {
          const float largest = py[from + c], gradient = pdy[from + c];
          const bool is0 = x0[c] == largest;
          const bool is1 = !is0 & (x1[c] == largest);
          const bool is2 = !is0 & !is1 & (x2[c] == largest);
          d0[c] = is0 ? gradient : 0;
          d1[c] = is1 ? gradient : 0;
          d2[c] = is2 ? gradient : 0;
          d3[c] = !is0 & !is1 & !is2 ? gradient : 0;
        }
      }
  });
}

/** x [..., channels], bias [channels] -> max(x + bias, 0). */
void bias_relu(void*, TF_OpKernelContext* context) {
  Call call(context);
  Input x, bias;
  call.input(0, &x);
  call.input(1, &bias);
  if (!call.ok()) return;
  const int64_t channels = bias.size(), rows = x.size() / channels;
  float* const y = call.output(0, x);
  const float *const px = x.data(), *const b = bias.data();
  in_parallel(rows, 65536 / channels + 1, [=](int64_t begin, int64_t end, int64_t) {
    for (int64_t row = begin; row < end; row++)
      for (int64_t c = 0; c < channels; c++) {
        const float sum = px[row * channels + c] + b[c];
        y[row * channels + c] = sum < 0 ? 0 : sum;  // NaN stays NaN
      }
  });
}

/** dy, y = max(x + bias, 0) -> the gradients of x and of bias. */
void bias_relu_gradient(void*, TF_OpKernelContext* context) {
  Call call(context);
  Input dy, y;
  call.input(0, &dy);
  call.input(1, &y);
  if (!call.ok()) return;
  const int64_t channels = y.dim(TF_NumDims(y.tensor) - 1), rows = y.size() / channels;
  float* const dx = call.output(0, y);
  float* const dbias = call.output(1, std::vector<int64_t>{channels});
  const float *const pdy = dy.data(), *const py = y.data();
  std::vector<std::vector<double>> sums(kMostThreads);
  auto* const partial = sums.data();
  in_parallel(rows, 65536 / channels + 1, [=](int64_t begin, int64_t end, int64_t part) {
    constexpr int64_t kBlock = 64;  // rows that stay in the cache, and are summed in float before the double sums
    std::vector<double> total(channels, 0);
    std::vector<float> block(channels);
    for (int64_t first = begin; first < end; first += kBlock) {
      const int64_t n = (std::min(end, first + kBlock) - first) * channels;
      const float* __restrict const gradient = pdy + first * channels;
      const float* __restrict const value = py + first * channels;
      float* __restrict const result = dx + first * channels;
      float* __restrict const sum = block.data();
      for (int64_t i = 0; i < n; i++) {
        const float full = gradient[i];  // read in any case: a choice without a branch
        result[i] = value[i] > 0 ? full : 0;
      }
      std::fill(block.begin(), block.end(), 0.0f);
      for (int64_t row = 0; row < n; row += channels)
        for (int64_t c = 0; c < channels; c++) sum[c] += result[row + c];
      for (int64_t c = 0; c < channels; c++) total[c] += sum[c];
    }
    partial[part] = total;
  });
  for (int64_t c = 0; c < channels; c++) {
    double sum = 0;
    for (const std::vector<double>& total : sums)
      if (!total.empty()) sum += total[c];
    dbias[c] = static_cast<float>(sum);
  }
}

/**
 * One step of Adam (Kingma & Ba 2015), in tfjs' arithmetic: value, first and second moment, gradient, and
 * [learning rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, 1 - beta1^t, 1 - beta2^t] -> the new value and moments.
 */
void adam(void*, TF_OpKernelContext* context) {
  Call call(context);
  Input value, first, second, gradient, settings;
  call.input(0, &value);
  call.input(1, &first);
  call.input(2, &second);
  call.input(3, &gradient);
  call.input(4, &settings);
  if (!call.ok()) return;
  float* const new_value = call.output(0, value);
  float* const new_first = call.output(1, value);
  float* const new_second = call.output(2, value);
  const float *const p = value.data(), *const m = first.data(), *const v = second.data(), *const g = gradient.data();
  const float* const s = settings.data();
  const float rate = s[0], keep1 = s[1], take1 = s[2], keep2 = s[3], take2 = s[4], epsilon = s[5];
  const float correction1 = s[6], correction2 = s[7];
  in_parallel(value.size(), 65536, [=](int64_t begin, int64_t end, int64_t) {
    for (int64_t i = begin; i < end; i++) {
      new_first[i] = m[i] * keep1 + g[i] * take1;
      new_second[i] = v[i] * keep2 + g[i] * g[i] * take2;
      const float step = (new_first[i] / correction1) / (std::sqrt(new_second[i] / correction2) + epsilon);
      new_value[i] = step * -rate + p[i];
    }
  });
}

void unknown_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

void register_kernel(const char* name, std::vector<const char*> inputs, std::vector<const char*> outputs,
                     void (*compute)(void*, TF_OpKernelContext*)) {
  TF_Status* const status = TF_NewStatus();
  TF_OpDefinitionBuilder* const definition = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, &unknown_shape);
  TF_RegisterOpDefinition(definition, status);
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", nullptr, compute, nullptr), status);
  TF_DeleteStatus(status);
}

const bool registered = [] {
  register_kernel("DenoiserMaxPoolGrad", {"x: float", "y: float", "dy: float"}, {"dx: float"}, max_pool_gradient);
  register_kernel("DenoiserBiasRelu", {"x: float", "bias: float"}, {"y: float"}, bias_relu);
  register_kernel("DenoiserBiasReluGrad", {"dy: float", "y: float"}, {"dx: float", "dbias: float"}, bias_relu_gradient);
  register_kernel("DenoiserAdam",
                  {"value: float", "first: float", "second: float", "gradient: float", "settings: float"},
                  {"new_value: float", "new_first: float", "new_second: float"}, adam);
  return true;
}();

}  // namespace
