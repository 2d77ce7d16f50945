// The images a map or a check is about, from one split or both, each still knowing where it is
// from.
#pragma once

#include <cstdint>
#include <vector>

#include "tailor/data/dataset.hpp"

namespace tailor::internal {

struct ImagePoints {
  Dataset set;                         // of all of them
  std::vector<std::uint8_t> in_test;   // 0 train, 1 test
  std::vector<std::uint32_t> rows;     // in its split as it was loaded
  std::vector<std::uint32_t> indices;  // in its split's file: the number people know it by
};

// The training images, then the test images; either may be null.
ImagePoints points_of(const Dataset* train, const Dataset* test);

// A stratified slice of `count` of them; all where count is 0 or not smaller.
ImagePoints slice_of(const ImagePoints& all, std::size_t count, std::uint64_t seed);

}  // namespace tailor::internal
