// Vectors of floats as wide as the processor's registers, for loops that are written with them by hand.
#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

// DENOISER_LANES forces a width, which the compiler makes up from narrower registers where it has to: for tests.
#if defined(DENOISER_LANES)
constexpr int kLanes = DENOISER_LANES;
#elif defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

/** How many registers may hold sums: all but those for operands, of 32 with AVX-512 and on ARM, of 16 otherwise. */
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kAccumulators = 28;
#else
constexpr int kAccumulators = 12;
#endif

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef float UnalignedVector __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

inline Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }
inline void store(float* to, Vector vector) { *reinterpret_cast<UnalignedVector*>(to) = vector; }

/**
 * Aligns to 64 bytes, so that no vector straddles two cache lines. Numbers that are given no value are not set to zero:
 * most are written before they are read.
 */
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
  template <typename Any>
  void construct(Any* at) {
    ::new (static_cast<void*>(at)) Any;
  }
  template <typename Any, typename... Arguments>
  void construct(Any* at, Arguments&&... arguments) {
    ::new (static_cast<void*>(at)) Any(std::forward<Arguments>(arguments)...);
  }
  bool operator==(const AlignedAllocator&) const { return true; }
  bool operator!=(const AlignedAllocator&) const { return false; }
};
using Floats = std::vector<float, AlignedAllocator<float>>;

constexpr int64_t round_up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }
