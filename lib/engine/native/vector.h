// Vectors of floats as wide as this machine's registers, for kernels that are written with them by hand.
#pragma once
#include <cstdint>

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
