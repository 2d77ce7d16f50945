// Values and derivatives of the activations, one channel block at a time. Included where simd.hpp
// may be. For each function f:
//
//     value<L>(f, x)           f(x); zero for zero, so that padded lanes stay what they are
//     gradient<L>(f, v, d)     d times the derivative; v is the function's result where
//                              is_from_result(f), else its source
//
// A derivative that the result tells spares a plan keeping the source.
//
// Relative errors against double precision are below 2e-6 for |x| up to 4; beyond, rounding the
// exponent of e adds to them what that is large (activation_test.cpp).
#pragma once

#if !defined(TAILOR_TARGET)
#error "include tailor/core/target/begin.hpp first"
#endif

namespace tailor::internal::TAILOR_TARGET {

// e to the x: 2^n times 1 + rest, rest = e^r - 1 with |r| <= log(2) / 2, by the polynomial of
// Cephes's expf (S. Moshier, netlib.org/cephes, single/expf.c). Beyond -87 and 88, where results
// leave the normal numbers, that of the bound.
template <int L>
struct Power {
  simd::F<L> of_two, rest;
};
template <int L>
[[gnu::always_inline]] inline Power<L> power(simd::F<L> x) {
  using F = simd::F<L>;
  x = x < -87.f ? F{} - 87.f : x;
  x = x > 88.f ? F{} + 88.f : x;
  constexpr float kRounds = 12582912.f;  // 1.5 * 2^23: what is added to it loses its fraction
  const F n = (x * 1.44269504088896341f + kRounds) - kRounds;
  const F r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  F p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const auto bits = (__builtin_convertvector(n, typename simd::Lanes<L>::I) + 127) << 23;
  return {(F)bits, p * (r * r) + r};
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> exponential(simd::F<L> x) {
  const Power<L> p = power<L>(x);
  return (p.rest + 1.f) * p.of_two;
}
// That minus 1, without cancelling near 0.
template <int L>
[[gnu::always_inline]] inline simd::F<L> exponential_minus_one(simd::F<L> x) {
  const Power<L> p = power<L>(x);
  return p.rest * p.of_two + (p.of_two - 1.f);
}

// 1 / (1 + e^-x), and 1 minus that without cancelling.
template <int L>
struct Sigmoid {
  simd::F<L> value, rest;
};
template <int L>
[[gnu::always_inline]] inline Sigmoid<L> sigmoid(simd::F<L> x) {
  const simd::F<L> e = exponential<L>(-x);
  const simd::F<L> s = 1.f / (1.f + e);
  return {s, e * s};
}

constexpr bool is_from_result(const Relu&) {
  return true;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> value(const Relu&, simd::F<L> x) {
  return x <= 0 ? simd::F<L>{} : x;  // what is no number stays
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> gradient(const Relu&, simd::F<L> y, simd::F<L> d) {
  return y > 0 ? d : simd::F<L>{};
}

// Of a slope that is not negative, so that results have their source's sign.
constexpr bool is_from_result(const LeakyRelu&) {
  return true;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> value(const LeakyRelu& f, simd::F<L> x) {
  return x > 0 ? x : x * float(f.negative_slope);
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> gradient(const LeakyRelu& f, simd::F<L> y, simd::F<L> d) {
  return y > 0 ? d : d * float(f.negative_slope);
}

// x where it is positive, else alpha (e^x - 1) (Clevert, Unterthiner & Hochreiter 2015). The result
// would tell the derivative, too, but rounded to bf16 it is off by 4 % at -3.
constexpr bool is_from_result(const Elu&) {
  return false;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> value(const Elu& f, simd::F<L> x) {
  return x > 0 ? x : exponential_minus_one<L>(x) * float(f.alpha);
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> gradient(const Elu& f, simd::F<L> x, simd::F<L> d) {
  return x > 0 ? d : d * exponential<L>(x) * float(f.alpha);
}

// x * sigmoid(x) (Hendrycks & Gimpel 2016).
constexpr bool is_from_result(const Silu&) {
  return false;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> value(const Silu&, simd::F<L> x) {
  return x * sigmoid<L>(x).value;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> gradient(const Silu&, simd::F<L> x, simd::F<L> d) {
  const Sigmoid<L> s = sigmoid<L>(x);
  return d * s.value * (1.f + x * s.rest);
}

// The density of the normal distribution at x times sqrt(2 pi), and the share below x. With a =
// |x|, the share beyond a is e^(-a^2 / 2) t Q(t), t = 1 / (1 + 0.36 a): the form of Abramowitz &
// Stegun 7.1.26, with nine coefficients that tools/golden/fit_normal_tail.py fitted. Its tails are
// as exact as its middle, which 1 + erf would not be.
template <int L>
struct Normal {
  simd::F<L> density, below;
};
template <int L>
[[gnu::always_inline]] inline Normal<L> normal(simd::F<L> x) {
  using F = simd::F<L>;
  const F a = x > 0 ? x : -x;
  const F t = 1.f / (1.f + 0.36f * a);
  F q = t * -0.02937125228345394f + 0.13507269322872162f;
  q = q * t - 0.21405436098575592f;
  q = q * t + 0.0961240902543068f;
  q = q * t + 0.007513735443353653f;
  q = q * t + 0.09266380965709686f;
  q = q * t + 0.12486060708761215f;
  q = q * t + 0.1435665786266327f;
  q = q * t + 0.14362406730651855f;
  const F density = exponential<L>(a * a * -0.5f);
  const F beyond = density * t * q;
  return {density, x > 0 ? 1.f - beyond : beyond};
}

// Of the approximation by a tanh: x * sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3).
constexpr float kTwiceU = 1.5957691216057308f;        // 2 sqrt(2 / pi)
constexpr float kTwiceUCubic = 0.07135481282553505f;  // that times 0.044715

constexpr bool is_from_result(const Gelu&) {
  return false;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> value(const Gelu& f, simd::F<L> x) {
  if (!f.approximate) return x * normal<L>(x).below;
  return x * sigmoid<L>(x * (kTwiceU + kTwiceUCubic * x * x)).value;
}
template <int L>
[[gnu::always_inline]] inline simd::F<L> gradient(const Gelu& f, simd::F<L> x, simd::F<L> d) {
  if (!f.approximate) {
    const Normal<L> n = normal<L>(x);
    return d * (n.below + x * n.density * 0.3989422804014327f);
  }
  const Sigmoid<L> s = sigmoid<L>(x * (kTwiceU + kTwiceUCubic * x * x));
  return d * s.value * (1.f + x * s.rest * (kTwiceU + 3 * kTwiceUCubic * x * x));
}

}  // namespace tailor::internal::TAILOR_TARGET
