// Vectors of one channel block for our own kernels, on GCC's and Clang's vector extension:
// arithmetic happens in f32, memory holds f32 or bf16. Templates over value type and lanes, because
// every loop body depends on both (docs/decisions.md). Compiled once per target: include it right
// after core/target/begin.hpp and nowhere else.
#pragma once

#if !defined(TAILOR_TARGET)
#error "include tailor/core/target/begin.hpp first"
#endif

namespace tailor::internal::TAILOR_TARGET::simd {

using namespace tailor::internal::simd;

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

template <int L>
[[gnu::always_inline]] inline F<L> load(const float* p) {
  F<L> v;
  std::memcpy(&v, p, sizeof(v));
  return v;
}
template <int L>
[[gnu::always_inline]] inline F<L> load(const Bf16* p) {
  typename Lanes<L>::H half;
  std::memcpy(&half, p, sizeof(half));
  return (F<L>)(__builtin_convertvector(half, typename Lanes<L>::U) << 16);
}

template <int L>
[[gnu::always_inline]] inline void store(float* p, F<L> v) {
  std::memcpy(p, &v, sizeof(v));
}
template <int L>
[[gnu::always_inline]] inline void store(Bf16* p, F<L> v) {
#if defined(TAILOR_TARGET_AVX512_BF16)
  static_assert(L == 16);
  const auto half = __builtin_ia32_cvtneps2bf16_v16sf(v);  // rounds the same way
#else
  const auto bits = (typename Lanes<L>::U)v;
  const auto rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const auto half = __builtin_convertvector(rounded, typename Lanes<L>::H);
#endif
  std::memcpy(p, &half, sizeof(half));
}

// `largest` of some values whose `sum` this is; what is no number where one of them is: no
// comparison finds that, and a diverged net must show.
template <typename Vector>
[[gnu::always_inline]] inline Vector unless_nan(Vector largest, Vector sum) {
  return sum == sum ? largest : sum;
}

// Calls f with a value of the memory type and the lanes as a type: the one place where run-time
// properties become types. AVX-512 brings 16 lanes, and native bf16 comes with these only. A
// baseline that is built alone stands in for every target and has all. Beside the others it has 8
// lanes: GCC 12 splits vectors of 16 into four of its own, with which f32/winograd_op.cpp took 26 s
// of compiler time instead of 7 and f32/dense_op.cpp 4 instead of 1.5.
template <int L>
struct Width {
  static constexpr int kLanes = L;
};

template <typename Function>
[[gnu::always_inline]] inline void dispatch(Precision precision, int lanes, Function f) {
#if !defined(TAILOR_X86_TARGETS) || defined(TAILOR_TARGET_AVX512_BF16)
  if (precision == Precision::kBf16) return f(Bf16{}, Width<16>{});
#endif
  if (precision != Precision::kF32) throw failure("bf16 on a CPU that has none");
#if !defined(TAILOR_X86_TARGETS) || defined(TAILOR_TARGET_AVX512) || \
    defined(TAILOR_TARGET_AVX512_BF16)
  if (lanes == 16) return f(float{}, Width<16>{});
#endif
#if defined(TAILOR_TARGET_BASELINE) || defined(TAILOR_TARGET_AVX2)
  if (lanes == 8) return f(float{}, Width<8>{});
#endif
  throw failure("channel blocks of another CPU");
}

}  // namespace tailor::internal::TAILOR_TARGET::simd
