// Vectors of floats as wide as this machine's registers, for kernels that are written with them by hand.
#pragma once
#include <cstddef>
#include <new>
#include <vector>

#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr int kAccumulators = 28;  // registers that hold sums: 32 less those for operands
#elif defined(__AVX__)
constexpr int kLanes = 8;
constexpr int kAccumulators = 12;
#else
constexpr int kLanes = 4;
constexpr int kAccumulators = 28;
#endif

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef float UnalignedVector __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

inline Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
inline void store(float* to, Vector vector) { *reinterpret_cast<UnalignedVector*>(to) = vector; }

/** Puts numbers where a vector does not straddle two lines of the cache. */
template <typename Value>
struct AlignedAllocator {
  using value_type = Value;
  AlignedAllocator() = default;
  template <typename Other>
  AlignedAllocator(const AlignedAllocator<Other>&) {}
  Value* allocate(std::size_t n) {
    return static_cast<Value*>(::operator new(n * sizeof(Value), std::align_val_t(64)));
  }
  void deallocate(Value* values, std::size_t) { ::operator delete(values, std::align_val_t(64)); }
  bool operator==(const AlignedAllocator&) const { return true; }
  bool operator!=(const AlignedAllocator&) const { return false; }
};
using Floats = std::vector<float, AlignedAllocator<float>>;
