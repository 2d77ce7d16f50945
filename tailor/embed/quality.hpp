// Figures of a map that do not depend on taste.
#pragma once

#include <cstdint>
#include <span>

#include "tailor/core/label.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// `space`: points x values, what was embedded; `map`: points x dimensions; `labels` may be empty.
// Trustworthiness over `sampled` points drawn by `seed` (all, where there are fewer), with exact
// ranks among all points; the shares over all points. k = 10, or points - 1 where there are fewer
// (and for trustworthiness less than half the points). `space_neighbours` may hold more than k.
MapQuality map_quality(std::span<const float> space, const Neighbours& space_neighbours,
                       std::span<const float> map, int dimensions, std::span<const Label> labels,
                       int sampled, std::uint64_t seed, Engine& engine);

// Share of points whose label is the majority among their first k neighbours (ties: the label that
// occurs first among them).
double majority_accuracy(const Neighbours& neighbours, int k, std::span<const Label> labels);

}  // namespace tailor::internal
