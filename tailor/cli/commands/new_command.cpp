// tailor new: an experiment for a set of one's own.
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tailor/cli/command.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/shell.hpp"
#include "tailor/core/text.hpp"
#include "tailor/study/first_experiment.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct NewFlags {
  std::string dir;
  std::string out;
  std::string bad_files = "skip";
  bool overwrite = false;
};

// "photos" of photos/ and of photos.csv.
std::string name_of(const std::string& dir) {
  const fs::path path = absolute_path(dir).lexically_normal();
  const fs::path last = path.has_filename() ? path.filename() : path.parent_path().filename();
  const std::string name = is_folder(dir) ? last.string() : last.stem().string();
  return name.empty() || name == "/" ? "images" : name;
}

ExitStatus run_new(const NewFlags& flags, Context& context) {
  const std::string name = name_of(flags.dir);
  const fs::path file = flags.out.empty() ? fs::path(name + ".toml") : fs::path(flags.out);
  if (path_exists(file) && !flags.overwrite) {
    throw bad_input(fmt::format("{} is there already; choose another --out, or --overwrite it",
                                printable(file.string())));
  }
  check_writable(file);
  DataOptions data{.dir = flags.dir};
  data.bad_files = flags.bad_files;
  const std::string text = first_experiment(name, file.string(), data, context.observer());
  parse_experiment(text, file.string());  // what it would say as a file
  write_file_atomic(file, text);
  context.console.print(fmt::format("{} is written; go on with: tailor run {}\n",
                                    printable(file.string()), shell_word(file.string())));
  context.console.result({{"file", file.string()}, {"name", name}});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_new(Options& options) {
  auto flags = std::make_shared<NewFlags>();
  options.add({
      {"DIR", &flags->dir, "", "a folder of pictures for each class, a list, arrays", required()},
      {"--out", &flags->out, "FILE", "the experiment to write; NAME.toml here if left out"},
      {"--bad-files", &flags->bad_files, "HOW",
       "what files that are no pictures do: skip, and the experiment leaves them out, or refuse",
       one_of("refuse|skip")},
      {"--overwrite", &flags->overwrite, "", "replace a file that is there"},
  });
  options.examples = {{"tailor new photos", "writes photos.toml, to be read, changed and run"},
                      {"tailor new photos --out first.toml --bad-files refuse",
                       "writes nothing where a file is no picture"}};
  options.files =
      "Reads the data and makes them ready; writes one experiment file. The data are not touched.";
  return [flags](Context& context) { return run_new(*flags, context); };
}

}  // namespace tailor::internal
