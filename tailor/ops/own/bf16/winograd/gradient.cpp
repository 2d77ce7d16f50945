#include "tailor/ops/own/bf16/winograd/gradient.hpp"

#include <algorithm>
#include <cstring>

#include "tailor/ops/own/bf16/winograd/tile_order.hpp"

#include "tailor/ops/own/bf16/begin.hpp"

#include "tailor/ops/own/bf16/winograd/gradient_products.hpp"
#include "tailor/ops/own/bf16/winograd/patches.hpp"

namespace tailor::internal::bf16 {
namespace {

// Tiles that are summed before M goes back to memory: V and W of so many lie in the second-level
// cache up to 64 channels. From 32 to 128 the time hardly changes.
constexpr int kTiles = 64;

// A row of tiles of two images is the unit of work.
int units_per_block(const WinogradShape& s) {
  return std::max(1, kTiles / s.tile_columns());
}
int tiles_per_block(const WinogradShape& s) {
  return units_per_block(s) * s.tile_columns();
}

struct Sizes {
  std::size_t patches, tiles, row, zeros;
  explicit Sizes(const WinogradShape& s) {
    const auto lines = std::size_t(tiles_per_block(s)) * 16 * 64;
    patches = lines * s.in_blocks;
    tiles = lines * s.out_blocks;
    row = std::size_t(s.tile_columns()) * 16 * 32;
    zeros = (std::size_t(std::max(s.width, s.out_width)) + 1) * 32;
    zeros = (zeros + 63) / 64 * 64;
  }
};

// One half of the images.
class Half {
 public:
  Half(const WinogradShape& shape, const GradientArgs& args, int last_image, int first_block,
       int last_block, void* scratch)
      : s_(shape),
        a_(args),
        last_image_(last_image),
        first_block_(first_block),
        last_block_(last_block),
        next_position_lines_(tiles_per_block(shape)) {
    const Sizes sizes(shape);
    auto* at = static_cast<char*>(scratch);
    patches_ = at;
    tiles_ = at += sizes.patches;
    row_ = reinterpret_cast<Bf16*>(at += sizes.tiles);
    zeros_ = reinterpret_cast<Bf16*>(at += sizes.row);
    std::memset(static_cast<void*>(zeros_), 0, sizes.zeros);
  }

  void run(int first_image) {
    const int units = (last_image_ - first_image + 1) / 2 * s_.tile_rows();
    const int step = units_per_block(s_);
    if (a_.bias_sums != nullptr) {
      std::fill(a_.bias_sums + first_block_ * 16, a_.bias_sums + last_block_ * 16, 0.f);
    }
    if (units == 0) clear();
    for (int unit = 0; unit < units; unit += step) {
      const int count = std::min(step, units - unit);
      order_.begin_block(s_, unit, count);
      for (int u = unit; u < unit + count; ++u) {
        const int row = u % s_.tile_rows();
        transform_unit(first_image + u / s_.tile_rows() * 2, row, order_.next_row(s_, row));
      }
      multiply(unit == 0);
    }
  }

 private:
  // The `block`-th 16 channels of a position in V or W.
  char* lines_of(char* base, int block) const {
    return base + std::size_t(block) * next_position_lines_ * 64;
  }

  void transform_unit(int image, int row, const Places& places) {
    for (int block = 0; block < s_.in_blocks; ++block) transform_source(image, row, block, places);
    for (int block = first_block_; block < last_block_; ++block) {
      if (a_.winners == nullptr) {
        transform_diff(image, row, block, places);
      } else {
        transform_pooled(image, row, block, places);
      }
    }
  }

  const Bf16* source_row(int image, int block, int y) const {
    if (y < 0 || y >= s_.height || image >= last_image_) return zeros_;
    return a_.src + ((std::size_t(image) * s_.in_blocks + block) * s_.height + y) * s_.width * 16;
  }

