#include "tailor/study/run_files.hpp"

#include <fmt/format.h>

#include <regex>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFingerprintLine = "# data fingerprint: ";

// What is left when the machine's own settings are taken away.
Experiment decisive(Experiment experiment) {
  experiment.name = experiment.out = experiment.data.dir = "";
  experiment.threads = experiment.search.parallel = 0;
  experiment.report = {};  // what a page shows changes no result
  experiment.precision = to_string(parse_precision(experiment.precision));
  return experiment;
}

std::string entry(const ModelCard& card, const std::string& key) {
  const auto found = card.find(key);
  return found == card.end() ? std::string() : found->second;
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

std::string difference(const Experiment& then, const Experiment& now) {
  Experiment before = decisive(then), after = decisive(now);
  const FieldList old_fields = fields_of(before), new_fields = fields_of(after);
  if (old_fields.size() != new_fields.size()) return "the layers differ";
  for (std::size_t i = 0; i < old_fields.size(); ++i) {
    const std::string old_value = to_toml(old_fields[i]), new_value = to_toml(new_fields[i]);
    if (old_fields[i].path != new_fields[i].path) return "the layers differ";
    if (old_value != new_value) {
      return fmt::format("{} was {} and is {}", old_fields[i].path, old_value, new_value);
    }
  }
  if (before.model.layers != after.model.layers) return "the layers differ";
  return to_toml(before) == to_toml(after) ? "" : "the search space differs";
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
  std::string differs = difference(claim.experiment, experiment);
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
                                                    portable_toml(experiment)));
  static const std::regex kHalfWritten(R"(.+\.[0-9]+\.[0-9]+\.tmp)");
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& file : fs::directory_iterator(files.folder)) {
    if (std::regex_match(file.path().filename().string(), kHalfWritten)) {
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
        "{} was not written by `tailor run`; choose another --out, or delete the folder",
        files.experiment().string()));
  }
  const std::string first_line = text.substr(0, text.find('\n'));
  return {parse_experiment(text, files.experiment().string()),
          first_line.substr(kFingerprintLine.size())};
}

std::string card_difference(const ModelCard& then, const ModelCard& now) {
  for (const char* key : {"stage", "data_fingerprint", "precision", "seed", "epochs", "input"}) {
    if (entry(then, key) != entry(now, key)) {
      return fmt::format("{} was {} and is {}", key, entry(then, key), entry(now, key));
    }
  }
  return difference(parse_experiment(entry(then, "experiment"), "the saved model"),
                    parse_experiment(entry(now, "experiment"), "this run"));
}

}  // namespace tailor
