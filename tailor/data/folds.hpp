// scikit-learn's StratifiedKFold, index for index.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tailor/data/dataset.hpp"

namespace tailor::internal {

struct Fold {
  Indices train;  // ascending
  Indices test;   // ascending
};

struct FoldOptions {
  int splits = 5;
  bool shuffle = false;
  std::uint32_t random_state = 0;  // read only with shuffle
};

// Equal to StratifiedKFold(splits, shuffle=..., random_state=...).split(X, labels). Throws
// bad_input where splits < 2 or exceeds the rarest class (stricter than scikit-learn, which warns
// until it exceeds every class: a fold without a class cannot rank anything). The message names the
// class and its count.
std::vector<Fold> stratified_folds(std::span<const Label> labels, const FoldOptions& options);

// The first `count` rows of a stratified, seeded shuffle, in ascending order: a slice that keeps
// the class shares. count = 0 or >= labels.size() gives all rows.
Indices stratified_slice(std::span<const Label> labels, std::size_t count, std::uint64_t seed);

}  // namespace tailor::internal
