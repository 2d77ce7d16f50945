#include "tailor/study/run_files.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/lasting.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFingerprintLine = "# data fingerprint: ";

// What a folder that is no run's holds, and what can be done with that.
std::string what_else(const RunFiles& files) {
  const std::string folder = files.folder.string();
  if (path_exists(files.study())) {
    return fmt::format(
        "{} holds a search, not a run: its scores are in {}, and it goes on when the command that "
        "began it is typed again; tailor run makes a whole study, in a folder of its own",
        folder, files.cv_results().string());
  }
  if (path_exists(final_files(files).model)) {
    return fmt::format(
        "{} holds a single training, not a run: tailor evaluate {} measures its model; tailor run "
        "makes a whole study, in a folder of its own",
        folder, folder);
  }
  return fmt::format("{} holds no experiment.toml of a run; name the folder of one", folder);
}

bool is_of_a_training(const fs::path& model) {
  try {
    const ModelCard card = read_model_card(model);
    const auto stage = card.find("stage");
    return stage != card.end() && stage->second == "train";
  } catch (const Error& error) {
    if (!is_lasting(error)) throw;
    return false;  // no model of ours at all
  }
}

const char* name_of(FolderOwner owner) {
  switch (owner) {
    case FolderOwner::kNobody:
      return "nothing";
    case FolderOwner::kRun:
      return "a whole run (tailor run)";
    case FolderOwner::kSearch:
      return "a search (tailor search)";
    case FolderOwner::kTrain:
      return "a training (tailor train)";
    case FolderOwner::kStranger:
      return "a model.safetensors that no tailor wrote there";
  }
  return "";
}

// In a folder that no tailor began, which writes experiment.toml first of all, whatever has the
// name of a result is somebody's own.
void refuse_strangers_files(const fs::path& folder, FolderOwner mine) {
  if (path_exists(folder / "experiment.toml")) return;
  std::vector<const char*> names = {"history.csv"};
  if (mine != FolderOwner::kTrain) {
    names = {"history.csv",    "first_history.csv", "metrics.json",        "timings.json",
             "cv_results.csv", "report.html",       "explorer.html",       "sprite.png",
             "data-check",     "first_failed.txt",  "test_predictions.csv"};
  }
  for (const char* const name : names) {
    if (!path_exists(folder / name)) continue;
    throw bad_input(fmt::format("{} is there, and no tailor wrote it; choose another --out",
                                (folder / name).string()));
  }
}

}  // namespace

ModelFiles first_files(const RunFiles& files) {
  return {files.folder / "first.safetensors", files.folder / "first_history.csv",
          files.folder / "first.training.safetensors", files.folder / "first_failed.txt"};
}

ModelFiles final_files(const RunFiles& files) {
  return {files.folder / "model.safetensors", files.folder / "history.csv",
          files.folder / "model.training.safetensors"};
}

FolderOwner owner_of(const fs::path& folder) {
  const RunFiles files{folder};
  if (path_exists(first_files(files).model) || is_run(files)) {
    return FolderOwner::kRun;
  }
  if (path_exists(files.study())) return FolderOwner::kSearch;
  if (path_exists(folder / "training.safetensors")) return FolderOwner::kTrain;
  const fs::path model = final_files(files).model;
  if (!path_exists(model)) return FolderOwner::kNobody;
  return is_of_a_training(model) ? FolderOwner::kTrain : FolderOwner::kStranger;
}

void refuse_others_folder(const fs::path& folder, FolderOwner mine) {
  const FolderOwner owner = owner_of(folder);
  if (owner == FolderOwner::kNobody) return refuse_strangers_files(folder, mine);
  if (owner == mine) return;
  throw bad_input(fmt::format("{} holds {}, which stays as it is; choose another --out",
                              folder.string(), name_of(owner)));
}

void check_same_run(const RunFiles& files, const Experiment& experiment,
                    const std::string& data_fingerprint) {
  refuse_others_folder(files.folder, FolderOwner::kRun);
  if (!path_exists(files.experiment())) return;
  const ClaimedRun claim = read_claim(files);
  std::string differs = difference(claim.experiment, experiment, kSameRun);
  if (differs.empty() && claim.data_fingerprint != data_fingerprint) {
    differs = fmt::format("the data were {:.12} and are {:.12}", claim.data_fingerprint,
                          data_fingerprint);
  }
  if (!differs.empty()) {
    throw bad_input(fmt::format("{} holds another run: {}; choose another --out",
                                files.folder.string(), differs));
  }
}

void claim_folder(const RunFiles& files, const Experiment& experiment,
                  const std::string& data_fingerprint) {
  write_file_atomic(files.experiment(), fmt::format("{}{}\n{}", kFingerprintLine, data_fingerprint,
                                                    toml_of(experiment, kPortable)));
}

bool is_run(const RunFiles& files) {
  return path_exists(files.experiment()) &&
         read_text(files.experiment()).starts_with(kFingerprintLine);
}

ClaimedRun read_claim(const RunFiles& files) {
  if (!is_run(files)) throw bad_input(what_else(files));
  const std::string text = read_text(files.experiment());
  const std::string first_line = text.substr(0, text.find('\n'));
  return {parse_experiment(text, files.experiment().string()),
          first_line.substr(kFingerprintLine.size())};
}

}  // namespace tailor::internal
