// tailor train: one model on the training set.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/run_text.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/memory_limit.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/run_timings.hpp"
#include "tailor/study/training.hpp"
#include "tailor/train/checkpoint.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

struct TrainFlags {
  ExperimentFlags experiment;
  std::string memory;
  bool test = false;
};

// Where everything of one training lies.
struct TrainFiles {
  fs::path folder;
  fs::path model() const { return folder / "model.safetensors"; }
  fs::path partial() const { return folder / "training.safetensors"; }
  fs::path history() const { return folder / "history.csv"; }
  fs::path experiment() const { return folder / "experiment.toml"; }
  fs::path timings() const { return folder / "timings.json"; }  // where the data lay
};

TrainFiles train_files(const TrainFlags& flags, const Experiment& experiment) {
  TrainFiles files{flags.experiment.out ? fs::path(*flags.experiment.out)
                                        : fs::path(run_folder(experiment).string() + "-train")};
  if (path_exists(files.folder / "first.safetensors")) {
    throw bad_input(
        fmt::format("{} holds a whole run, which a single training would overwrite; "
                    "choose another --out",
                    files.folder.string()));
  }
  return files;
}

void note_peers(Context& context, const Engine& engine) {
  if (context.peers.size() == 1) return;
  context.console.note(fmt::format("{} processes train together, {} thread{} each",
                                   context.peers.size(), engine.threads(),
                                   engine.threads() > 1 ? "s" : ""));
}

void write_results(const TrainFiles& files, const Experiment& experiment, const ModelCard& card,
                   const TrainingState& state) {
  write_file_atomic(files.experiment(), toml_of(experiment, kPortable));
  write_file_atomic(files.timings(), data_dir_json(experiment.data.dir));
  write_file_atomic(files.history(), history_csv(state.history));
  save_model(files.model(), card, state.params);
  remove_file(files.partial());
}

// Bytes in memory besides what is trained on, and what all of it may take (0 = anything).
struct MemoryLimit {
  std::size_t other_images = 0;
  std::size_t bytes = 0;
};

// Before they are read: one after the other, and both are kept.
void check_images(const TrainFlags& flags, const Experiment& experiment, const MemoryLimit& limit) {
  if (limit.bytes == 0) return;
  std::uint64_t bytes = bytes_of_split(experiment.data.dir, Split::kTrain);
  if (flags.test) bytes += bytes_of_split(experiment.data.dir, Split::kTest);
  check_image_memory(bytes, limit.bytes);
}

TrainingPlan plan_training(const Experiment& experiment, const Dataset& set,
                           const TrainFiles& files, const MemoryLimit& limit, Context& context) {
  TrainingPlan plan{.what = "train",
                    .job = fit_job(experiment, set),
                    .card = make_card(experiment, "train", set, fingerprint(set)),
                    .partial = files.partial()};
  const auto check = [=](MemoryPlan memory) {
    memory.images += limit.other_images;
    if (limit.bytes > 0) check_memory(memory, limit.bytes);
    return memory;
  };
  check(least_memory(plan.job));
  plan.on_planned = [=, &context](MemoryPlan planned) {
    const MemoryPlan memory = check(planned);
    context.console.note(memory_text(memory));
    if (context.peers.rank() == 0) make_folder(files.folder);
  };
  return plan;
}

ExitStatus run_train(const TrainFlags& flags, Context& context) {
  MemoryLimit limit;
  if (!flags.memory.empty()) limit.bytes = parse_memory(flags.memory);
  const Experiment experiment = read_experiment(flags.experiment);
  warn_of_threads(context.console, experiment.threads);
  check_images(flags, experiment, limit);
  const Dataset set = load_set(experiment, Split::kTrain);
  const Dataset test = flags.test ? load_set(experiment, Split::kTest) : Dataset{};
  limit.other_images = test.pixels.size() + test.labels.size();
  const TrainFiles files = train_files(flags, experiment);
  const TrainingPlan plan = plan_training(experiment, set, files, limit, context);
  Engine engine(experiment.threads, &context.peers);
  note_peers(context, engine);
  TrainingState state = begin_training(plan, context.observer());
  check_all_agree(plan, state, context.peers);
  const std::string saved = fmt::format("interrupted and saved in {}, go on with: {}",
                                        files.partial().string(), context.again);
  context.interruption.save_first();
  if (!train(plan, engine, state, context.observer())) return context.interrupted(saved);
  if (context.peers.size() == 1) context.interruption.end_at_once(saved);
  const FitJob& job = plan.job;
  const Evaluation on_train = evaluate(job.spec, state.params, engine, job.precision, job.train);
  std::optional<Evaluation> on_test;
  if (flags.test) {
    on_test = evaluate(job.spec, state.params, engine, job.precision, all_rows(test));
  }
  if (context.peers.rank() == 0) write_results(files, experiment, plan.card, state);
  show_training_result(context.console, state, on_train.accuracy, on_test,
                       {files.model(), files.history()});
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_train(Options& options) {
  auto flags = std::make_shared<TrainFlags>();
  add_experiment_flags(options, flags->experiment, FileArgument::kOptional);
  options.add({
      {"--memory", &flags->memory, "SIZE", "refuse a training planned to take more, e.g. 500M, 2G"},
      {"--test", &flags->test, "", "measure on the test set too, after training"},
  });
  return [flags](Context& context) { return run_train(*flags, context); };
}

}  // namespace tailor::internal
