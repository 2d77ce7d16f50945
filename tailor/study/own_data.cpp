#include "tailor/study/own_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/study/experiment/sets.hpp"
#include "tailor/study/run_timings.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

// What the run around a model says of all its images; "" where there is none.
std::string fingerprint_of_run(const Model& model) {
  const auto stage = model.card.find("stage");
  const bool of_run =
      stage != model.card.end() && (stage->second == "first" || stage->second == "final");
  const RunFiles files{model.file.parent_path()};
  return of_run && is_run(files) ? read_claim(files).data_fingerprint : "";
}

// "" where these are the images, otherwise what differs. A run knows all images of both splits, so
// that those of the training, a slice of them, need no second look.
std::string difference_of_data(const DataOptions& data, const std::string& of_training,
                               const std::string& of_run) {
  const std::string& then = of_run.empty() ? of_training : of_run;
  const std::string now =
      of_run.empty() ? fingerprint(load_set(data, Split::kTrain)) : identify(data).fingerprint;
  return now == then ? "" : fmt::format("fingerprint {:.12} instead of {:.12}", now, then);
}

}  // namespace

void look_for_data(const std::string& dir, const fs::path& folder,
                   const std::function<bool(const std::string&)>& taken) {
  std::vector<fs::path> seen;
  const auto take = [&](const fs::path& place) {
    const auto known = [&](const fs::path& other) { return same_place(other, place); };
    if (!path_exists(place) || std::ranges::any_of(seen, known)) return false;
    seen.push_back(place);
    return taken(place.string());
  };
  if (take(dir)) return;
  const std::string recorded = recorded_data_dir(folder / "timings.json");
  if (!recorded.empty() && take(recorded)) return;
  if (fs::path(dir).is_absolute()) return;
  fs::path above = absolute_path(folder);
  for (fs::path below; above != below; below = above, above = above.parent_path()) {
    if (take(above / dir)) return;
  }
}

FoundData find_run_data(const Experiment& experiment, const RunFiles& files,
                        const Observer& observer) {
  const DataOptions& data = experiment.data;
  // Where somebody names another folder, or this one is there, the run's own images do not take its
  // place.
  if (!is_run(files) || data.dir != read_claim(files).experiment.data.dir ||
      path_exists(data.dir)) {
    return {data.dir, identify(data, experiment.threads, observer)};
  }
  return recorded_run_data(files);
}

FoundData recorded_run_data(const RunFiles& files) {
  const ClaimedRun claim = read_claim(files);
  const DataOptions& data = claim.experiment.data;
  const std::string& wanted = claim.data_fingerprint;
  std::optional<FoundData> found;
  look_for_data(data.dir, files.folder, [&](const std::string& place) {
    DataOptions there = data;
    there.dir = place;
    FoundData here{place, identify(there)};
    if (here.identity.fingerprint != wanted) return false;
    found = std::move(here);
    return true;
  });
  return found ? *found : FoundData{data.dir, identify(data)};
}

DataOptions own_data(const Model& model) {
  DataOptions data = model.experiment.data;
  data.image = image_of(model);
  const auto of_training = model.card.find("data_fingerprint");
  if (of_training == model.card.end()) return data;
  const std::string of_run = fingerprint_of_run(model);
  std::string differs;
  bool found = false;
  look_for_data(data.dir, model.file.parent_path(), [&](const std::string& place) {
    DataOptions there = data;
    there.dir = place;
    const std::string difference = difference_of_data(there, of_training->second, of_run);
    if (difference.empty()) data = there;
    if (differs.empty()) differs = fmt::format("{}: {}", place, difference);
    return found = difference.empty();
  });
  if (found || differs.empty()) return data;  // whoever reads them says where nothing is there
  throw bad_input(
      fmt::format("the images are no longer those that {} was trained on ({}); name a folder with "
                  "--data, whose images are then taken as they are",
                  model.file.string(), differs));
}

DataOptions data_for(const Model& model, const std::string& dir) {
  if (dir.empty()) return own_data(model);
  DataOptions data{.dir = dir};
  data.bad_files = model.experiment.data.bad_files;
  data.cache = model.experiment.data.cache;
  data.image = image_of(model);
  return data;
}

}  // namespace tailor::internal
