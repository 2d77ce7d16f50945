// Images in a grid, as Zalando's sprite shows them.
#pragma once

#include "tailor/data/dataset.hpp"

namespace tailor::internal {

struct Sprite {
  int height = 0;
  int width = 0;
  int channels = 1;
  std::vector<std::uint8_t> pixels;  // channels last
};

// `rows_per_class` rows of `columns` images for every class, in data order; missing images stay
// blank (0).
Sprite class_sprite(const Dataset& set, int rows_per_class = 3, int columns = 30);

// The given rows, `columns` to a line.
Sprite grid_sprite(const Dataset& set, const Indices& rows, int columns);

}  // namespace tailor::internal
