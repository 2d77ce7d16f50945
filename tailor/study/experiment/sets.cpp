#include "tailor/study/experiment/sets.hpp"

#include <utility>

#include "tailor/data/folds.hpp"
#include "tailor/study/ready_data.hpp"

namespace tailor::internal {
namespace {

constexpr std::uint64_t kSliceSeed = 0;  // seeds vary the training, not what is trained on

Dataset take_rows(const Dataset& set, const Indices& rows) {
  Dataset slice{set.shape, {}, {}, set.class_names, rows, {}};
  slice.pixels.reserve(rows.size() * set.shape.size());
  slice.labels.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    slice.pixels.append(set.image(row));
    slice.labels.push_back(set.labels[row]);
    if (!set.groups.empty()) slice.groups.push_back(set.groups[row]);
  }
  return slice;
}

}  // namespace

std::filesystem::path run_folder(const Experiment& experiment) {
  return experiment.out.empty() ? std::filesystem::path("runs") / experiment.name
                                : std::filesystem::path(experiment.out);
}

SetPart load_part(const DataOptions& data, Split split, int threads, const Observer& observer) {
  ReadyPart ready = ReadyData(data, threads, observer).part(split);
  SetPart part{std::move(ready.set), 0, std::move(ready.files), std::move(ready.bad)};
  if (!data.class_names.empty()) name_classes(part.set, data.class_names, "data.class_names");
  part.of = part.set.size();
  const int limit = split == Split::kTest    ? data.test_limit
                    : split == Split::kTrain ? data.train_limit
                                             : 0;
  if (limit != 0 && std::size_t(limit) < part.of) {
    part.set =
        take_rows(part.set, stratified_slice(part.set.labels, std::size_t(limit), kSliceSeed));
  }
  return part;
}

Dataset load_set(const Experiment& experiment, Split split, const Observer& observer) {
  return load_part(experiment.data, split, experiment.threads, observer).set;
}

DataIdentity identify(const DataOptions& data, int threads, const Observer& observer) {
  return ReadyData(data, threads, observer).identity();
}

Dataset load_outline(const DataOptions& data) {
  ReadyData ready(data, 0);
  if (ready.source().mnist) return load_outline(std::filesystem::path(data.dir));
  Dataset outline = ready.source().parts.at(Split::kTrain)().set;
  outline.shape = ready.recipe().recipe.shape;
  outline.pixels = {};
  return outline;
}

bool has_split(const DataOptions& data, Split split) {
  if (split == Split::kTest && data.test_size > 0) return true;
  if (split == Split::kValidation && data.validation_size > 0) return true;
  return open_source(data.dir).has(split);
}

Dataset load_set(const DataOptions& data, Split split) {
  return load_part(data, split).set;
}

}  // namespace tailor::internal