  // The first image's positions wait in row_ for the second's.
  void transform_source(int image, int row, int block, const Places& places) {
    const int top = row * 2 - s_.pad_top;
    const Bf16* first[4];
    const Bf16* second[4];
    for (int k = 0; k < 4; ++k) {
      first[k] = source_row(image, block, top + k);
      second[k] = source_row(image + 1, block, top + k);
    }
    Bf16* wait = row_;
    walk_patches(
        first, s_.width, s_.pad_left, s_.tile_columns(),
        [&](int, const __m512(&a)[4], const __m512(&b)[4], const __m512(&c)[4], const __m512(&d)[4])
            __attribute__((always_inline)) {
#pragma GCC unroll 4
              for (int i = 0; i < 4; ++i, wait += 64) {
                __m512i left;
                __m512i right;
                transform_positions(a[i], b[i], c[i], d[i], left, right);
                _mm512_store_si512(wait, left);
                _mm512_store_si512(wait + 32, right);
              }
            });
    wait = row_;
    const std::size_t next = std::size_t(s_.in_blocks) * next_position_lines_ * 64;
    char* base = lines_of(patches_, block);
    walk_patches(
        second, s_.width, s_.pad_left, s_.tile_columns(),
        [&](int tile, const __m512(&a)[4], const __m512(&b)[4], const __m512(&c)[4],
            const __m512(&d)[4]) __attribute__((always_inline)) {
          char* to = base + std::size_t(tile == s_.tile_columns() - 1 ? places.last_tile
                                                                      : places.first + tile) *
                                64;
#pragma GCC unroll 4
          for (int i = 0; i < 4; ++i, wait += 64) {
            __m512i left;
            __m512i right;
            transform_positions(a[i], b[i], c[i], d[i], left, right);
            store_pairs(to + i * 4 * next, next, _mm512_load_si512(wait), left);
            store_pairs(to + (i * 4 + 2) * next, next, _mm512_load_si512(wait + 32), right);
          }
        });
  }

  // Two positions of the first image and of the second, side by side.
  TAILOR_KERNEL void store_pairs(char* to, std::size_t next, __m512i first, __m512i second) {
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40,
                                         8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
    _mm512_store_si512(to, _mm512_permutex2var_epi16(first, low, second));
    _mm512_store_si512(to + next, _mm512_permutex2var_epi16(first, high, second));
  }

  // A dY A', without the sign of the last row and column: gradient_finish() puts it in.
  void transform_diff(int image, int row, int block, const Places& places) {
    const std::size_t next = std::size_t(s_.out_blocks) * next_position_lines_ * 64;
    char* base = lines_of(tiles_, block);
    const std::size_t next_image = std::size_t(s_.out_blocks) * s_.out_height * s_.out_width * 16;
    const Bf16* top =
        a_.diff + ((std::size_t(image) * s_.out_blocks + block) * s_.out_height + 2 * row) *
                      s_.out_width * 16;
    const bool two_rows = 2 * row + 1 < s_.out_height;
    const bool two_images = image + 1 < last_image_;
    const Bf16* from[2][2] = {
        {top, two_rows ? top + s_.out_width * 16 : zeros_},
        {two_images ? top + next_image : zeros_,
         two_images && two_rows ? top + next_image + s_.out_width * 16 : zeros_}};
    __m512 total = _mm512_setzero_ps();
    for (int x = 0; x < s_.out_width; x += 2) {
      char* to =
          base + std::size_t(x + 2 >= s_.out_width ? places.last_tile : places.first + x / 2) * 64;
      const bool two_columns = x + 1 < s_.out_width;
      __m512 p[2][4];
      __m512 q[2][4];
#pragma GCC unroll 2
      for (int n = 0; n < 2; ++n) {
        const __m512 a = load16(from[n][0] + x * 16);
        const __m512 c = load16(from[n][1] + x * 16);
        const __m512 b = two_columns ? load16(from[n][0] + x * 16 + 16) : _mm512_setzero_ps();
        const __m512 d = two_columns ? load16(from[n][1] + x * 16 + 16) : _mm512_setzero_ps();
        p[n][0] = a, p[n][1] = a + c, p[n][2] = a - c, p[n][3] = c;
        q[n][0] = b, q[n][1] = b + d, q[n][2] = b - d, q[n][3] = d;
      }
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        char* at = to + i * 4 * next;
        _mm512_store_si512(at, pairs_of(p[0][i], p[1][i]));
        const __m512 first = p[0][i] + q[0][i];
        const __m512 second = p[1][i] + q[1][i];
        if (i == 1) total = total + (first + second);
        _mm512_store_si512(at + next, pairs_of(first, second));
        _mm512_store_si512(at + 2 * next, pairs_of(p[0][i] - q[0][i], p[1][i] - q[1][i]));
        _mm512_store_si512(at + 3 * next, pairs_of(q[0][i], q[1][i]));
      }
    }
    if (a_.bias_sums == nullptr) return;
    float* bias = a_.bias_sums + block * 16;
    _mm512_storeu_ps(bias, _mm512_loadu_ps(bias) + total);
  }

