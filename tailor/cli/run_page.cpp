#include "tailor/cli/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tailor/cli/progress.hpp"
#include "tailor/cli/run_results.hpp"
#include "tailor/data/sprite.hpp"

namespace tailor {
namespace {

constexpr int kSpriteWidth = 840;    // 30 images of 28 pixels
constexpr int kSpriteHeight = 4000;  // beyond, one image of each class has to do
constexpr std::size_t kMistakes = 30;

Image as_image(Sprite sprite) {
  return {sprite.height, sprite.width, sprite.channels, std::move(sprite.pixels)};
}

// One image of every class, in class order.
Indices one_of_each(const Dataset& set) {
  Indices rows;
  for (int label = 0; label < set.classes(); ++label) {
    const auto found = std::find(set.labels.begin(), set.labels.end(), std::uint8_t(label));
    if (found != set.labels.end()) rows.push_back(std::uint32_t(found - set.labels.begin()));
  }
  return rows;
}

// The wrongly named images, those the model was surest of first; equal ones by index.
std::vector<Pictured> worst_mistakes(const Dataset& test, const std::vector<float>& probabilities,
                                     const std::vector<std::string>& names) {
  const std::size_t classes = names.size();
  std::vector<Pictured> mistakes;
  for (std::size_t i = 0; i < test.size(); ++i) {
    const float* row = probabilities.data() + i * classes;
    const int guess = int(std::max_element(row, row + classes) - row);
    const int truth = test.labels[i];
    if (guess != truth) mistakes.push_back({i, truth, guess, {row, row + classes}, {}});
  }
  const auto sureness = [](const Pictured& picture) {
    return picture.probabilities[std::size_t(picture.predicted_class)];
  };
  std::stable_sort(mistakes.begin(), mistakes.end(), [&](const Pictured& a, const Pictured& b) {
    return sureness(a) > sureness(b);
  });
  if (mistakes.size() > kMistakes) mistakes.resize(kMistakes);
  for (Pictured& mistake : mistakes) {
    const auto pixels = test.image(mistake.index);
    mistake.image = {
        test.shape.height, test.shape.width, test.shape.channels, {pixels.begin(), pixels.end()}};
  }
  return mistakes;
}

ModelReport model_report(const std::string& title, const TrainedModel& model,
                         const Measured& measured) {
  ModelReport report;
  report.title = title;
  for (const auto& [path, value] : model.made.settings) {
    report.settings.emplace_back(path, to_text(value));
  }
  const TrainOptions& options = model.made.experiment.train;
  report.settings.emplace_back("epochs", std::to_string(options.epochs));
  report.settings.emplace_back("batch", std::to_string(options.batch));
  report.settings.emplace_back("optimizer",
                               fmt::format("{}, learning rate {}, schedule {}", options.optimizer,
                                           options.learning_rate, options.schedule));
  report.summary = summary(model.made.spec);
  report.params = std::int64_t(model.params.table.weight_count);
  report.history = model.history;
  report.train_accuracy = measured.train.accuracy;
  report.test = measured.test;
  return report;
}

std::vector<std::pair<std::string, std::string>> provenance_rows(const Study& study,
                                                                 const RunTimings& timings) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const char* key :
       {"commit", "tailor", "CPU", "vector unit", "cores usable", "compiler", "libraries"}) {
    const auto found = timings.provenance.find(key);
    if (found != timings.provenance.end()) rows.emplace_back(key, found->second);
  }
  rows.emplace_back("precision", study.experiment.precision);
  rows.emplace_back("threads", std::to_string(timings.threads));
  rows.emplace_back("trials at a time", std::to_string(timings.parallel_trials));
  rows.emplace_back("data", study.experiment.data.dir);
  if (!study.identity.release.empty()) rows.emplace_back("release", study.identity.release);
  if (!study.identity.warning.empty()) rows.emplace_back("warning", study.identity.warning);
  rows.emplace_back("data fingerprint", study.identity.fingerprint);
  rows.emplace_back("seed of the models", std::to_string(study.experiment.seed));
  rows.emplace_back("random state of the search",
                    std::to_string(study.experiment.search.random_state));
  return rows;
}

std::vector<std::pair<std::string, std::string>> timing_rows(const RunTimings& timings) {
  std::vector<std::pair<std::string, std::string>> rows;
  const std::pair<const char*, const char*> stages[] = {
      {"first", "First model"}, {"search", "Search"}, {"final", "Final model"}};
  for (const auto& [stage, name] : stages) {
    const auto seconds = timings.seconds.find(stage);
    const auto speed = timings.images_per_second.find(stage);
    if (seconds == timings.seconds.end() || speed == timings.images_per_second.end()) continue;
    rows.emplace_back(name, fmt::format("{}, {} images/s", duration_text(seconds->second),
                                        grouped(speed->second)));
  }
  rows.emplace_back("All", duration_text(timings.total_seconds()));
  rows.emplace_back("Peak memory",
                    fmt::format("{:.0f} MiB", double(timings.peak_memory_bytes) / (1024 * 1024)));
  return rows;
}

std::string dataset_line(const Study& study, const Dataset& test) {
  const DataOptions& options = study.experiment.data;
  const bool slice = options.train_limit > 0 || options.test_limit > 0;
  const std::string& release = study.identity.release;
  return fmt::format("{} training and {} test images, {}, {} classes{}{}",
                     grouped(double(study.train.size())), grouped(double(test.size())),
                     to_string(study.train.shape), study.train.classes(),
                     release.empty() ? "" : "; " + release,
                     slice ? "; a slice that keeps the classes' shares" : "");
}

}  // namespace

Image overview_sprite(const Dataset& set) {
  const int columns = std::clamp(kSpriteWidth / set.shape.width, 4, 30);
  const int rows = std::clamp(30 / set.classes(), 1, 3);
  const std::int64_t height = std::int64_t(rows) * set.classes() * set.shape.height;
  if (height <= kSpriteHeight) return as_image(class_sprite(set, rows, columns));
  return as_image(grid_sprite(set, one_of_each(set), columns));
}

ReportData report_data(const Study& study, const Dataset& test, const TrainedModel& first,
                       const Measured& first_measured, const TrainedModel& final,
                       const Measured& final_measured, const SearchResult& search,
                       const Json& metrics, const RunTimings& timings) {
  ReportData data;
  data.title = study.experiment.name;
  data.dataset_line = dataset_line(study, test);
  data.sprite = overview_sprite(study.train);
  data.class_names = study.train.class_names;
  data.notebook_table = result_rows(metrics);
  data.models = {model_report("First model", first, first_measured),
                 model_report("Final model", final, final_measured)};
  data.search = search;
  data.mistakes = worst_mistakes(test, final_measured.probabilities, study.train.class_names);
  data.experiment_toml = portable_toml(study.experiment);
  data.provenance = provenance_rows(study, timings);
  data.command = fmt::format("./run experiment.toml --out runs/{}-again", study.experiment.name);
  data.timings = timing_rows(timings);
  return data;
}

}  // namespace tailor
