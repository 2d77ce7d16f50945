// A thread's share of a convolution's results. Included in a target's region only.
#pragma once

#include "tailor/ops/own/f32/pool.hpp"
#include "tailor/ops/own/f32/winograd/products.hpp"
#include "tailor/ops/own/f32/winograd/transforms.hpp"

namespace tailor::internal::TAILOR_TARGET::f32 {

struct ForwardArgs {
  const float* src = nullptr;
  // Not null: src is what a pooling of the source's size passed on, and these its winners.
  const std::uint8_t* src_winners = nullptr;
  const float* weights = nullptr;  // U
  const float* bias = nullptr;     // out_blocks x L, or null
  float* dst = nullptr;
  bool relu = false;
  std::uint8_t* winners = nullptr;  // with pooling (pool.hpp), or null
};

// A block is transformed, multiplied and written before the next: V and M of so many tiles lie in
// the second-level cache.
constexpr int kForwardTiles = 32;

template <int L>
class Forward {
 public:
  Forward(const WinogradShape& shape, const ForwardArgs& args, void* scratch)
      : s_(shape),
        a_(args),
        rows_per_block_(rows_per_block(shape)),
        groups_(groups_per_block(shape)),
        next_v_(next_v(shape)),
        patches_(static_cast<float*>(scratch)),
        sums_(patches_ + kPositions * next_v_),
        zeros_(sums_ + kPositions * next_m<2>(groups_)),
        unpooled_(args.src, args.src_winners, shape.height, shape.width,
                  zeros_ + std::size_t(shape.width) * L),
        out_rows_(shape.pools ? shape.out_height / 2 : shape.out_height),
        out_columns_(shape.pools ? shape.out_width / 2 : shape.out_width) {
    std::memset(zeros_, 0, std::size_t(s_.width) * L * sizeof(float));
  }

  static std::size_t scratch_bytes(const WinogradShape& s) {
    return (kPositions * (next_v(s) + next_m<2>(groups_per_block(s))) + std::size_t(s.width) * L +
            UnpooledRows<L>::values(s.width)) *
           sizeof(float);
  }

  // A thread's share: rows of the tiles of all images, and blocks of outputs, from an even one. How
  // they are shared changes no bit of the results.
  void run(int first_row, int last_row, int first_block, int last_block) {
    if (first_block == last_block) return;
    for (int row = first_row; row < last_row; row += rows_per_block_) {
      const int count = row + rows_per_block_ < last_row ? rows_per_block_ : last_row - row;
      for (int block = 0; block < s_.in_blocks; ++block) {
        for (int r = 0; r < count; ++r) transform_row(row + r, block, r * s_.tile_columns());
      }
      const int tiles = count * s_.tile_columns();
      for (int block = first_block; block < last_block; block += 2) {
        if (block + 1 < last_block) {
          multiply_block<2>(row, tiles, block);
        } else {
          multiply_block<1>(row, tiles, block);
        }
      }
    }
  }

  // What lies in the scratch at a time: the best number of rows for a call, or a multiple.
  static int rows_per_block(const WinogradShape& s) {
    const int rows = kForwardTiles / s.tile_columns();
    return rows < 1 ? 1 : rows;
  }

 private:
  static constexpr int T = kGroup<L>;

  static int groups_per_block(const WinogradShape& s) {
    return (rows_per_block(s) * s.tile_columns() + T - 1) / T;
  }
  static std::size_t next_v(const WinogradShape& s) {
    return std::size_t(groups_per_block(s)) * s.in_blocks * T * L + L;
  }
  template <int O>
  static std::size_t next_m(int groups) {
    return std::size_t(groups) * T * O * L + L;
  }

  const float* source_row(int image, int block, int y) {
    if (y < 0 || y >= s_.height) return zeros_;
    const std::size_t plane = std::size_t(image) * s_.in_blocks + block;
    if (a_.src_winners != nullptr) return unpooled_.row(plane, y, zeros_);
    return a_.src + (plane * s_.height + y) * s_.width * L;
  }

