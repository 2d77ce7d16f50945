#include "tailor/study/pages/explore.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/lasting.hpp"
#include "tailor/study/held_out.hpp"
#include "tailor/study/pages/data_check.hpp"
#include "tailor/study/pages/maps.hpp"
#include "tailor/study/run_timings.hpp"
#include "tailor/train/calibration.hpp"

namespace tailor::internal {
namespace {

// Rows of the test set as predictions see them, calibrated.
std::vector<float> probabilities_of(const FinishedRun& run, const Rows& points) {
  const std::size_t classes = run.test.class_names.size();
  std::vector<float> out;
  for (const std::uint32_t row : points.indices) {
    const auto first = run.final_measured.probabilities.begin() + std::ptrdiff_t(row * classes);
    out.insert(out.end(), first, first + std::ptrdiff_t(classes));
  }
  return with_temperature(out, int(classes), run.final.model.temperature.value);
}

// False when stopped.
bool add_maps(ExplorerData& page, const FinishedRun& run, const Study& study, const Rows& points,
              Engine& engine, const Observer& observer) {
  const std::vector<Label> labels = labels_of(points);
  TsneOptions options;
  options.seed = study.experiment.seed;
  const auto add = [&](const std::string& name, std::span<const float> values) {
    if (!can_be_mapped(values, points.size())) return true;  // the page does without
    const TsneHooks hooks = observer.hooks_for_mapping("map of " + name);
    const Embedding* beside = page.maps.empty() ? nullptr : &page.maps.front();
    auto map =
        make_map({name, values, points.size(), labels, options, beside}, engine, hooks, observer);
    if (map) add_map(page, std::move(*map));
    return map.has_value();
  };
  const Features learned = features(run.final.model, engine, points);
  return add("raw pixels", floats_of(points)) && add("learned features", learned.values);
}

// What the search's best candidate said of the images its folds held out; nullopt where the study
// does not hold it.
std::optional<HeldOutPredictions> search_predictions(const Study& study,
                                                     const SearchResult& search) {
  auto probabilities =
      out_of_fold_probabilities(study.plan, *study.store, search.best_index, study.train.classes());
  if (!probabilities) return std::nullopt;
  const double accuracy = search.rows[std::size_t(search.best_index)].mean_test_score;
  return HeldOutPredictions{
      std::move(*probabilities),
      fmt::format("held-out predictions of the search\u2019s best candidate, {} folds, accuracy "
                  "{:.1f} %",
                  search.folds, 100 * accuracy)};
}

MapMetrics metrics_of(const Embedding& map) {
  return {map.name, map.method, map.quality.kl, map.quality.trustworthiness,
          map.quality.map_accuracy};
}

// The page, the lists and their figures; nullopt when stopped.
std::optional<Explored> explore(const FinishedRun& run, const Study& study,
                                const Observer& observer) {
  observer.say("maps of the test images and a check of the data");
  Engine engine(study.experiment.threads);
  const Rows points =
      slice_of(run.test, std::size_t(study.experiment.report.points), study.experiment.seed);
  ExplorerData page = explorer_of(points, 0, study.experiment.name);
  add_predictions(page, probabilities_of(run, points));
  if (!add_maps(page, run, study, points, engine, observer)) return std::nullopt;
  const Findings findings = check_data(study.train, run.test, search_predictions(study, run.search),
                                       {}, engine, observer);
  observer.work_on("explorer page");
  write_findings(study.files.data_check(), findings, study.train, run.test);
  page.check = check_page(findings, study.train, run.test);
  page.provenance = {{"data", study.experiment.data.dir},
                     {"data fingerprint", study.identity.fingerprint},
                     {"model", "the final model of this run"},
                     {"seed", std::to_string(study.experiment.seed)}};
  write_file_atomic(study.files.explorer(), render_explorer(page));
  Explored explored{count(findings, study.train), {}};
  for (const Embedding& map : page.maps) explored.maps.push_back(metrics_of(map));
  return explored;
}

}  // namespace

std::optional<Explored> write_explorer(const FinishedRun& run, const Study& study,
                                       const Observer& observer) {
  if (study.experiment.report.points == 0) return std::nullopt;
  try {
    return explore(run, study, observer);
  } catch (const Error& error) {
    // What the machine could not do now it may do when the run goes on; what these images do not
    // give is no reason to lose two trained models for a picture.
    if (!is_lasting(error)) throw;
    observer.caution(fmt::format("no explorer page: {}", error.what()));
    return std::nullopt;
  }
}

}  // namespace tailor::internal
