// Some rows of a data set, in the order they are to be read. Copies nothing, so any number of
// trials, folds and maps share one set, which must outlive them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tailor/data/dataset.hpp"

namespace tailor::internal {

struct Rows {
  const Dataset* set = nullptr;
  Indices indices;  // into the set

  std::size_t size() const { return indices.size(); }
  bool empty() const { return indices.empty(); }
  std::span<const std::uint8_t> image(std::size_t i) const { return set->image(indices[i]); }
  Label label(std::size_t i) const { return set->labels[indices[i]]; }
  // The number people know image i by.
  std::uint32_t number(std::size_t i) const { return set->number_of(indices[i]); }
};

Rows all_rows(const Dataset& set);
// A stratified slice of `count` of the set's rows; all where count is 0 or not smaller.
Rows slice_of(const Dataset& set, std::size_t count, std::uint64_t seed);

// How many images each class has.
std::vector<std::int64_t> class_counts(const Dataset& set);

// One for each row.
std::vector<Label> labels_of(const Rows& rows);
// Values 0 to 255, image after image.
std::vector<float> floats_of(const Rows& rows);

}  // namespace tailor::internal
