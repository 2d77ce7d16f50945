// Training images beside what augmentation makes of them, for people to look at.
#pragma once

#include <cstdint>

#include "tailor/data/augment/options.hpp"
#include "tailor/data/dataset.hpp"

namespace tailor::internal {

// Of each of the rows 1 + epochs images: itself, then as each of the first epochs of a training of
// this seed sees it, all with its label. Where images are mixed, each is so with the next row's.
Dataset as_seen(const Dataset& set, const Indices& rows, const AugmentOptions& options,
                std::uint64_t seed, int epochs);

}  // namespace tailor::internal
