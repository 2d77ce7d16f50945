#include "tailor/ops/own/bf16/first_conv.hpp"

#include <cstring>

#include "tailor/ops/own/bf16/begin.hpp"

#include "tailor/ops/own/bf16/results.hpp"

namespace tailor::internal::bf16 {
namespace {

// The image with its padding: whole tiles, and a column that the last pair reaches into.
struct Padded {
  int width, height;
  explicit Padded(const FirstConvShape& s)
      : width(2 * ((s.out_width + 1) / 2) + 4), height(2 * ((s.out_height + 1) / 2) + 2) {}
};

// Rows and columns beyond the padding (of convolutions that stop short of the image) are left out.
const Bf16* copy_image(const FirstConvShape& s, const Bf16* image, void* scratch) {
  const Padded padded(s);
  auto* to = static_cast<Bf16*>(scratch);
  const int rows = s.height < padded.height - s.pad_top ? s.height : padded.height - s.pad_top;
  const int columns = s.width < padded.width - s.pad_left ? s.width : padded.width - s.pad_left;
  for (int y = 0; y < rows; ++y) {
    std::memcpy(static_cast<void*>(to + (y + s.pad_top) * padded.width + s.pad_left),
                image + std::ptrdiff_t(y) * s.width, std::size_t(columns) * sizeof(Bf16));
  }
  return to;
}

// Taps (0, 1) and (2, -) of every row.
template <int kBlocks>
TAILOR_KERNEL void load_taps(const float* taps, __m512bh (&w)[kBlocks][6]) {
#pragma GCC unroll 2
  for (int o = 0; o < kBlocks; ++o) {
#pragma GCC unroll 3
    for (int r = 0; r < 3; ++r) {
      const float* row = taps + (o * 9 + r * 3) * 16;
      w[o][r * 2] = (__m512bh)pairs_of(_mm512_loadu_ps(row), _mm512_loadu_ps(row + 16));
      w[o][r * 2 + 1] = (__m512bh)pairs_of(_mm512_loadu_ps(row + 32), _mm512_setzero_ps());
    }
  }
}

// A 2x2 tile of results: y[block][row][column].
template <int kBlocks>
TAILOR_KERNEL void convolve_tile(const Bf16* pixels, int width, const __m512bh (&w)[kBlocks][6],
                                 __m512 (&y)[kBlocks][2][2]) {
#pragma GCC unroll 4
  for (int r = 0; r < 4; ++r) {
    __m512bh v[4];
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) v[c] = broadcast_pair(pixels + r * width + c);
#pragma GCC unroll 2
    for (int o = 0; o < kBlocks; ++o) {
#pragma GCC unroll 2
      for (int c = 0; c < 2; ++c) {
        if (r < 3) {
          y[o][0][c] = _mm512_dpbf16_ps(y[o][0][c], w[o][r * 2], v[c]);
          y[o][0][c] = _mm512_dpbf16_ps(y[o][0][c], w[o][r * 2 + 1], v[c + 2]);
        }
        if (r > 0) {
          y[o][1][c] = _mm512_dpbf16_ps(y[o][1][c], w[o][r * 2 - 2], v[c]);
          y[o][1][c] = _mm512_dpbf16_ps(y[o][1][c], w[o][r * 2 - 1], v[c + 2]);
        }
      }
    }
  }
}

template <int kBlocks>
void convolve(const FirstConvShape& s, const FirstConvArgs& a, const Bf16* padded, int block) {
  const int width = Padded(s).width;
  __m512bh w[kBlocks][6];
  load_taps<kBlocks>(a.taps + block * 144, w);
  __m512 bias[kBlocks];
  for (int o = 0; o < kBlocks; ++o) {
    bias[o] = a.bias == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(a.bias + (block + o) * 16);
  }
  const __m512 least = _mm512_set1_ps(a.relu ? 0.f : -__builtin_inff());
  for (int ty = 0; ty < s.tile_rows(); ++ty) {
    for (int tx = 0; tx < s.tile_columns(); ++tx) {
      __m512 y[kBlocks][2][2];
#pragma GCC unroll 2
      for (int o = 0; o < kBlocks; ++o) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) y[o][k / 2][k % 2] = bias[o];
      }
      convolve_tile<kBlocks>(padded + 2 * ty * width + 2 * tx, width, w, y);
#pragma GCC unroll 2
      for (int o = 0; o < kBlocks; ++o) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) y[o][k / 2][k % 2] = _mm512_max_ps(least, y[o][k / 2][k % 2]);
        const std::size_t first = std::size_t(block + o) * s.dst_plane();
        if (s.pools) {
          const std::size_t at = first + std::size_t(ty) * s.tile_columns() + tx;
          store_pooled(a.dst + at * 16, a.winners == nullptr ? nullptr : a.winners + at, y[o]);
          continue;
        }
        const int columns = 2 * tx + 1 < s.out_width ? 2 : 1;
        Bf16* to = a.dst + (first + std::size_t(2 * ty) * s.out_width + 2 * tx) * 16;
        store_row(to, y[o][0][0], y[o][0][1], columns, nullptr);
        if (2 * ty + 1 < s.out_height) {
          store_row(to + s.out_width * 16, y[o][1][0], y[o][1][1], columns, nullptr);
        }
      }
    }
  }
}

