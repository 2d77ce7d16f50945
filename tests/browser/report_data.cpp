#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "tests/browser/small_set.hpp"

namespace tailor::internal::browser {
namespace {

constexpr std::size_t kCellImages = 12;

std::vector<Label> all_labels(const SmallSet& set) {
  std::vector<Label> labels;
  for (std::size_t point = 0; point < set.points; ++point) labels.push_back(label_of(set, point));
  return labels;
}

std::vector<EpochRecord> drawn_history(int epochs, double start) {
  std::vector<EpochRecord> history;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    EpochRecord record;
    record.epoch = epoch;
    record.accuracy = start + (0.97 - start) * (1 - std::exp(-0.5 * epoch));
    record.loss = record.cross_entropy = 1.2 * std::exp(-0.4 * epoch) + 0.1;
    record.watched_accuracy = record.accuracy - 0.004 * epoch;
    record.watched_loss = record.loss + 0.02 * epoch;
    record.learning_rate = 0.001;
    record.images_per_second = 25000;
    record.seconds = 2.4;
    history.push_back(record);
  }
  return history;
}

// Bins that promise `excess` more than they keep.
Reliability drawn_reliability(double excess) {
  Reliability result = {excess, 0.3 + excess, 0.15 + excess, 0.9, {}};
  for (int bin = 0; bin < 15; ++bin) {
    const double low = bin / 15.0, high = (bin + 1) / 15.0, middle = (low + high) / 2;
    const std::int64_t images = bin < 7 ? 0 : 1 << (bin - 7);
    result.bins.push_back({low, high, images, images > 0 ? middle : 0,
                           images > 0 ? std::max(0.0, middle - excess) : 0});
  }
  return result;
}

ModelReport drawn_model(const SmallSet& set, const std::string& title, int epochs) {
  const std::vector<float> probabilities = drawn_probabilities(set);
  const std::vector<Label> labels = all_labels(set);
  ModelReport model;
  model.title = title;
  model.settings = {{"model.kernels", "32"}, {"model.dropout", "0.4"}, {"data.name", set.names[0]}};
  model.summary =
      "Layer     Output    Params\nconv2d    6x6x8         80\nmax_pool  3x3x8          0\n"
      "dense     " +
      std::to_string(set.names.size()) + "           219";
  model.params = 299;
  model.history = drawn_history(epochs, 0.6);
  model.train_accuracy = 0.968;
  model.test = evaluate_predictions(probabilities, labels, set.names);
  auto& calibration = model.calibration.emplace();
  calibration.temperature = {1.2, 60};
  calibration.before = drawn_reliability(0.08);
  calibration.after = drawn_reliability(0.01);
  model.costs = {3'400, 12'345, 41, 58'000};
  model.seconds = 19.2;
  model.images_per_second = 25'000;
  return model;
}

SearchResult drawn_search(const SmallSet& set) {
  constexpr int kFolds = 3;
  std::vector<Settings> candidates;
  std::vector<FoldResult> results;
  for (int i = 0; i < set.candidates; ++i) {
    candidates.push_back({{"data.augment", i % 4 < 2},
                          {"model.dropout", 0.1 * (i % 5)},
                          {"model.kernels", std::int64_t(8 << (i % 3))},
                          {"model.layer.13.rate", 0.05 + 0.01 * (i * 7 % 41)},
                          {"train.learning_rate", 1e-4 * std::pow(2.0, i % 12)},
                          {"train.optimizer", i % 2 == 0 ? "adam" : set.names[0]}});
    for (int fold = 0; fold < kFolds; ++fold) {
      FoldResult result;
      result.candidate = i;
      result.fold = fold;
      result.test_score = 0.87 + 0.012 * (i % 3) - 0.006 * (i % 5) + 0.003 * fold +
                          0.002 * noise(30, std::uint64_t(i));
      result.fit_seconds = 4 + i % 12;
      result.score_seconds = 0.2;
      if (i > 0 && i + 1 == set.candidates) {
        result.test_score = std::numeric_limits<double>::quiet_NaN();
        result.error = set.names[0];
      }
      results.push_back(result);
    }
  }
  return summarize(candidates, kFolds, results, false);
}

Pictured pictured(const SmallSet& set, const std::vector<float>& probabilities, std::size_t point) {
  const std::size_t classes = set.names.size();
  const auto row = probabilities.begin() + std::ptrdiff_t(point * classes);
  const auto end = row + std::ptrdiff_t(classes);
  return {point,
          label_of(set, point),
          int(std::max_element(row, end) - row),
          {row, end},
          drawn_image(set, point)};
}

void add_pictures(ReportData& data, const SmallSet& set) {
  const std::vector<float> probabilities = drawn_probabilities(set);
  std::map<std::pair<int, int>, std::vector<Pictured>> cells;
  for (std::size_t point = 0; point < set.points; ++point) {
    const Pictured picture = pictured(set, probabilities, point);
    const bool hit = picture.true_class == picture.predicted_class;
    std::vector<Pictured>& gallery = hit ? data.unsure_hits : data.mistakes;
    if (gallery.size() < 24) gallery.push_back(picture);
    std::vector<Pictured>& cell = cells[{picture.true_class, picture.predicted_class}];
    if (cell.size() < kCellImages) cell.push_back(picture);
  }
  for (const auto& [place, pictures] : cells) {
    data.cells.insert(data.cells.end(), pictures.begin(), pictures.end());
  }
}

// The last `dead` channels are 0 everywhere.
FeatureMaps drawn_maps(const std::string& layer, int channels, int side, int dead = 0) {
  FeatureMaps maps = {layer, channels, side, side, {}};
  for (int i = 0; i < channels * side * side; ++i) {
    const bool alive = i < (channels - dead) * side * side;
    maps.values.push_back(alive ? float(noise(20, std::uint64_t(i)) + std::sin(0.3 * i)) : 0);
  }
  return maps;
}

Image drawn_sprite(const SmallSet& set) {
  const Shape& shape = set.shape;
  Image sprite = {shape.height, shape.width * 10, shape.channels, {}};
  sprite.pixels.resize(shape.size() * 10);
  const std::size_t row = std::size_t(shape.width) * shape.channels;
  for (std::size_t i = 0; i < 10; ++i) {
    const std::vector<std::uint8_t> pixels = drawn_pixels(set, i);
    for (std::size_t y = 0; y < std::size_t(shape.height); ++y) {
      std::copy_n(pixels.begin() + std::ptrdiff_t(y * row), row,
                  sprite.pixels.begin() + std::ptrdiff_t((y * 10 + i) * row));
    }
  }
  return sprite;
}

ComparedModel compared_model(const SmallSet& set, int kernels, double start) {
  ComparedModel model;
  model.history = drawn_history(8, start);
  model.settings = {{"model.kernels", std::to_string(kernels)}, {"model.name", set.names[0]}};
  model.train_accuracy = 0.96;
  model.test = evaluate_predictions(drawn_probabilities(set), all_labels(set), set.names);
  model.test->accuracy += 0.02 * (start - 0.6);
  return model;
}

}  // namespace

ReportData report_data(const SmallSet& set) {
  ReportData data;
  data.title = "Discs of " + set.names[0];
  data.dataset_line = "1,200 training and 300 test images of " + set.names[0];
  data.sprite = drawn_sprite(set);
  data.class_names = set.names;
  data.notebook_table = {{"First model, test accuracy", "88 %", "90.0 %"},
                         {"Final model, test accuracy", "92.9 %", "90.0 %"}};
  data.models = {drawn_model(set, "First model", 8), drawn_model(set, "Final model", 12)};
  data.search = drawn_search(set);
  data.sets = {{"1,140 training images", 1140, "training both models"},
               {"60 training images kept apart", 60, "temperature"},
               {"300 test images", 300, "the figures of this report, once"}};
  add_pictures(data, set);
  data.anatomy = Anatomy{data.mistakes.front(),
                         drawn_maps("layers.0 conv2d", 8, 3),
                         {drawn_maps("layers.0 conv2d", 8, 6), drawn_maps("layers.1 relu", 8, 6, 3),
                          drawn_maps("layers.2 max_pool", 8, 3, 8)}};
  data.explorer = "explorer.html";
  data.experiment_toml = "seed = 1\n[data]\npath = \"" + set.names[0] + "\"\n";
  data.provenance = {{"commit", "0123456789ab"}, {"data", set.names[0]}, {"seed", "1"}};
  data.command = "./run " + set.names[0];
  data.timings = {{"first model", "19.2 s"}, {"search", "112 s"}, {"final model", "30.0 s"}};
  return data;
}

std::vector<ComparedRun> compared_runs(const SmallSet& set) {
  std::vector<ComparedRun> runs;
  for (int i = 0; i < 5; ++i) {
    const bool wide = i >= 3;
    ComparedRun run;
    run.name = (wide ? "wide " : "narrow ") + std::to_string(i) + " " + set.names[0];
    run.folder = "runs/" + run.name;
    run.group = wide ? "wide" : "narrow " + set.names[0];
    run.seed = std::to_string(i % 3 + 1);
    run.first = compared_model(set, 32, 0.6 + 0.01 * i);
    run.final = compared_model(set, wide ? 64 : 16, 0.62 + 0.01 * i);
    run.search = drawn_search(set);
    run.facts = {{"data", set.names[0]}, {"precision", "bf16"}};
    run.timings = {{"search", "112 s"}, {"all", "161 s"}};
    runs.push_back(run);
  }
  return runs;
}

}  // namespace tailor::internal::browser
