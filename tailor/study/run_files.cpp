#include "tailor/study/run_files.hpp"

#include <fmt/format.h>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

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

}  // namespace

ModelFiles first_files(const RunFiles& files) {
  return {files.folder / "first.safetensors", files.folder / "first_history.csv",
          files.folder / "first.training.safetensors"};
}

ModelFiles final_files(const RunFiles& files) {
  return {files.folder / "model.safetensors", files.folder / "history.csv",
          files.folder / "model.training.safetensors"};
}

void check_same_run(const RunFiles& files, const Experiment& experiment,
                    const std::string& data_fingerprint) {
  if (!path_exists(files.experiment())) {
    for (const fs::path& stray : {first_files(files).model, final_files(files).model}) {
      if (path_exists(stray)) {
        throw bad_input(
            fmt::format("{} is there without an experiment.toml; choose another --out, or delete "
                        "the folder to start over",
                        stray.string()));
      }
    }
    return;
  }
  const ClaimedRun claim = read_claim(files);
  std::string differs = difference(claim.experiment, experiment, kSameRun);
  if (differs.empty() && claim.data_fingerprint != data_fingerprint) {
    differs = fmt::format("the data were {:.12} and are {:.12}", claim.data_fingerprint,
                          data_fingerprint);
  }
  if (!differs.empty()) {
    throw bad_input(
        fmt::format("{} holds another run: {}; choose another --out, or delete the folder to start "
                    "over",
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
