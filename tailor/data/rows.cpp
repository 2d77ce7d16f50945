#include "tailor/data/rows.hpp"

#include <numeric>

#include "tailor/data/folds.hpp"

namespace tailor::internal {

Rows all_rows(const Dataset& set) {
  Rows rows{&set, Indices(set.size())};
  std::iota(rows.indices.begin(), rows.indices.end(), 0u);
  return rows;
}

Rows slice_of(const Dataset& set, std::size_t count, std::uint64_t seed) {
  if (count == 0 || count >= set.size()) return all_rows(set);
  return {&set, stratified_slice(set.labels, count, seed)};
}

std::vector<std::int64_t> class_counts(const Dataset& set) {
  std::vector<std::int64_t> counts(set.class_names.size());
  for (const Label label : set.labels) ++counts[label];
  return counts;
}

std::vector<Label> labels_of(const Rows& rows) {
  std::vector<Label> labels(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) labels[i] = rows.label(i);
  return labels;
}

std::vector<float> floats_of(const Rows& rows) {
  std::vector<float> values;
  values.reserve(rows.size() * rows.set->shape.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto image = rows.image(i);
    values.insert(values.end(), image.begin(), image.end());
  }
  return values;
}

}  // namespace tailor::internal
