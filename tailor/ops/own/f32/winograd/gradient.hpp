// What a half of the images adds to a kernel's gradient. Included in a target's region only.
#pragma once

#include "tailor/ops/own/f32/pool.hpp"
#include "tailor/ops/own/f32/winograd/products.hpp"
#include "tailor/ops/own/f32/winograd/transforms.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

struct GradientArgs {
  const float* src = nullptr;
  const float* diff = nullptr;            // of the results: pooled where the shape pools
  const std::uint8_t* winners = nullptr;  // where the shape pools
  float* sums = nullptr;                  // of this half, overwritten
  float* bias_sums = nullptr;  // out_blocks x L of this half, overwritten; null without a bias
};

// Tiles that are summed before the sums go back to memory.
constexpr int kGradientTiles = 32;

template <int L>
class Gradient {
 public:
  // For output blocks first_block..last_block-1.
  Gradient(const WinogradShape& shape, const GradientArgs& args, int first_block, int last_block,
           void* scratch)
      : s_(shape),
        a_(args),
        first_block_(first_block),
        last_block_(last_block),
        tiles_(tiles_per_block(shape)),
        next_v_(next(tiles_, shape.in_blocks)),
        next_w_(next(tiles_, shape.out_blocks)),
        v_(static_cast<float*>(scratch)),
        w_(v_ + kPositions * next_v_),
        zeros_(w_ + kPositions * next_w_),
        unpooled_(args.diff, args.winners, shape.out_height, shape.out_width,
                  zeros_ + zero_values(shape)) {
    std::memset(zeros_, 0, zero_values(s_) * sizeof(float));
  }

  static std::size_t sum_values(const WinogradShape& s) {
    return std::size_t(kPositions) * s.out_blocks * s.in_blocks * L * L;
  }
  static std::size_t scratch_bytes(const WinogradShape& s) {
    const int tiles = tiles_per_block(s);
    return (kPositions * (next(tiles, s.in_blocks) + next(tiles, s.out_blocks)) + zero_values(s) +
            UnpooledRows<L>::values(s.out_width)) *
           sizeof(float);
  }

  void run(int first_image, int last_image) {
    if (a_.bias_sums != nullptr) {
      std::memset(a_.bias_sums + first_block_ * L, 0,
                  std::size_t(last_block_ - first_block_) * L * sizeof(float));
    }
    const int rows = (last_image - first_image) * s_.tile_rows();
    const int step = tiles_ / s_.tile_columns();
    if (rows == 0) multiply_all(0, true);
    for (int row = 0; row < rows; row += step) {
      const int count = row + step < rows ? step : rows - row;
      for (int r = 0; r < count; ++r) {
        const int image = first_image + (row + r) / s_.tile_rows();
        const int y = (row + r) % s_.tile_rows() * kTile;
        const std::size_t place = std::size_t(r) * s_.tile_columns() * L;
        for (int b = 0; b < s_.in_blocks; ++b) transform_source(image, b, y, place);
        for (int b = first_block_; b < last_block_; ++b) transform_diff(image, b, y, place);
      }
      multiply_all(count * s_.tile_columns(), row == 0);
    }
  }

 private:
  static int tiles_per_block(const WinogradShape& s) {
    const int rows = kGradientTiles / s.tile_columns();
    return (rows < 1 ? 1 : rows) * s.tile_columns();
  }
  static std::size_t next(int tiles, int blocks) { return std::size_t(tiles) * blocks * L + L; }
  static std::size_t zero_values(const WinogradShape& s) {
    return std::size_t(s.width > s.out_width ? s.width : s.out_width) * L;
  }

  void transform_source(int image, int block, int y, std::size_t place) {
    const float* plane =
        a_.src + (std::size_t(image) * s_.in_blocks + block) * s_.height * s_.width * L;
    const float* rows[6];
    for (int k = 0; k < 6; ++k) {
      const int from = y - s_.pad_top + k;
      rows[k] = from < 0 || from >= s_.height ? zeros_ : plane + std::size_t(from) * s_.width * L;
    }
    float* to = v_ + std::size_t(block) * tiles_ * L + place;
    transform_patches<L>(rows, s_.width, s_.pad_left, s_.tile_columns(), next_v_,
                         [&](int tile) { return to + std::size_t(tile) * L; });
  }

  const float* diff_row(std::size_t plane, int y) {
    if (y >= s_.out_height) return zeros_;
    if (a_.winners != nullptr) return unpooled_.row(plane, y, zeros_);
    return a_.diff + (plane * s_.out_height + y) * s_.out_width * L;
  }

