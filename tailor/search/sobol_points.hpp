// The scrambled Sobol sequence of scipy's qmc.Sobol(d, seed=random_state), point for point. (For
// rng=random_state, which newer versions take too, scipy seeds a child of that generator.)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tailor::internal {

class SobolPoints {
 public:
  static constexpr int kBits = 30;  // of a coordinate: scipy's default
  static constexpr int kMostPoints = 1 << kBits;
  static constexpr std::size_t kMostDimensions = 64;  // rows of the table in sobol_directions.cpp

  // At most kMostDimensions. Scrambled as scipy does: a random lower triangular matrix turns the
  // bits of each coordinate, then a random number is added to them bit by bit.
  SobolPoints(std::size_t dimensions, std::uint32_t random_state);

  // One coordinate in [0, 1) for each dimension; up to kMostPoints times.
  std::vector<double> next();

 private:
  using Directions = std::array<std::uint32_t, kBits>;
  std::vector<Directions> directions_;
  std::vector<std::uint32_t> point_;  // the next one
  std::uint32_t given_ = 0;
};

}  // namespace tailor::internal