  // The same of tiles that are pooling windows: one value at its winner's place, so every position
  // holds that value, its negative or zero, and nothing is rounded.
  void transform_pooled(int image, int row, int block, const Places& places) {
    const std::size_t next = std::size_t(s_.out_blocks) * next_position_lines_ * 64;
    char* base = lines_of(tiles_, block);
    const auto at = [&](int n) {
      return ((std::size_t(n) * s_.out_blocks + block) * s_.tile_rows() + row) * s_.tile_columns();
    };
    const bool two_images = image + 1 < last_image_;
    const std::uint64_t* winners = a_.winners + at(image);
    const std::uint64_t* second_winners = two_images ? a_.winners + at(image + 1) : nullptr;
    const Bf16* diff = a_.diff + at(image) * 16;
    const Bf16* second_diff = two_images ? a_.diff + at(image + 1) * 16 : nullptr;
    const auto one = (__m512bh)_mm512_set1_epi16(0x3f80);
    const __m512i sign = _mm512_set1_epi16(short(0x8000));
    __m512 total = _mm512_setzero_ps();
    char* to = base + std::size_t(places.first) * 64;
    for (int x = 0; x < s_.tile_columns(); ++x, to += 64) {
      const PairMasks won(winners[x], two_images ? second_winners[x] : 0);
      const __m512i v = _mm512_maskz_mov_epi16(
          won.top | won.bottom,
          pairs_of(diff + x * 16, two_images ? second_diff + x * 16 : nullptr));
      total = _mm512_dpbf16_ps(total, (__m512bh)v, one);
      const __m512i below = _mm512_xor_si512(v, _mm512_maskz_mov_epi16(won.bottom, sign));
      const __m512i flip = _mm512_maskz_mov_epi16(won.right, sign);
      store_pooled_row(to, next, _mm512_maskz_mov_epi16(won.top, v), flip, won);
      store_pooled_row(to + 4 * next, next, v, flip, won);
      store_pooled_row(to + 8 * next, next, below, flip, won);
      store_pooled_row(to + 12 * next, next, _mm512_maskz_mov_epi16(won.bottom, v), flip, won);
    }
    if (a_.bias_sums == nullptr) return;
    float* bias = a_.bias_sums + block * 16;
    _mm512_storeu_ps(bias, _mm512_loadu_ps(bias) + total);
  }

  // Where in a window the winner is, of two images' channels side by side.
  struct PairMasks {
    __mmask32 top, bottom, left, right;
    PairMasks(std::uint64_t first, std::uint64_t second) {
      const std::uint64_t above = spread(std::uint32_t(first), std::uint32_t(second));
      const std::uint64_t under = spread(std::uint32_t(first >> 32), std::uint32_t(second >> 32));
      top = __mmask32(above | above >> 32);
      bottom = __mmask32(under | under >> 32);
      left = __mmask32(above | under);
      right = __mmask32((above | under) >> 32);
    }
    static std::uint64_t spread(std::uint32_t first, std::uint32_t second) {
      return _pdep_u64(first, 0x5555555555555555) | _pdep_u64(second, 0xaaaaaaaaaaaaaaaa);
    }
  };

  TAILOR_KERNEL void store_pooled_row(char* to, std::size_t next, __m512i v, __m512i flip,
                                      const PairMasks& won) {
    _mm512_store_si512(to, _mm512_maskz_mov_epi16(won.left, v));
    _mm512_store_si512(to + next, v);
    _mm512_store_si512(to + 2 * next, _mm512_xor_si512(v, flip));
    _mm512_store_si512(to + 3 * next, _mm512_maskz_mov_epi16(won.right, v));
  }