// The gradients of a tile's two rows as pairs of columns.
struct DiffTile {
  __m512bh top, bottom;
};

// A pooled gradient at the place of its winner.
TAILOR_KERNEL DiffTile spread(const Bf16* diff, std::uint64_t winners) {
  __m512i both = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)diff));
  both = _mm512_or_si512(both, _mm512_slli_epi32(both, 16));
  const auto interleave = [](std::uint32_t fields) __attribute__((always_inline)) {
    return __mmask32(_pdep_u32(fields & 0xffff, 0x55555555) | _pdep_u32(fields >> 16, 0xaaaaaaaa));
  };
  return {(__m512bh)_mm512_maskz_mov_epi16(interleave(std::uint32_t(winners)), both),
          (__m512bh)_mm512_maskz_mov_epi16(interleave(std::uint32_t(winners >> 32)), both)};
}

// A row's two columns; what lies outside is zero.
TAILOR_KERNEL __m512bh load_row(const Bf16* diff, bool exists, int columns) {
  const __mmask8 lanes = !exists ? 0 : columns == 2 ? 0xff : 0x0f;
  return (__m512bh)_mm512_permutexvar_epi16(pair_order(), _mm512_maskz_loadu_epi64(lanes, diff));
}

template <int kBlocks>
void add_gradient(const FirstConvShape& s, const FirstConvGradientArgs& a, const Bf16* padded,
                  int block) {
  const int width = Padded(s).width;
  const auto one = (__m512bh)_mm512_set1_epi16(0x3f80);
  __m512 taps[kBlocks][9];
  __m512 bias[kBlocks];
#pragma GCC unroll 2
  for (int o = 0; o < kBlocks; ++o) {
    bias[o] = _mm512_loadu_ps(a.bias + (block + o) * 16);
#pragma GCC unroll 9
    for (int t = 0; t < 9; ++t) taps[o][t] = _mm512_loadu_ps(a.taps + ((block + o) * 9 + t) * 16);
  }
  for (int ty = 0; ty < s.tile_rows(); ++ty) {
    for (int tx = 0; tx < s.tile_columns(); ++tx) {
      const Bf16* pixels = padded + 2 * ty * width + 2 * tx;
      DiffTile d[kBlocks];
#pragma GCC unroll 2
      for (int o = 0; o < kBlocks; ++o) {
        const std::size_t first = std::size_t(block + o) * s.dst_plane();
        if (s.pools) {
          const std::size_t at = first + std::size_t(ty) * s.tile_columns() + tx;
          d[o] = spread(a.diff + at * 16, a.winners[at]);
        } else {
          const int columns = 2 * tx + 1 < s.out_width ? 2 : 1;
          const Bf16* from = a.diff + (first + std::size_t(2 * ty) * s.out_width + 2 * tx) * 16;
          d[o].top = load_row(from, true, columns);
          d[o].bottom = load_row(from + s.out_width * 16, 2 * ty + 1 < s.out_height, columns);
        }
        bias[o] = _mm512_dpbf16_ps(_mm512_dpbf16_ps(bias[o], d[o].top, one), d[o].bottom, one);
      }
#pragma GCC unroll 4
      for (int r = 0; r < 4; ++r) {
#pragma GCC unroll 3
        for (int c = 0; c < 3; ++c) {
          const __m512bh v = broadcast_pair(pixels + r * width + c);
#pragma GCC unroll 2
          for (int o = 0; o < kBlocks; ++o) {
            if (r < 3) taps[o][r * 3 + c] = _mm512_dpbf16_ps(taps[o][r * 3 + c], d[o].top, v);
            if (r > 0) {
              taps[o][r * 3 - 3 + c] = _mm512_dpbf16_ps(taps[o][r * 3 - 3 + c], d[o].bottom, v);
            }
          }
        }
      }
    }
  }
#pragma GCC unroll 2
  for (int o = 0; o < kBlocks; ++o) {
    _mm512_storeu_ps(a.bias + (block + o) * 16, bias[o]);
#pragma GCC unroll 9
    for (int t = 0; t < 9; ++t) _mm512_storeu_ps(a.taps + ((block + o) * 9 + t) * 16, taps[o][t]);
  }
}

}  // namespace

std::size_t first_conv_scratch_bytes(const FirstConvShape& s) {
  const Padded padded(s);
  return (std::size_t(padded.width) * padded.height * sizeof(Bf16) + 127) / 64 * 64;
}

void first_conv(const FirstConvShape& s, const FirstConvArgs& a, void* scratch) {
  const Bf16* padded = copy_image(s, a.image, scratch);
  int block = 0;
  for (; block + 1 < s.out_blocks; block += 2) convolve<2>(s, a, padded, block);
  if (block < s.out_blocks) convolve<1>(s, a, padded, block);
}

void first_conv_gradient(const FirstConvShape& s, const FirstConvGradientArgs& a, void* scratch) {
  const Bf16* padded = copy_image(s, a.image, scratch);
  int block = 0;
  for (; block + 1 < s.out_blocks; block += 2) add_gradient<2>(s, a, padded, block);
  if (block < s.out_blocks) add_gradient<1>(s, a, padded, block);
}

}  // namespace tailor::internal::bf16

#include "tailor/ops/own/bf16/end.hpp"
