// What a run found out, and metrics.json, which holds it: no times, so that equal runs give equal
// bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tailor/core/json.hpp"
#include "tailor/core/value.hpp"
#include "tailor/report/run/report.hpp"
#include "tailor/search/records.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

struct ModelMetrics {
  Settings params;  // what was drawn or found
  std::size_t parameters = 0;
  int epochs = 0;
  std::size_t trained_on = 0;  // images
  // The running accuracy of the last epoch, dropout on, as Keras's history reports it.
  double train_accuracy = 0;
  // Measured after training, dropout off, on the images it trained on.
  double train_accuracy_evaluated = 0;
  double test_accuracy = 0;
  double interval_low = 0, interval_high = 0;  // of it, 95 %
  double test_loss = 0;
  double test_top2 = 0;
  double test_balanced_accuracy = 0, test_f1_macro = 0;
  std::string failed;  // why there is no such model, or ""; then the figures are NaN, null in JSON
};

struct CalibrationFigures {
  double ece = 0, nll = 0, brier = 0;
};

struct CalibrationMetrics {
  double temperature = 1;
  std::int64_t images = 0;  // it was fitted on; 0 = none were kept out
  CalibrationFigures before, after;
  std::string kept = {};  // why it is 1 all the same, or ""
};

// Among the surest answers to the test images.
struct CoverageMetrics {
  double coverage = 0;  // share of the images answered
  double accuracy = 0;  // of these
  double threshold = 0;
};

struct FinalMetrics : ModelMetrics {
  std::vector<std::vector<std::int64_t>> confusion;  // [true][predicted], classes x classes
  std::vector<ClassScores> per_class;                // as many
  ClassScores macro;
  CalibrationMetrics calibration;
  std::vector<CoverageMetrics> coverage;  // from all answers to the surest half
  Rejection rejection;                    // where it was asked for
  Answered answered;                      // of the test images, with its threshold
  // On images to validate on, where there are any.
  std::int64_t validation_images = 0;
  double validation_accuracy = 0, validation_balanced_accuracy = 0;
};

struct SearchMetrics {
  std::string strategy;
  Settings best_params;
  double best_score = 0;
  double best_score_std = 0;
  int best_index = 0;
  std::size_t candidates = 0;
  int folds = 0;
  std::vector<FailedFit> failed = {};
};

// Counts of what is odd about the data.
struct DataFindings {
  std::int64_t duplicates = 0, duplicates_across = 0;  // across: between train and test
  std::int64_t near_duplicates = 0, near_duplicates_across = 0;
  double near_threshold = 0;
  std::optional<std::int64_t> label_suspects;  // where predictions were at hand
  std::string label_source;                    // whose
  double label_judge_accuracy = 0;             // of those, on held-out images
  std::int64_t near_listed = 0;                // of near_duplicates, the nearest
};

struct MapMetrics {
  std::string name;
  std::string method;
  double kl = 0;
  double trustworthiness = 0;
  double map_accuracy = 0;
};

struct Explored {
  DataFindings findings;
  std::vector<MapMetrics> maps;
};

struct DataMetrics {
  std::string fingerprint;
  std::string release;  // "" where it is none that is known
  std::int64_t train_images = 0;
  std::int64_t test_images = 0;
  std::string shape;  // "28x28x1"
  int classes = 0;
  std::int64_t bad_files = 0;                               // that were left out
  std::int64_t groups = 0, grouped = 0, largest_group = 0;  // of near copies: images in them
  std::optional<Explored> checked;                          // where an explorer page was made
};

struct Metrics {
  ModelMetrics first;
  FinalMetrics final;
  SearchMetrics search;
  DataMetrics data;
};

Json to_json(const Settings& settings);
Json to_json(const DataFindings& findings);
Json to_json(const Metrics& metrics);

// Throws bad_input that names `source` and the key for what no run writes: keys that are missing,
// of another type or out of range, a confusion matrix that is not classes x classes.
Metrics parse_metrics(const std::string& text, const std::string& source);
Metrics read_metrics(const std::filesystem::path& path);

// The figures of the study that this one answers (15 and 20 epochs on Fashion-MNIST) beside ours;
// without the notebook's column for other data. Training accuracy stands there in both its
// meanings, which kTrainAccuracies explains.
std::vector<NotebookRow> result_rows(const Metrics& metrics);
inline constexpr const char* kTrainAccuracies =
    "Training accuracy, running: the mean over the last epoch, as Keras reports it, with\n"
    "dropout on and weights that still change, so it may lie below the test accuracy.\n"
    "Evaluated: of the finished model, dropout off.";

// "model.dropout = 0.4, model.kernels = 32".
std::string settings_text(const Settings& settings);

}  // namespace tailor::internal
