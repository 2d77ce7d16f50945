// One run is one folder: where everything lies in it, and which run it belongs to.
#pragma once

#include <filesystem>
#include <string>

#include "tailor/study/model.hpp"

namespace tailor::internal {

struct RunFiles {
  std::filesystem::path folder;
  std::filesystem::path experiment() const { return folder / "experiment.toml"; }
  std::filesystem::path sprite() const { return folder / "sprite.png"; }
  std::filesystem::path study() const { return folder / "study.db"; }
  std::filesystem::path cv_results() const { return folder / "cv_results.csv"; }
  std::filesystem::path metrics() const { return folder / "metrics.json"; }
  std::filesystem::path timings() const { return folder / "timings.json"; }
  std::filesystem::path report() const { return folder / "report.html"; }
  std::filesystem::path predictions() const { return folder / "test_predictions.csv"; }
  std::filesystem::path explorer() const { return folder / "explorer.html"; }
  std::filesystem::path split() const { return folder / "split.csv"; }
  std::filesystem::path bad_files() const { return folder / "bad_files.csv"; }
  std::filesystem::path data_check() const { return folder / "data-check"; }
};

// Of one of the two models; `partial` is there only while it is half trained, `failed` where it has
// failed: why, in a line.
struct ModelFiles {
  std::filesystem::path model;
  std::filesystem::path history;
  std::filesystem::path partial;
  std::filesystem::path failed = {};
};

ModelFiles first_files(const RunFiles& files);  // first.safetensors, first_history.csv
ModelFiles final_files(const RunFiles& files);  // model.safetensors, history.csv

// Whose results a folder holds, by what lies in it.
enum class FolderOwner {
  kNobody,
  kRun,
  kSearch,
  kTrain,
  kStranger,  // a model that no command of ours wrote there
};
FolderOwner owner_of(const std::filesystem::path& folder);

// Throws bad_input, with advice that loses nothing, where the folder holds what another command
// than that of `mine` left.
void refuse_others_folder(const std::filesystem::path& folder, FolderOwner mine);

// Throws bad_input where the folder holds a run of another experiment or of other data, or what
// another command left. Writes nothing.
void check_same_run(const RunFiles& files, const Experiment& experiment,
                    const std::string& data_fingerprint);

// Writes experiment.toml with the data's fingerprint in its first line, which also shows whether
// the folder can be written: from here on the folder belongs to this run. The caller holds its
// lock. Throws failure.
void claim_folder(const RunFiles& files, const Experiment& experiment,
                  const std::string& data_fingerprint);

// Whether the folder holds a run, finished or not: an experiment.toml that says of which data.
bool is_run(const RunFiles& files);

// What experiment.toml of a run says. Throws bad_input where the folder is no run's.
struct ClaimedRun {
  Experiment experiment;
  std::string data_fingerprint;
};
ClaimedRun read_claim(const RunFiles& files);

}  // namespace tailor::internal
