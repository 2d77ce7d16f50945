// Values as tensors hold them, one at a time: f32 or bf16. For vectors of them see simd.hpp.
#pragma once

#include <cstdint>
#include <cstring>

#include "tailor/ops/tensor.hpp"

namespace tailor::internal::simd {

struct Bf16 {
  std::uint16_t bits;
};

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

template <typename T>
T* values(Buffer& buffer) {
  return static_cast<T*>(buffer.data());
}
template <typename T>
const T* values(const Buffer& buffer) {
  return static_cast<const T*>(buffer.data());
}

}  // namespace tailor::internal::simd
