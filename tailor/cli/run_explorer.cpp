#include "tailor/cli/run_explorer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/cli/data_check.hpp"
#include "tailor/cli/mapping.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/cli/run_timings.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/embed/pca.hpp"
#include "tailor/search/held_out.hpp"
#include "tailor/train/calibration.hpp"

namespace tailor {
namespace {

// Rows of the test set as predictions see them, calibrated.
std::vector<float> probabilities_of(const FinishedRun& run, const ImagePoints& points) {
  const std::size_t classes = run.test.class_names.size();
  std::vector<float> out;
  for (const std::uint32_t row : points.rows) {
    const auto first = run.final_measured.probabilities.begin() + std::ptrdiff_t(row * classes);
    out.insert(out.end(), first, first + std::ptrdiff_t(classes));
  }
  return with_temperature(out, int(classes), run.final.temperature.value);
}

// The map's points, or none where there are too few images for a map.
ImagePoints points_to_map(const FinishedRun& run, const Study& study) {
  const auto limit = std::size_t(study.experiment.report.points);
  ImagePoints all = points_of(nullptr, &run.test);
  return limit < all.set.size() ? slice_of(all, limit, study.experiment.seed) : all;
}

// False when stopped.
bool add_maps(ExplorerData& page, FinishedRun& run, const Study& study, const ImagePoints& points,
              Engine& engine, Context& context) {
  Progress progress(context.console);
  TsneOptions options;
  options.seed = study.experiment.seed;
  const auto add = [&](const std::string& name, std::span<const float> values) {
    if (!can_be_mapped(values, points.set.size())) return true;  // the page does without
    const TsneHooks hooks = show_map(progress, "map of " + name, context.stop);
    const Embedding* beside = page.maps.empty() ? nullptr : &page.maps.front();
    auto map = make_map({name, values, points.set.size(), points.set.labels, options, beside},
                        engine, hooks);
    if (map) add_map(page, std::move(*map));
    return map.has_value();
  };
  const Precision precision = parse_precision(study.experiment.precision);
  const Features learned =
      features(run.final.made.spec, run.final.params, engine, precision, {&run.test, points.rows});
  return add("raw pixels", as_floats(points.set.pixels)) && add("learned features", learned.values);
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

Json map_json(const Embedding& map) {
  return {{"name", map.name},
          {"method", map.method},
          {"kl", map.quality.kl},
          {"trustworthiness", map.quality.trustworthiness},
          {"map_accuracy", map.quality.map_accuracy}};
}

// The page, the lists and their figures; nullopt when stopped.
std::optional<Json> explore(FinishedRun& run, const Study& study, Context& context) {
  context.console.note("maps of the test images and a check of the data");
  Engine engine(study.experiment.threads);
  const ImagePoints points = points_to_map(run, study);
  ExplorerData page = explorer_of(points, study.experiment.name);
  add_predictions(page, probabilities_of(run, points));
  if (!add_maps(page, run, study, points, engine, context)) return std::nullopt;
  const Findings findings =
      check_data(study.train, run.test, search_predictions(study, run.search), {}, engine);
  write_findings(study.files.data_check(), findings, study.train, run.test);
  page.check = check_page(findings, study.train, run.test);
  page.provenance = {{"data", study.experiment.data.dir},
                     {"data fingerprint", study.identity.fingerprint},
                     {"model", "the final model of this run"},
                     {"seed", std::to_string(study.experiment.seed)}};
  write_file_atomic(study.files.explorer(), render_explorer(page));
  Json found = findings_json(findings, study.train);
  found["maps"] = Json::array();
  for (const Embedding& map : page.maps) found["maps"].push_back(map_json(map));
  return found;
}

}  // namespace

std::optional<Json> write_explorer(FinishedRun& run, const Study& study, Context& context) {
  if (study.experiment.report.points == 0) return Json::object();
  try {
    return explore(run, study, context);
  } catch (const Error& error) {  // both models are trained: that is not to be lost for a picture
    context.console.warn(fmt::format("no explorer page: {}", error.what()));
    return Json::object();
  }
}

}  // namespace tailor
