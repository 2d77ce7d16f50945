// Turning one map to face another, so that points flow the short way where one becomes the other.
#pragma once

#include <span>

#include "tailor/embed/records.hpp"

namespace tailor::internal {

// Turns and mirrors all frames of `map` alike so that its final points come as near as possible to
// `other` (same points, same dimensions, any scale): the orthogonal Procrustes problem (Schoenemann
// 1966). Distances within the map do not change.
void align_map(Embedding& map, std::span<const float> other);

}  // namespace tailor::internal
