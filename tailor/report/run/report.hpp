// One self-contained HTML page from plain records: no network, inline SVG, PNG as data URI, light
// and dark, for wide screens, phones and paper; script only adds to what stands there without it.
// Every part is left out where its record is empty.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tailor/formats/image.hpp"
#include "tailor/search/records.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

struct Pictured {  // a test image and what the final model made of it
  std::size_t index = 0;
  int true_class = 0;
  int predicted_class = 0;
  std::vector<float> probabilities;  // by class, calibrated where the model is
  Image image;
  std::vector<float> evidence = {};  // what decided, height x width of the image; may be empty
};

// How many of the answers are right, by how sure an answer has to be.
struct ModelCoverage {
  CoverageCurve curve;  // on the test set; thresholds fall, the last entry is all answers
  Rejection rejection;
  Answered answered;  // of the test set, with its threshold
};

struct ModelCalibration {
  Temperature temperature;
  Reliability before;  // on the test set
  Reliability after;
};

struct ModelCosts {
  std::int64_t file_bytes = 0;
  double forward_multiply_adds = 0;  // of one image
  double latency_us = 0;             // of one image, one thread, median; a time
  double images_per_second = 0;      // predicting in batches of 256; a time
};

struct ModelReport {
  std::string title;   // "First model", "Final model"
  std::string failed;  // why there is no such model: it has settings, and no figures
  std::vector<std::pair<std::string, std::string>>
      settings;         // what distinguishes it: kernels, dropout, epochs, ...
  std::string summary;  // nn::summary()
  std::int64_t params = 0;
  std::vector<EpochRecord> history;
  double train_accuracy = 0;  // dropout off, after training, on everything it trained on
  std::optional<Evaluation> test;
  std::optional<ModelCalibration> calibration;
  std::optional<ModelCoverage> coverage;
  std::optional<ModelCosts> costs;
  double seconds = 0;
  double images_per_second = 0;
};

struct FeatureMaps {  // values of one layer, or the kernels of the first
  std::string layer;  // "layers.2 conv2d"
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;  // channels x height x width
};

struct Anatomy {  // what the final model's layers make of one test image
  Pictured example;
  FeatureMaps kernels;            // of the first convolution; channels = filters x input channels
  std::vector<FeatureMaps> maps;  // after each layer that keeps rows and columns
};

struct SetUse {
  std::string name;  // "57,000 training images"
  std::int64_t images = 0;
  std::string used_for;
};

struct NotebookRow {     // one figure of the study this one answers, beside ours
  std::string figure;    // "First model, test accuracy"
  std::string notebook;  // "88 %"; the column is left out where all are empty
  std::string ours;      // "89.1 %"
};

struct StageTime {
  std::string name;  // "First model"
  double seconds = 0;
};

struct ReportData {
  std::string title;         // the experiment's name
  std::string dataset_line;  // "60,000 training and 10,000 test images, 28x28x1, 10 classes"
  Image sprite;
  Image augmented;  // a line for each of some images: itself, then as training saw it
  std::vector<std::string> class_names;
  std::vector<NotebookRow> notebook_table;
  std::string notebook_note;  // what its figures mean, below them
  std::vector<ModelReport> models;
  std::optional<SearchResult> search;
  std::vector<SetUse> sets;
  std::vector<Pictured> mistakes;     // wrong, surest first
  std::vector<Pictured> unsure_hits;  // right, least sure first
  int hidden_side = 0;  // of the square that was moved over these pictures to see what decided
  std::vector<Pictured> cells;  // up to 12 of each cell of the final model's confusion matrix,
                                // by true class, predicted class, falling probability
  std::optional<Anatomy> anatomy;
  std::string explorer;  // the explorer page beside the report, as a relative link; "" = none
  std::string experiment_toml;
  std::vector<std::pair<std::string, std::string>>
      provenance;       // commit, CPU, precision, threads, versions, fingerprint, seeds
  std::string command;  // how to make this run again
  std::vector<std::pair<std::string, std::string>>
      timings;                    // what else was measured: images/s, memory
  std::vector<StageTime> stages;  // wall time, in the order they ran. With the times of the search
                                  // and of single models, all in which two equal runs may differ
};

// A pure function of `data`: equal records give equal bytes.
std::string render_report(const ReportData& data);

}  // namespace tailor::internal