  void transform_row(int row, int block, int first_tile) {
    const int top = row % s_.tile_rows() * kTile - s_.pad_top;
    const float* rows[6];
    for (int k = 0; k < 6; ++k) rows[k] = source_row(row / s_.tile_rows(), block, top + k);
    transform_patches<L>(rows, s_.width, s_.pad_left, s_.tile_columns(), next_v_, [&](int tile) {
      const int t = first_tile + tile;
      return patches_ + ((std::size_t(t / T) * s_.in_blocks + block) * T + t % T) * L;
    });
  }

  template <int O>
  void multiply_block(int row, int tiles, int block) {
    const std::size_t lanes = std::size_t(s_.in_blocks) * L;
    const float* u = a_.weights + std::size_t(block) * L * lanes * kPositions;
    const std::size_t next = next_m<O>(groups_);
    for (int p = 0; p < kPositions; ++p, u += lanes * O * L) {
      const float* v = patches_ + p * next_v_;
      float* m = sums_ + p * next;
      for (int g = 0; g * T < tiles; ++g) {
        const float* group = v + std::size_t(g) * s_.in_blocks * T * L;
        float* sums = m + std::size_t(g) * T * O * L;
        if (tiles - g * T > T / 2) {
          multiply<L, O>(group, u, s_.in_blocks, sums);
        } else {
          multiply<L, O, T / 2>(group, u, s_.in_blocks, sums);
        }
      }
    }
    for (int t = 0; t < tiles; ++t) {
      for (int o = 0; o < O; ++o) {
        finish_tile(sums_ + (std::size_t(t) * O + o) * L, next, row + t / s_.tile_columns(),
                    t % s_.tile_columns(), block + o);
      }
    }
  }

  void finish_tile(const float* m, std::size_t next, int row, int column, int block) {
    F<L> half[4][6];
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) {
      F<L> down[6];
#pragma GCC unroll 6
      for (int i = 0; i < 6; ++i) down[i] = simd::load<L>(m + std::size_t(i * 6 + j) * next);
      F<L> y[4];
      to_results<L>(down, y);
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) half[i][j] = y[i];
    }
    const F<L> bias = a_.bias == nullptr ? F<L>{} : simd::load<L>(a_.bias + block * L);
    F<L> results[4][4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      to_results<L>(half[i], results[i]);
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        results[i][j] += bias;
        if (a_.relu) results[i][j] = rectified<L>(results[i][j]);
      }
    }
    const int image = row / s_.tile_rows();
    const std::size_t plane = std::size_t(image) * s_.out_blocks + block;
    if (s_.pools) {
      store_windows(results, plane, row % s_.tile_rows() * 2, column * 2);
    } else {
      store(results, plane, row % s_.tile_rows() * 4, column * 4);
    }
  }

  std::size_t offset(std::size_t plane, int y, int x) const {
    return ((plane * out_rows_ + y) * out_columns_ + x) * L;
  }

  TAILOR_INLINE int smaller(int a, int b) {
    return a < b ? a : b;
  }

  void store(const F<L> (&results)[4][4], std::size_t plane, int y, int x) {
    float* to = a_.dst + offset(plane, y, x);
    const int rows = smaller(4, out_rows_ - y);
    const int columns = smaller(4, out_columns_ - x);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; ++j) {
        if (i < rows && j < columns) {
          simd::store<L>(to + (std::size_t(i) * out_columns_ + j) * L, results[i][j]);
        }
      }
    }
  }

  void store_windows(const F<L> (&r)[4][4], std::size_t plane, int y, int x) {
#pragma GCC unroll 2
    for (int i = 0; i < 2; ++i) {
#pragma GCC unroll 2
      for (int j = 0; j < 2; ++j) {
        if (y + i >= out_rows_ || x + j >= out_columns_) continue;
        const std::size_t at = offset(plane, y + i, x + j);
        store_pooled<L>(r[2 * i][2 * j], r[2 * i][2 * j + 1], r[2 * i + 1][2 * j],
                        r[2 * i + 1][2 * j + 1], a_.dst + at,
                        a_.winners == nullptr ? nullptr : a_.winners + at);
      }
    }
  }

  const WinogradShape& s_;
  const ForwardArgs& a_;
  int rows_per_block_;
  int groups_;
  std::size_t next_v_;
  float* patches_;
  float* sums_;
  float* zeros_;
  UnpooledRows<L> unpooled_;
  int out_rows_, out_columns_;
};

}  // namespace tailor::internal::TAILOR_TARGET::f32
