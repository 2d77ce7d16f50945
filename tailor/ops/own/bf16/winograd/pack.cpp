#include <algorithm>

#include "tailor/ops/own/bf16/winograd/winograd.hpp"

#include "tailor/ops/own/bf16/begin.hpp"

#include "tailor/ops/own/bf16/vectors.hpp"

namespace tailor::internal::bf16 {
namespace {

// G g G' of 16 input channels' kernels, the channels in the lanes: u[i][j].
TAILOR_KERNEL void transform_kernel(const __m512 (&g)[3][3], __m512 (&u)[4][4]) {
  const __m512 half = _mm512_set1_ps(.5f);
  __m512 t[4][3];
#pragma GCC unroll 3
  for (int c = 0; c < 3; ++c) {
    const __m512 ends = (g[0][c] + g[2][c]) * half;
    const __m512 middle = g[1][c] * half;
    t[0][c] = g[0][c];
    t[1][c] = ends + middle;
    t[2][c] = ends - middle;
    t[3][c] = g[2][c];
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const __m512 ends = (t[i][0] + t[i][2]) * half;
    const __m512 middle = t[i][1] * half;
    u[i][0] = t[i][0];
    u[i][1] = ends + middle;
    u[i][2] = ends - middle;
    u[i][3] = t[i][2];
  }
}

// Where pair `pair` of input channels and position (i, j) of output block `block` lies in U.
struct Place {
  int in_blocks, out_blocks;
  Bf16* at(Bf16* u, int block, int i, int pair, int j) const {
    const std::size_t pairs = std::size_t(in_blocks) * 8;
    const std::size_t before = std::size_t(block / 2) * 4 * pairs * 256;
    const bool alone = out_blocks % 2 == 1 && block == out_blocks - 1;
    if (alone) return u + before + ((i * pairs + pair) * 4 + j) * 32;
    return u + before + (((i * pairs + pair) * 4 + j) * 2 + block % 2) * 32;
  }
};

// The kernels of one output and 16 inputs, `lanes` of which exist.
TAILOR_KERNEL void gather_kernels(const float* kernel, __mmask16 lanes, __m512 (&g)[3][3]) {
  const __m512i nine = _mm512_mullo_epi32(
      _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(9));
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; ++tap) {
    g[tap / 3][tap % 3] =
        _mm512_mask_i32gather_ps(_mm512_setzero_ps(), lanes, nine, kernel + tap, 4);
  }
}

// scratch[position][16 outputs][16 inputs] to U: the pairs of inputs of 16 outputs side by side.
void store_forward(const Bf16* scratch, const Place& place, int out_block, int in_block, Bf16* u) {
  const __m512i eighth = _mm512_mullo_epi32(
      _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(8));
  for (int position = 0; position < 16; ++position) {
    for (int pair = 0; pair < 8; ++pair) {
      const Bf16* from = scratch + position * 256 + pair * 2;
      _mm512_store_si512(place.at(u, out_block, position / 4, in_block * 8 + pair, position % 4),
                         _mm512_i32gather_epi32(eighth, (const int*)from, 4));
    }
  }
}

// 0 and 3 change places when a kernel is turned.
constexpr int turned_position(int i) {
  return i == 0 ? 3 : i == 3 ? 0 : i;
}

}  // namespace

void winograd_pack(const float* kernel, int out, int in, int first_block, int last_block,
                   Bf16* forward, Bf16* turned, Bf16* scratch) {
  const int in_blocks = (in + 15) / 16;
  const int out_blocks = (out + 15) / 16;
  const Place ahead{in_blocks, out_blocks};
  const Place back{out_blocks, in_blocks};
  for (int block = first_block; block < last_block; ++block) {
    for (int in_block = 0; in_block < in_blocks; ++in_block) {
      const __mmask16 lanes = first_lanes(in - in_block * 16);
      __m512 even[4][4];
      for (int lane = 0; lane < 16; ++lane) {
        const int o = block * 16 + lane;
        __m512 g[3][3];
        __m512 u[4][4];
        gather_kernels(kernel + (std::size_t(std::min(o, out - 1)) * in + in_block * 16) * 9,
                       o < out ? lanes : __mmask16(0), g);
        transform_kernel(g, u);
        for (int i = 0; i < 4; ++i) {
          for (int j = 0; j < 4; ++j) {
            store16(scratch + (i * 4 + j) * 256 + lane * 16, u[i][j]);
            if (lane % 2 == 0) {
              even[i][j] = u[i][j];
            } else if (turned != nullptr) {
              _mm512_store_si512(back.at(turned, in_block, turned_position(i), block * 8 + lane / 2,
                                         turned_position(j)),
                                 pairs_of(even[i][j], u[i][j]));
            }
          }
        }
      }
      if (forward != nullptr) store_forward(scratch, ahead, block, in_block, forward);
    }
  }
}

}  // namespace tailor::internal::bf16

#include "tailor/ops/own/bf16/end.hpp"