  // M (+)= V W of every position.
  void multiply(bool first) {
    const std::size_t block_bytes = std::size_t(next_position_lines_) * 64;
    for (int position = 0; position < 16; ++position) {
      const int from = order_.first(position % 4);
      const int lines = order_.last(position / 4, position % 4) - from;
      for (int o = first_block_; o < last_block_; ++o) {
        float* m = sums_at(position, o);
        if (lines == 0) {
          if (first) std::fill_n(m, std::size_t(s_.in_blocks) * 256, 0.f);
          continue;
        }
        const char* w = tiles_ + (std::size_t(position) * s_.out_blocks + o) * block_bytes +
                        std::size_t(from) * 64;
        const char* v =
            patches_ + std::size_t(position) * s_.in_blocks * block_bytes + std::size_t(from) * 64;
        int i = 0;
        for (; i + 1 < s_.in_blocks; i += 2, v += 2 * block_bytes, m += 512) {
          add_products_2x8(v, v + block_bytes, w, m, lines, first);
          add_products_2x8(v, v + block_bytes, w + 32, m + 128, lines, first);
        }
        if (i < s_.in_blocks) add_products_1x16(v, w, m, lines, first);
      }
    }
  }

  float* sums_at(int position, int out_block) {
    return a_.sums + (std::size_t(position) * s_.out_blocks + out_block) * s_.in_blocks * 256;
  }

  void clear() {
    for (int position = 0; position < 16; ++position) {
      std::fill(sums_at(position, first_block_), sums_at(position, last_block_), 0.f);
    }
  }

  const WinogradShape& s_;
  const GradientArgs& a_;
  int last_image_;
  int first_block_, last_block_;
  int next_position_lines_;
  TileOrder order_;
  char* patches_;
  char* tiles_;
  Bf16* row_;
  Bf16* zeros_;
};

// G' m G of 16 inputs, to the 9 taps. Rows and columns 1 and 2 count half; the last one's sign was
// left out of W.
TAILOR_KERNEL void transform_back(__m512 (&m)[4][4], __m512 (&g)[3][3]) {
  const __m512 half = _mm512_set1_ps(.5f);
  __m512 t[3][4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const __m512 sum = (m[1][j] + m[2][j]) * half;
    t[0][j] = m[0][j] + sum;
    t[1][j] = (m[1][j] - m[2][j]) * half;
    t[2][j] = sum - m[3][j];
  }
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) {
    const __m512 sum = (t[i][1] + t[i][2]) * half;
    g[i][0] = t[i][0] + sum;
    g[i][1] = (t[i][1] - t[i][2]) * half;
    g[i][2] = sum - t[i][3];
  }
}

}  // namespace

std::size_t gradient_sum_values(const WinogradShape& s) {
  return std::size_t(s.in_blocks) * s.out_blocks * 16 * 256;
}

std::size_t gradient_scratch_bytes(const WinogradShape& s) {
  const Sizes sizes(s);
  return sizes.patches + sizes.tiles + sizes.row + sizes.zeros;
}

void gradient_half(const WinogradShape& shape, const GradientArgs& args, int first_image,
                   int last_image, int first_block, int last_block, void* scratch) {
  Half(shape, args, last_image, first_block, last_block, scratch).run(first_image);
}

void gradient_finish(const WinogradShape& s, const float* first_half, const float* second_half,
                     int out, int in, int first_block, int last_block, float* kernel) {
  const __m512i nine = _mm512_mullo_epi32(
      _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), _mm512_set1_epi32(9));
  const std::size_t next_position = std::size_t(s.out_blocks) * s.in_blocks * 256;
  for (int o = first_block * 16; o < std::min(out, last_block * 16); ++o) {
    for (int block = 0; block < s.in_blocks; ++block) {
      const std::size_t at =
          (std::size_t(o / 16) * s.in_blocks + block) * 256 + std::size_t(o % 16) * 16;
      __m512 m[4][4];
      __m512 g[3][3];
#pragma GCC unroll 16
      for (int p = 0; p < 16; ++p) {
        const std::size_t here = at + p * next_position;
        m[p / 4][p % 4] = _mm512_loadu_ps(first_half + here) + _mm512_loadu_ps(second_half + here);
      }
      transform_back(m, g);
      float* to = kernel + (std::size_t(o) * in + block * 16) * 9;
      const __mmask16 lanes = first_lanes(in - block * 16);
#pragma GCC unroll 9
      for (int tap = 0; tap < 9; ++tap) {
        _mm512_mask_i32scatter_ps(to + tap, lanes, nine, g[tap / 3][tap % 3], 4);
      }
    }
  }
}

}  // namespace tailor::internal::bf16

#include "tailor/ops/own/bf16/end.hpp"
