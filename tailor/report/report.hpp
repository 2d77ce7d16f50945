// One self-contained HTML page from plain records: no network, no script, inline SVG, PNG as data
// URI, light and dark, for wide screens, phones and paper. Every part is left out where its record
// is empty.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tailor/formats/image.hpp"
#include "tailor/search/records.hpp"
#include "tailor/train/records.hpp"

namespace tailor {

struct Mistake {  // a test image the final model got wrong
  Image image;
  std::size_t index = 0;
  std::string true_class;
  std::string predicted_class;
  double probability = 0;       // given to the predicted class
  double true_probability = 0;  // given to the true one
};

struct ModelReport {
  std::string title;  // "First model", "Final model"
  std::vector<std::pair<std::string, std::string>>
      settings;         // what distinguishes it: kernels, dropout, epochs, ...
  std::string summary;  // nn::summary()
  std::int64_t params = 0;
  std::vector<EpochRecord> history;
  double train_accuracy = 0;  // dropout off, after training, on everything it trained on
  std::optional<Evaluation> test;
  double seconds = 0;
  double images_per_second = 0;
};

struct NotebookRow {     // one figure of the study this one answers, beside ours
  std::string figure;    // "First model, test accuracy"
  std::string notebook;  // "88 %"; the column is left out where all are empty
  std::string ours;      // "89.1 %"
};

struct ReportData {
  std::string title;         // the experiment's name
  std::string dataset_line;  // "60,000 training and 10,000 test images, 28x28x1, 10 classes"
  Image sprite;
  std::vector<std::string> class_names;
  std::vector<NotebookRow> notebook_table;
  std::vector<ModelReport> models;
  std::optional<SearchResult> search;
  std::vector<Mistake> mistakes;  // worst first
  std::string experiment_toml;
  std::vector<std::pair<std::string, std::string>>
      provenance;       // commit, CPU, precision, threads, versions, fingerprint, seeds
  std::string command;  // how to make this run again
  std::vector<std::pair<std::string, std::string>>
      timings;  // stage and time: the one place of the page where two equal runs may differ
};

// A pure function of `data`: equal records give equal bytes.
std::string render_report(const ReportData& data);

}  // namespace tailor
