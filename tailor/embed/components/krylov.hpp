// The first principal directions of points too many and too wide for a whole covariance matrix.
#pragma once

#include "tailor/embed/components/eigen.hpp"
#include "tailor/embed/points.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// The largest `wanted` eigenpairs of the covariance (ddof 1), by block Lanczos with full
// orthogonalisation from a fixed random start (Golub & Underwood 1977; Musco & Musco 2015): each
// step reads the data once. Ends when each |C v - lambda v| <= 1e-3 lambda, or after 20 steps.
Eigenpairs leading_covariance_pairs(const Points& points, int wanted, Engine& engine);

}  // namespace tailor::internal
