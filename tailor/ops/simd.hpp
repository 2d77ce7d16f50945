// Vectors of one channel block for our own kernels, on GCC's and Clang's vector extension:
// arithmetic happens in f32, memory holds f32 or bf16. Templates over value type and lanes, because
// every loop body depends on both (docs/decisions.md).
#pragma once

#include <cstdint>
#include <cstring>

#include "tailor/ops/tensor.hpp"

namespace tailor::simd {

struct Bf16 {
  std::uint16_t bits;
};

template <int L>
struct Lanes {
  typedef float F __attribute__((vector_size(L * 4)));
  typedef std::int32_t I __attribute__((vector_size(L * 4)));
  typedef std::uint32_t U __attribute__((vector_size(L * 4)));
  typedef std::uint16_t H __attribute__((vector_size(L * 2)));
  typedef std::uint8_t B __attribute__((vector_size(L)));
};

template <int L>
using F = typename Lanes<L>::F;

inline float to_float(float v) {
  return v;
}
inline float to_float(Bf16 v) {
  const std::uint32_t bits = std::uint32_t(v.bits) << 16;
  float out;
  std::memcpy(&out, &bits, 4);
  return out;
}

// Round to nearest, ties to even, as the library does.
inline void from_float(float v, float& out) {
  out = v;
}
inline void from_float(float v, Bf16& out) {
  std::uint32_t bits;
  std::memcpy(&bits, &v, 4);
  out.bits = std::uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <int L>
F<L> load(const float* p) {
  F<L> v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}
template <int L>
F<L> load(const Bf16* p) {
  typename Lanes<L>::H half;
  std::memcpy(&half, p, sizeof(half));
  return (F<L>)(__builtin_convertvector(half, typename Lanes<L>::U) << 16);
}

template <int L>
void store(float* p, F<L> v) {
  std::memcpy(p, &v, sizeof(v));
}
template <int L>
void store(Bf16* p, F<L> v) {
  const auto bits = (typename Lanes<L>::U)v;
  const auto rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const auto half = __builtin_convertvector(rounded, typename Lanes<L>::H);
  std::memcpy(p, &half, sizeof(half));
}

// Calls f with a value of the memory type and the lanes as a type: the one place where run-time
// properties become types.
template <int L>
struct Width {
  static constexpr int kLanes = L;
};

template <typename Function>
void dispatch(Precision precision, int lanes, Function f) {
  if (precision == Precision::kF32) {
    if (lanes == 16) return f(float{}, Width<16>{});
    return f(float{}, Width<8>{});
  }
  return f(Bf16{}, Width<16>{});  // native bf16 comes with 16 lanes only
}

template <typename T>
T* values(Buffer& buffer) {
  return static_cast<T*>(buffer.data());
}
template <typename T>
const T* values(const Buffer& buffer) {
  return static_cast<const T*>(buffer.data());
}

}  // namespace tailor::simd
