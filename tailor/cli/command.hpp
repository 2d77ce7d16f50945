// What a command of the `tailor` program is: a row of main's table. It declares its options
// and hands back what runs once they are parsed.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tailor/cli/interruption.hpp"
#include "tailor/cli/observe.hpp"
#include "tailor/cli/options.hpp"
#include "tailor/core/peers.hpp"
#include "tailor/study/experiment/sets.hpp"

namespace tailor::internal {

enum class ExitStatus { kDone = 0, kFailed = 1, kBadUsage = 2, kInterrupted = 130 };

// What a running command is given.
struct Context {
  Console& console;
  // Ctrl-C and its like. At first they end the command at once, since nothing is lost.
  Interruption& interruption;
  std::vector<std::string> command;  // "tailor" and the words behind it
  std::string again;                 // what to type for the same once more
  Peers& peers;                      // the ranks that run this very command; mostly none

  const StopFlag& stop() const { return interruption.stop(); }
  Observer observer() const { return observe_on(console, interruption, again); }

  // The last word of what was interrupted; what is kept, and how to go on.
  ExitStatus interrupted(const std::string& line) const {
    console.error(line);
    return ExitStatus::kInterrupted;
  }
};

// The last word of a command that was interrupted while it wrote several files.
inline constexpr const char* kSomeWritten =
    "interrupted; some files were written, and none of them by half";

// Throws tailor::Error for what the user can mend; main prints its line and picks the status.
using Runner = std::function<ExitStatus(Context&)>;

enum class Needs {
  kNothing,
  kKernels,          // makes plans: a broken table of kernels ends it, an unused one is told of
  kKernelsAndPeers,  // and may run on several ranks: writes and prints on the first only
};

// Where `tailor help` lists a command.
enum class Group { kMake, kUse, kData, kMeasure };

struct Command {
  Group group;
  std::string name;             // as typed: "train", "data info"
  std::string help;             // one line
  Runner (*declare)(Options&);  // --json and --help are dispatch's
  Needs needs = Needs::kNothing;
};

// One function per row, in NAME_command.cpp. The Runner owns what the options were parsed into.
Runner declare_run(Options& options);
Runner declare_train(Options& options);
Runner declare_search(Options& options);
Runner declare_evaluate(Options& options);
Runner declare_predict(Options& options);
Runner declare_quantize(Options& options);
Runner declare_show(Options& options);
Runner declare_report(Options& options);
Runner declare_data_info(Options& options);
Runner declare_data_split(Options& options);
Runner declare_data_cache(Options& options);
Runner declare_new(Options& options);
Runner declare_data_sprite(Options& options);
Runner declare_data_folds(Options& options);
Runner declare_data_show(Options& options);
Runner declare_data_embed(Options& options);
Runner declare_data_check(Options& options);
Runner declare_bench_peak(Options& options);
Runner declare_bench_ops(Options& options);
Runner declare_bench_train(Options& options);
Runner declare_bench_scale(Options& options);
Runner declare_bench_infer(Options& options);
Runner declare_bench_tune(Options& options);
Runner declare_doctor(Options& options);

// --- What every command that reads an experiment shares --------------------------------------

// FILE, the short flags and --set, as typed. Applied in this order: file, short flags, --set.
struct ExperimentFlags {
  std::string file;
  std::optional<std::string> data, model, precision, out;
  std::optional<int> kernels, epochs, batch, threads;
  std::optional<std::int64_t> seed;
  std::vector<std::string> set;  // PATH=VALUE
  bool no_cache = false;
};

enum class FileArgument { kRequired, kOptional, kNone };

// Declares [FILE] --data --no-cache --model --kernels --epochs --batch --precision --threads
// --seed --out --set. `beginnings` of paths ("train.", "seed") name the options that matter to the
// command: the help lists them, and the short flags of no other. `flags` must outlive the parsing.
void add_experiment_flags(Options& options, ExperimentFlags& flags, FileArgument file,
                          const std::vector<std::string>& beginnings = {""});

// The effective experiment; defaults where no file was given. --epochs N holds for every stage:
// train.epochs = N and the stages' own epochs are cleared. Throws bad_input.
Experiment read_experiment(const ExperimentFlags& flags);

// Once, where more threads are asked for than this process has cores: they will wait for each
// other.
void warn_of_threads(Console& console, int threads);

}  // namespace tailor::internal
