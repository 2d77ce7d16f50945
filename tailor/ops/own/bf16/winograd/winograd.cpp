#include "tailor/ops/own/bf16/winograd/winograd.hpp"

#include <algorithm>
#include <cstring>

#include "tailor/ops/own/bf16/winograd/tile_order.hpp"

#include "tailor/ops/own/bf16/begin.hpp"

#include "tailor/ops/own/bf16/results.hpp"
#include "tailor/ops/own/bf16/unpool.hpp"
#include "tailor/ops/own/bf16/winograd/patches.hpp"
#include "tailor/ops/own/bf16/winograd/products.hpp"

namespace tailor::internal::bf16 {
namespace {

// A block has a multiple of 6 rows of tiles, so that groups of 3 come out even: 84 tiles of a 28
// wide image, whose V takes 172 KiB for 64 channels. Narrow images take more rows, so that U is
// read less often; at 7x7 three images' half tiles then fill groups of their own.
constexpr int kTileRows = 6;
constexpr int kFewestTiles = 48;

int rows_per_block(const WinogradShape& s) {
  const int rows = (kFewestTiles + s.tile_columns() - 1) / s.tile_columns();
  return (rows + kTileRows - 1) / kTileRows * kTileRows;
}
int tiles_per_block(const WinogradShape& s) {
  return (rows_per_block(s) * s.tile_columns() + 2) / 3 * 3;
}

// Where the parts of one thread's scratch lie.
struct Scratch {
  Bf16* patches;  // V
  float* sums;    // S
  Tile* tiles;
  Bf16* zeros;     // one row of the source
  Bf16* unpooled;  // four of them, where it is spread as it is read
};

std::size_t aligned(std::size_t bytes) {
  return (bytes + 63) / 64 * 64;
}

struct ScratchSizes {
  std::size_t patches, sums, tiles, zeros, unpooled;
  explicit ScratchSizes(const WinogradShape& s) {
    const auto count = std::size_t(tiles_per_block(s));
    patches = aligned(count * 16 * 16 * s.in_blocks * sizeof(Bf16));
    sums = aligned(count * 2 * kSumsPerTile * sizeof(float));
    tiles = aligned(count * sizeof(Tile));
    zeros = aligned((std::size_t(s.width) + 1) * 16 * sizeof(Bf16));
    unpooled = 4 * zeros;
  }
};

Scratch divide(const WinogradShape& s, void* memory) {
  const ScratchSizes sizes(s);
  auto* at = static_cast<char*>(memory);
  Scratch out;
  out.patches = reinterpret_cast<Bf16*>(at);
  out.sums = reinterpret_cast<float*>(at += sizes.patches);
  out.tiles = reinterpret_cast<Tile*>(at += sizes.sums);
  out.zeros = reinterpret_cast<Bf16*>(at += sizes.tiles);
  out.unpooled = reinterpret_cast<Bf16*>(at += sizes.zeros);
  std::memset(out.zeros, 0, sizes.zeros);
  return out;
}

// One row of tiles of one channel block. `v`: this block's place in the first group of V.
void transform_row(const WinogradShape& s, const Bf16* const (&rows)[4], const Places& places,
                   Bf16* v, std::size_t next_i) {
  const std::size_t next_group = std::size_t(s.in_blocks) * 192;
  const auto place = [&](int tile) {
    return v + std::size_t(tile / 3) * next_group + std::size_t(tile % 3) * 64;
  };
  int in_group = places.first % 3;
  Bf16* at = place(places.first);
  walk_patches(
      rows, s.width, s.pad_left, s.tile_columns(),
      [&](int x, const __m512(&a)[4], const __m512(&b)[4], const __m512(&c)[4], const __m512(&d)[4])
          __attribute__((always_inline)) {
            if (x == s.tile_columns() - 1) at = place(places.last_tile);
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
              __m512i first;
              __m512i second;
              transform_positions(a[i], b[i], c[i], d[i], first, second);
              _mm512_store_si512(at + i * next_i, first);
              _mm512_store_si512(at + i * next_i + 32, second);
            }
            at += 64;
            if (++in_group == 3) {
              in_group = 0;
              at += next_group - 192;
            }
          });
}

// The work of one call: a thread's rows of tiles, block by block.
class TileRows {
 public:
  TileRows(const WinogradShape& shape, const WinogradArgs& args, void* scratch)
      : s_(shape),
        a_(args),
        scratch_(divide(shape, scratch)),
        plane_(shape.pools ? std::size_t(shape.out_height / 2) * (shape.out_width / 2) * 16
                           : std::size_t(shape.out_height) * shape.out_width * 16),
        next_i_(std::size_t(tiles_per_block(shape)) * shape.in_blocks * 64) {}

