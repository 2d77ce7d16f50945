// How all points push each other apart in t-SNE: with K = 1 / (1 + d^2) between two points,
// force_i = sum over j of K^2 (y_i - y_j), and Z = sum of K over all ordered pairs. Three ways to
// the same sums; coordinates are points x dimensions.
#pragma once

#include <memory>
#include <span>

#include "tailor/core/team/team.hpp"

namespace tailor::internal {

class Repulsion {
 public:
  virtual ~Repulsion() = default;
  // Writes the force on every point and returns Z. The same bytes for any number of threads.
  virtual double compute(std::span<const float> coordinates, std::span<float> force) = 0;
};

// Every pair: O(n^2).
std::unique_ptr<Repulsion> exact_repulsion(int dimensions, Team& team);
// On a plane, by interpolation and FFT (repulsion_grid.cpp tells how).
std::unique_ptr<Repulsion> grid_repulsion(Team& team);
// In space, by a Barnes-Hut tree (repulsion_tree.cpp).
std::unique_ptr<Repulsion> tree_repulsion(Team& team);
// The fastest of them. Depends on the number of points, never on the machine.
std::unique_ptr<Repulsion> make_repulsion(std::size_t points, int dimensions, Team& team);

}  // namespace tailor::internal
