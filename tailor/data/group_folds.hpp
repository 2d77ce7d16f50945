// Folds and cuts that keep groups of images together, and the classes' shares as well as they can.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/data/folds.hpp"

namespace tailor::internal {

// Equal to scikit-learn's StratifiedGroupKFold(splits, shuffle=..., random_state=...)
// .split(X, labels, groups). Throws bad_input where there are fewer groups than splits, or fewer
// images or groups of a class.
std::vector<Fold> stratified_group_folds(std::span<const Label> labels,
                                         std::span<const std::uint32_t> groups,
                                         const FoldOptions& options);

// With groups these, without stratified_folds().
std::vector<Fold> folds_of(const Dataset& set, const FoldOptions& options);

// Rows, ascending, that make about `share` of each class, whole groups only: groups are gone
// through in the seed's order, large and small ones alike, and one is taken where that brings the
// classes it has nearer to their shares. Every class that has two groups or more keeps one on each
// side, unless these hold other classes' last ones.
Indices cut_groups(std::span<const Label> labels, std::span<const std::uint32_t> groups,
                   double share, std::uint64_t seed);

}  // namespace tailor::internal