  void run(int first, int last) {
    const int step = rows_per_block(s_);
    for (int row = first; row < last; row += step) {
      const int count = std::min(step, last - row);
      transform_block(row, count);
      const int tiles = list_tiles(row, count);
      ahead_ = row + count;
      ahead_end_ = std::min(ahead_ + step, s_.all_tile_rows());
      if (s_.pools) {
        multiply<Finish::kPool>(tiles);
      } else if (a_.mask != nullptr) {
        multiply<Finish::kMask>(tiles);
      } else {
        multiply<Finish::kStore>(tiles);
      }
    }
  }

 private:
  static constexpr auto kNoRow = ~std::size_t(0);

  const Bf16* source_row(int image, int block, int y) {
    if (y < 0 || y >= s_.height) return scratch_.zeros;
    if (a_.src_winners != nullptr) return unpooled_row(image, block, y);
    return a_.src + ((std::size_t(image) * s_.in_blocks + block) * s_.height + y) * s_.width * 16;
  }

  // The rows of a patch lie in four places; the next patch below keeps two of them.
  const Bf16* unpooled_row(int image, int block, int y) {
    if (y / 2 >= s_.height / 2) return scratch_.zeros;
    const std::size_t plane = std::size_t(image) * s_.in_blocks + block;
    const std::size_t row = plane * s_.height + y;
    Bf16* place = scratch_.unpooled + (y % 4) * (std::size_t(s_.width) + 1) * 16;
    if (unpooled_[y % 4] == row) return place;
    unpooled_[y % 4] = row;
    const std::size_t first = (plane * (s_.height / 2) + y / 2) * (s_.width / 2);
    unpool_row(a_.src + first * 16, a_.src_winners + first, y % 2 == 1, s_.width, place);
    return place;
  }

  // body(row, its places in V) for every row of a block.
  template <typename Body>
  void in_order(int row, int count, Body body) {
    order_.begin_block(s_, row, count);
    for (int r = row; r < row + count; ++r) body(r, order_.next_row(s_, r));
  }

  void transform_block(int row, int count) {
    for (int block = 0; block < s_.in_blocks; ++block) {
      in_order(row, count, [&](int r, const Places& places) {
        const int top = r % s_.tile_rows() * 2 - s_.pad_top;
        const Bf16* rows[4];
        for (int k = 0; k < 4; ++k) rows[k] = source_row(r / s_.tile_rows(), block, top + k);
        transform_row(s_, rows, places, scratch_.patches + block * 192, next_i_);
      });
    }
  }

  // Where every tile's results go. The last group is filled with tiles of no rows.
  int list_tiles(int row, int count) {
    int n = count * s_.tile_columns();
    in_order(row, count, [&](int r, const Places& places) {
      const int y = r % s_.tile_rows();
      const std::size_t first = std::size_t(r / s_.tile_rows()) * s_.out_blocks * plane_;
      for (int x = 0; x < s_.tile_columns(); ++x) {
        const bool last = x == s_.tile_columns() - 1;
        Tile& t = scratch_.tiles[last ? places.last_tile : places.first + x];
        t.rows = s_.pools ? 1 : std::min(2, s_.out_height - 2 * y);
        t.columns = s_.pools ? 1 : std::min(2, s_.out_width - 2 * x);
        t.offset = first + (s_.pools ? (std::size_t(y) * (s_.out_width / 2) + x) * 16
                                     : (std::size_t(2 * y) * s_.out_width + 2 * x) * 16);
      }
    });
    for (; n % 3 != 0; ++n) scratch_.tiles[n] = {0, 0, 0};
    return n;
  }

  template <Finish kFinish>
  void multiply(int tiles) {
    const std::size_t lanes = std::size_t(s_.in_blocks) * 16;
    begin_prefetch(tiles / 3 * 4 * ((s_.out_blocks + 1) / 2));
    for (int block = 0; block + 1 < s_.out_blocks; block += 2) {
      for_positions<kFinish, 2>(tiles, block, a_.weights + std::size_t(block) * lanes * 256);
    }
    if (s_.out_blocks % 2 == 1) {
      const int block = s_.out_blocks - 1;
      for_positions<kFinish, 1>(tiles, block, a_.weights + std::size_t(block) * lanes * 256);
    }
  }

  template <Finish kFinish, int kBlocks>
  void for_positions(int tiles, int block, const Bf16* u) {
    const std::size_t next_u = std::size_t(s_.in_blocks) * 16 * 64 * kBlocks;
    over_groups<kFinish, kBlocks, 0>(tiles, block, u);
    over_groups<kFinish, kBlocks, 1>(tiles, block, u + next_u);
    over_groups<kFinish, kBlocks, 2>(tiles, block, u + 2 * next_u);
    over_groups<kFinish, kBlocks, 3>(tiles, block, u + 3 * next_u);
  }

