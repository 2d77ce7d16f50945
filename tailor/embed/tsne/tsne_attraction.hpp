// How neighbours pull at each other in t-SNE: force_i = sum over j of p_ij K (y_i - y_j) with
// K = 1 / (1 + d^2); to be subtracted from a point's place.
#pragma once

#include <span>

#include "tailor/core/team/team.hpp"
#include "tailor/embed/tsne/affinities.hpp"

namespace tailor::internal {

// Coordinates and force: points x dimensions. Bytes do not depend on the team.
void attract(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
             Team& team, std::span<float> force);

// sum of p log(1 + d^2): what a Kullback-Leibler divergence needs besides entropy and Z. As
// expensive as the force, so only computed when asked for.
double stretch(const Affinities& affinities, std::span<const float> coordinates, int dimensions,
               Team& team);

}  // namespace tailor::internal