  void transform_diff(int image, int block, int y, std::size_t place) {
    const std::size_t plane = std::size_t(image) * s_.out_blocks + block;
    const float* rows[4];
    for (int k = 0; k < 4; ++k) rows[k] = diff_row(plane, y + k);
    float* to = w_ + std::size_t(block) * tiles_ * L + place;
    F<L> total{};
    for (int x = 0; x < s_.tile_columns() * kTile; x += kTile, to += L) {
      F<L> columns[4][6];
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        const bool inside = x + j < s_.out_width;
        F<L> down[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          down[i] = inside ? simd::load<L>(rows[i] + std::size_t(x + j) * L) : F<L>{};
        }
        spread<L>(down, columns[j]);
      }
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) {
        const F<L> across[4] = {columns[0][i], columns[1][i], columns[2][i], columns[3][i]};
        F<L> p[6];
        spread<L>(across, p);
        if (i == 1) total += p[1];  // the tile's sum
#pragma GCC unroll 6
        for (int j = 0; j < 6; ++j) simd::store<L>(to + std::size_t(i * 6 + j) * next_w_, p[j]);
      }
    }
    if (a_.bias_sums == nullptr) return;
    float* bias = a_.bias_sums + block * L;
    simd::store<L>(bias, simd::load<L>(bias) + total);
  }

  void multiply_all(int tiles, bool clear) {
    const std::size_t next_block = std::size_t(tiles_) * L;
    for (int p = 0; p < kPositions; ++p) {
      for (int o = first_block_; o < last_block_; ++o) {
        const float* v = v_ + p * next_v_;
        const float* w = w_ + p * next_w_ + o * next_block;
        float* m = a_.sums + (std::size_t(p) * s_.out_blocks + o) * s_.in_blocks * L * L;
        int i = 0;
        for (; i + 1 < s_.in_blocks; i += 2, v += 2 * next_block, m += 2 * L * L) {
          for (int k = 0; k < L; k += kOutputs<L>) {
            add_products<L, 2>(v, next_block, w + k, m + k * L, tiles, clear);
          }
        }
        if (i == s_.in_blocks) continue;
        for (int k = 0; k < L; k += kOutputs<L>) {
          add_products<L, 1>(v, next_block, w + k, m + k * L, tiles, clear);
        }
      }
    }
  }

  const WinogradShape& s_;
  const GradientArgs& a_;
  int first_block_, last_block_;
  int tiles_;
  std::size_t next_v_, next_w_;
  float* v_;
  float* w_;
  float* zeros_;
  UnpooledRows<L> unpooled_;
};

// kernel [out][in][3][3] = G' (both halves' sums) G, for output blocks first_block..last_block-1.
template <int L>
void finish_gradient(const WinogradShape& s, const float* first_half, const float* second_half,
                     int out, int in, int first_block, int last_block, float* kernel) {
  const std::size_t next = std::size_t(s.out_blocks) * s.in_blocks * L * L;
  for (int o = first_block * L; o < out && o < last_block * L; ++o) {
    for (int block = 0; block < s.in_blocks; ++block) {
      const std::size_t at = (std::size_t(o / L) * s.in_blocks + block) * L * L + o % L * L;
      F<L> down[3][6];
#pragma GCC unroll 6
      for (int j = 0; j < 6; ++j) {
        F<L> m[6];
#pragma GCC unroll 6
        for (int i = 0; i < 6; ++i) {
          const std::size_t here = at + std::size_t(i * 6 + j) * next;
          m[i] = simd::load<L>(first_half + here) + simd::load<L>(second_half + here);
        }
        F<L> g[3];
        to_taps<L>(m, g);
#pragma GCC unroll 3
        for (int i = 0; i < 3; ++i) down[i][j] = g[i];
      }
      float taps[9][L];
#pragma GCC unroll 3
      for (int i = 0; i < 3; ++i) {
        F<L> g[3];
        to_taps<L>(down[i], g);
#pragma GCC unroll 3
        for (int j = 0; j < 3; ++j) simd::store<L>(taps[i * 3 + j], g[j]);
      }
      float* to = kernel + (std::size_t(o) * in + std::size_t(block) * L) * 9;
      for (int l = 0; l < L && block * L + l < in; ++l) {
        for (int tap = 0; tap < 9; ++tap) *to++ = taps[tap][l];
      }
    }
  }
}

}  // namespace tailor::internal::TAILOR_TARGET::f32
