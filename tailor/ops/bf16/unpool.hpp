// The way back through the 2x2 max pooling that our convolutions do on the way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tailor/ops/values.hpp"

namespace tailor::bf16 {

// One channel block of one image: diff (height / 2) x (width / 2) x 16 at the place of its winners
// in out, height x width x 16; an odd last row or column of out, which no window saw, gets zeros.
void unpool(const simd::Bf16* diff, const std::uint64_t* winners, int height, int width,
            simd::Bf16* out);

}  // namespace tailor::bf16
