#include "tailor/ops/bf16/unpool.hpp"

#include <cstring>

#include "tailor/ops/bf16/begin.hpp"
//
#include "tailor/ops/bf16/vectors.hpp"

namespace tailor::bf16 {

void unpool(const Bf16* diff, const std::uint64_t* winners, int height, int width, Bf16* out) {
  const std::size_t row = std::size_t(width) * 16;
  if (height % 2 == 1) std::memset(static_cast<void*>(out + (height - 1) * row), 0, row * 2);
  for (int y = 0; y + 1 < height; y += 2) {
    Bf16* top = out + std::ptrdiff_t(y) * width * 16;
    Bf16* bottom = top + std::ptrdiff_t(width) * 16;
    for (int x = 0; x + 1 < width; x += 2, diff += 16, ++winners) {
      const __m512i both =
          _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(diff)));
      _mm512_storeu_si512(top + x * 16, _mm512_maskz_mov_epi16(__mmask32(*winners), both));
      _mm512_storeu_si512(bottom + x * 16, _mm512_maskz_mov_epi16(__mmask32(*winners >> 32), both));
    }
    if (width % 2 == 0) continue;
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(top + row - 16), _mm256_setzero_si256());
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(bottom + row - 16), _mm256_setzero_si256());
  }
}

}  // namespace tailor::bf16

#include "tailor/ops/bf16/end.hpp"