  // Groups with a tile that needs all rows of positions come first.
  int whole_groups() const { return (order_.last(3, 0) + 2) / 3; }
  // No tile of the group needs the last column of positions.
  bool is_narrow(int group) const {
    return group * 3 + 3 <= order_.first(3) || group * 3 >= order_.last(0, 3);
  }

  template <Finish kFinish, int kBlocks, int kI>
  void over_groups(int tiles, int block, const Bf16* u) {
    const std::size_t first = std::size_t(block) * plane_;
    Destination to;
    to.plane = plane_;
    to.row = std::size_t(s_.out_width) * 16;
    to.dst = a_.dst + first;
    to.mask = a_.mask == nullptr ? nullptr : a_.mask + first;
    to.winners = a_.winners == nullptr ? nullptr : a_.winners + first / 16;
    to.bias = a_.bias == nullptr ? nullptr : a_.bias + block * 16;
    to.relu = a_.relu;
    const Bf16* v = scratch_.patches + kI * next_i_;
    for (int g = 0; g < (kI == 3 ? whole_groups() : tiles / 3); ++g) {
      prefetch_some();
      const Tile* group = scratch_.tiles + g * 3;
      if (kI == 2) prefetch_destination<kFinish, kBlocks>(to, group);
      const Bf16* patches = v + std::size_t(g) * s_.in_blocks * 192;
      float* sums = scratch_.sums + g * 3 * kBlocks * kSumsPerTile;
      const bool narrow = kFinish != Finish::kPool && is_narrow(g);
      if (kI == 2 && g >= whole_groups()) {
        multiply_some<kFinish, kBlocks, kI, true>(narrow, patches, u, sums, group, to);
      } else {
        multiply_some<kFinish, kBlocks, kI, kI == 3>(narrow, patches, u, sums, group, to);
      }
    }
  }

  template <Finish kFinish, int kBlocks, int kI, bool kLast>
  void multiply_some(bool narrow, const Bf16* patches, const Bf16* u, float* sums,
                     const Tile* group, const Destination& to) {
    if (narrow) {
      multiply_group<kFinish, kBlocks, kI, kLast, 3>(patches, u, s_.in_blocks, sums, group, to);
    } else {
      multiply_group<kFinish, kBlocks, kI, kLast, 4>(patches, u, s_.in_blocks, sums, group, to);
    }
  }

  // The next block's source rows come into the second-level cache while this block is multiplied:
  // one (channel block, row of tiles) at a time, spread over the calls.
  void begin_prefetch(int calls) {
    unit_ = 0;
    units_ = (ahead_end_ - ahead_) * s_.in_blocks;
    calls_ = calls;
    due_ = 0;
  }

  void prefetch_some() {
    if (a_.src_winners != nullptr || unit_ >= units_ || (due_ += units_) < calls_) return;
    due_ -= calls_;
    const int rows = ahead_end_ - ahead_;
    const int row = ahead_ + unit_ % rows;
    const int y = row % s_.tile_rows() * 2 - s_.pad_top + 2;
    const Bf16* from = source_row(row / s_.tile_rows(), unit_ / rows, y);
    if (from != scratch_.zeros && y + 1 < s_.height) {
      for (int line = 0; line < s_.width; ++line) {
        _mm_prefetch(reinterpret_cast<const char*>(from) + std::size_t(line) * 64, _MM_HINT_T0);
      }
    }
    ++unit_;
  }

  const WinogradShape& s_;
  const WinogradArgs& a_;
  Scratch scratch_;
  std::size_t plane_;   // values of one channel block of dst
  std::size_t next_i_;  // values from V[i] to V[i + 1]
  TileOrder order_;
  std::size_t unpooled_[4] = {kNoRow, kNoRow, kNoRow, kNoRow};  // what lies there
  int ahead_ = 0, ahead_end_ = 0;
  int unit_ = 0, units_ = 0, calls_ = 0, due_ = 0;
};

}  // namespace

std::size_t winograd_weight_values(int in_blocks, int out_blocks) {
  return std::size_t(in_blocks) * out_blocks * 16 * 16 * 16;
}

std::size_t winograd_scratch_bytes(const WinogradShape& s) {
  const ScratchSizes sizes(s);
  return sizes.patches + sizes.sums + sizes.tiles + sizes.zeros + sizes.unpooled;
}

int winograd_rows_at_once(const WinogradShape& s) {
  return rows_per_block(s);
}

void winograd_rows(const WinogradShape& shape, const WinogradArgs& args, int first, int last,
                   void* scratch) {
  TileRows(shape, args, scratch).run(first, last);
}

}  // namespace tailor::internal::bf16

#include "tailor/ops/own/bf16/end.hpp"
