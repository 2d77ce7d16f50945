#include "tailor/data/folds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/random/numpy_random.hpp"
#include "tailor/core/random/rng.hpp"

namespace tailor::internal {

namespace {

// The rows of every class, ascending; classes in the order in which they first appear.
std::vector<Indices> rows_by_class(std::span<const Label> labels) {
  std::vector<Indices> classes;
  std::array<int, kMostClasses> number;
  number.fill(-1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    int& known = number[labels[i]];
    if (known < 0) {
      known = int(classes.size());
      classes.emplace_back();
    }
    classes[std::size_t(known)].push_back(std::uint32_t(i));
  }
  return classes;
}

void check(std::span<const Label> labels, const std::vector<Indices>& classes, int splits) {
  if (splits < 2) {
    throw bad_input(fmt::format("cross-validation needs at least 2 folds, not {}", splits));
  }
  if (classes.empty()) throw bad_input("cannot make folds of no images");
  const Indices& rarest = *std::ranges::min_element(classes, {}, &Indices::size);
  if (rarest.size() < std::size_t(splits)) {
    throw bad_input(
        fmt::format("{} folds need {} images of every class, but class {} has only {}: ask for "
                    "fewer folds or give more images",
                    splits, splits, labels[rarest.front()], rarest.size()));
  }
}

// The fold each row is tested in. scikit-learn deals the rows, sorted by class, to the folds in
// turn to learn how many of each class a fold gets; within a class it then fills one fold after the
// other in data order, or in shuffled order. Numbering classes by first appearance decides where
// the dealing starts and which class draws first.
std::vector<int> test_folds(std::span<const Label> labels, const FoldOptions& options) {
  const auto classes = rows_by_class(labels);
  check(labels, classes, options.splits);
  NumpyRandom random(options.random_state);
  std::vector<int> fold_of(labels.size());
  std::size_t dealt = 0;
  for (const Indices& rows : classes) {
    std::vector<int> folds;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      folds.push_back(int((dealt + i) % std::size_t(options.splits)));
    }
    std::ranges::sort(folds);
    if (options.shuffle) random.shuffle(folds);
    for (std::size_t i = 0; i < rows.size(); ++i) fold_of[rows[i]] = folds[i];
    dealt += rows.size();
  }
  return fold_of;
}

}  // namespace

std::vector<Fold> stratified_folds(std::span<const Label> labels, const FoldOptions& options) {
  const std::vector<int> fold_of = test_folds(labels, options);
  std::vector<Fold> folds(std::size_t(options.splits));
  for (int f = 0; f < options.splits; ++f) {
    Fold& fold = folds[std::size_t(f)];
    for (std::size_t i = 0; i < labels.size(); ++i) {
      (fold_of[i] == f ? fold.test : fold.train).push_back(std::uint32_t(i));
    }
  }
  return folds;
}

// Shuffles every class by itself, then merges the classes evenly: the j-th of a class of n stands
// at (2j + 1) / 2n of the way. A larger slice so contains every smaller one.
Indices stratified_slice(std::span<const Label> labels, std::size_t count, std::uint64_t seed) {
  std::vector<std::tuple<double, std::uint8_t, std::uint32_t>> order;  // place, label, row
  for (const Indices& rows : rows_by_class(labels)) {
    const Label label = labels[rows.front()];
    const auto shuffled = Rng(seed, Purpose::kDraw, label).permutation(std::uint32_t(rows.size()));
    for (std::size_t j = 0; j < rows.size(); ++j) {
      order.emplace_back(double(2 * j + 1) / double(2 * rows.size()), label, rows[shuffled[j]]);
    }
  }
  std::ranges::sort(order);
  if (count > 0 && count < order.size()) order.resize(count);
  Indices rows;
  for (const auto& [place, label, row] : order) rows.push_back(row);
  std::ranges::sort(rows);
  return rows;
}

}  // namespace tailor::internal
