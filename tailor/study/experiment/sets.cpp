#include "tailor/study/experiment/sets.hpp"

#include "tailor/data/folds.hpp"

namespace tailor::internal {
namespace {

constexpr std::uint64_t kSliceSeed = 0;  // seeds vary the training, not what is trained on

Dataset take_rows(const Dataset& set, const Indices& rows) {
  Dataset slice{set.shape, {}, {}, set.class_names, rows};
  slice.pixels.reserve(rows.size() * set.shape.size());
  slice.labels.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const auto image = set.image(row);
    slice.pixels.insert(slice.pixels.end(), image.begin(), image.end());
    slice.labels.push_back(set.labels[row]);
  }
  return slice;
}

}  // namespace

std::filesystem::path run_folder(const Experiment& experiment) {
  return experiment.out.empty() ? std::filesystem::path("runs") / experiment.name
                                : std::filesystem::path(experiment.out);
}

SetPart load_part(const DataOptions& data, Split split) {
  Dataset set = load_split(data.dir, split);
  if (!data.class_names.empty()) name_classes(set, data.class_names, "data.class_names");
  const std::size_t all = set.size();
  const int limit = split == Split::kTrain ? data.train_limit : data.test_limit;
  if (limit == 0 || std::size_t(limit) >= all) return {std::move(set), all};
  return {take_rows(set, stratified_slice(set.labels, std::size_t(limit), kSliceSeed)), all};
}

Dataset load_set(const Experiment& experiment, Split split) {
  return load_set(experiment.data, split);
}

Dataset load_set(const DataOptions& data, Split split) {
  return load_part(data, split).set;
}

}  // namespace tailor::internal
