#include "tailor/study/run_files.hpp"

#include <fmt/format.h>

#include <regex>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFingerprintLine = "# data fingerprint: ";

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
  if (!fs::exists(files.experiment())) {
    for (const fs::path& stray : {first_files(files).model, final_files(files).model}) {
      if (fs::exists(stray)) {
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
  static const std::regex kHalfWritten(R"(.+\.[0-9]+\.[0-9]+\.tmp)");
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& file : fs::directory_iterator(files.folder)) {
    if (file.is_regular_file() && std::regex_match(file.path().filename().string(), kHalfWritten)) {
      leftovers.push_back(file.path());
    }
  }
  for (const fs::path& path : leftovers) fs::remove(path);
}

ClaimedRun read_claim(const RunFiles& files) {
  if (!fs::exists(files.experiment())) {
    throw bad_input(fmt::format("{} holds no experiment.toml; name the folder of a run",
                                files.folder.string()));
  }
  const std::string text = read_text(files.experiment());
  if (!text.starts_with(kFingerprintLine)) {
    throw bad_input(fmt::format(
        "{} was not written by `tailor run`; name the folder of a whole study, or another --out",
        files.experiment().string()));
  }
  const std::string first_line = text.substr(0, text.find('\n'));
  return {parse_experiment(text, files.experiment().string()),
          first_line.substr(kFingerprintLine.size())};
}

}  // namespace tailor::internal
