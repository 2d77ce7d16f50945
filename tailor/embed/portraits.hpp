// What a class looks like: its mean image and its members from the most typical to the most
// unusual.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/core/label.hpp"
#include "tailor/embed/records.hpp"
#include "tailor/ops/engine.hpp"

namespace tailor::internal {

// One portrait for each of `classes`; `images`: points x values bytes, `projected`: points x
// components (distances are measured there).
std::vector<ClassPortrait> class_portraits(std::span<const std::uint8_t> images,
                                           std::span<const float> projected,
                                           std::span<const Label> labels, int classes,
                                           Engine& engine);

}  // namespace tailor::internal
