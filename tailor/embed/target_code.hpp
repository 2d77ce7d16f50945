// What every target's compilation of this folder offers (core/target/begin.hpp). Only targets.cpp
// chooses among them.
#pragma once

#include <memory>
#include <span>

#include "tailor/core/team/team.hpp"
#include "tailor/embed/components/eigen.hpp"
#include "tailor/embed/tsne/affinities.hpp"
#include "tailor/embed/tsne/repulsion.hpp"

namespace tailor::internal {

struct EmbedCode {
  void (*attract)(const Affinities&, std::span<const float> coordinates, int dimensions, Team& team,
                  std::span<float> force);
  double (*stretch)(const Affinities&, std::span<const float> coordinates, int dimensions,
                    Team& team);
  std::unique_ptr<Repulsion> (*exact_repulsion)(int dimensions, Team& team);
  std::unique_ptr<Repulsion> (*grid_repulsion)(Team& team);
  std::unique_ptr<Repulsion> (*tree_repulsion)(Team& team);
  Eigenpairs (*symmetric_eigenpairs)(const std::vector<double>& matrix, int size);
};

}  // namespace tailor::internal
