// Where the tiles of a block of rows lie in the transformed source (V) and gradient (W): for
// winograd.cpp and winograd_gradient.cpp, included before their regions.
#pragma once

#include "tailor/ops/own/bf16/winograd/winograd.hpp"

namespace tailor::internal::bf16 {

// Where a row of tiles goes: its tiles in order, but for the last.
struct Places {
  int first, last_tile;
};

// Where the results' height or width is odd, the last tiles reach beyond them, and the positions of
// the last row or column count for nothing there: 31 of 256 at 7x7, which the products leave out.
// So that what is left is contiguous, the order is: last tiles of whole rows; whole tiles; tiles of
// half rows but the last; last tiles of half rows.
class TileOrder {
 public:
  // Of `count` rows of tiles from this one on, which may be of several images.
  void begin_block(const WinogradShape& s, int row, int count) {
    const bool half_columns = s.out_width % 2 == 1 && !s.pools;
    whole_columns_ = s.tile_columns() - (half_columns ? 1 : 0);
    int half_rows = 0;
    for (int r = row; r < row + count; ++r) half_rows += is_half(s, r);
    const int whole_rows = count - half_rows;
    whole_ = half_columns ? whole_rows : 0;
    half_ = whole_ + whole_rows * whole_columns_;
    corner_ = half_ + half_rows * whole_columns_;
    end_ = corner_ + (half_columns ? half_rows : 0);
    next_whole_ = next_half_ = 0;
  }

  // For every row of the block in turn.
  Places next_row(const WinogradShape& s, int row) {
    const bool half = is_half(s, row);
    const int number = half ? next_half_++ : next_whole_++;
    const int first = (half ? half_ : whole_) + number * whole_columns_;
    const bool cut = whole_columns_ < s.tile_columns();
    return {first, cut ? (half ? corner_ : 0) + number : first + s.tile_columns() - 1};
  }

  // The tiles that count at position (i, j).
  int first(int j) const { return j == 3 ? whole_ : 0; }
  int last(int i, int j) const { return i == 3 ? half_ : j == 3 ? corner_ : end_; }

 private:
  static bool is_half(const WinogradShape& s, int row) {
    return !s.pools && 2 * (row % s.tile_rows()) + 1 == s.out_height;
  }
  int whole_columns_ = 0;
  int whole_ = 0, half_ = 0, corner_ = 0, end_ = 0;  // where the second to fourth kind begin
  int next_whole_ = 0, next_half_ = 0;
};

}  // namespace tailor::internal::bf16
