#include "tailor/ops/bf16/unpool.hpp"

#include "tailor/ops/bf16/begin.hpp"
//
#include "tailor/ops/bf16/vectors.hpp"

namespace tailor::bf16 {

void unpool(const Bf16* diff, const std::uint64_t* winners, int height, int width, Bf16* out) {
  for (int y = 0; y + 1 < height; y += 2) {
    Bf16* top = out + std::ptrdiff_t(y) * width * 16;
    Bf16* bottom = top + std::ptrdiff_t(width) * 16;
    for (int x = 0; x + 1 < width; x += 2, diff += 16, ++winners) {
      const __m512i both =
          _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(diff)));
      _mm512_storeu_si512(top + x * 16, _mm512_maskz_mov_epi16(__mmask32(*winners), both));
      _mm512_storeu_si512(bottom + x * 16, _mm512_maskz_mov_epi16(__mmask32(*winners >> 32), both));
    }
  }
}

}  // namespace tailor::bf16

#include "tailor/ops/bf16/end.hpp"
