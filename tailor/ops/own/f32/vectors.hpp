// What the f32 kernels' fragments share. Included in a target's region only.
#pragma once

#include "tailor/ops/own/simd.hpp"

#define TAILOR_INLINE [[gnu::always_inline]] static inline

namespace tailor::internal::TAILOR_TARGET::f32 {

using namespace tailor::internal::f32;

template <int L>
using F = simd::F<L>;

}  // namespace tailor::internal::TAILOR_TARGET::f32
