// A run's results: metrics.json, and what a person sees of them on the console.
#pragma once

#include <string>
#include <vector>

#include "tailor/cli/pipeline.hpp"
#include "tailor/core/json.hpp"
#include "tailor/report/report.hpp"

namespace tailor {

// {first, final, search, data}; no times, so that equal runs give equal bytes. train_accuracy is
// the running accuracy of the last epoch, dropout on, as Keras's history reports it;
// train_accuracy_evaluated is measured after training, dropout off, on the images it trained on.
// `explored`: what write_explorer found.
Json metrics_json(const FinishedRun& run, const Study& study, const Json& explored);

// Throws bad_input where it is no metrics.json of ours.
Json read_metrics(const std::filesystem::path& path);

// The four figures of the study that this one answers (15 and 20 epochs on Fashion-MNIST) beside
// ours; without the notebook's column for other data.
std::vector<NotebookRow> result_rows(const Json& metrics);

// "model.dropout = 0.4, model.kernels = 32".
std::string settings_text(const Settings& settings);

// The closing table on stdout, or one JSON object: the metrics, the timings, the files.
void show_run(Console& console, const Json& metrics, const RunTimings& timings,
              const RunFiles& files);

}  // namespace tailor
