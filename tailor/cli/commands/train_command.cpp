// tailor train: one model on the training set.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/run_text.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/memory/machine_memory.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/study/memory_limit.hpp"
#include "tailor/study/model.hpp"
#include "tailor/study/train_folder.hpp"
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
  bool overwrite = false;
};

TrainFiles train_files(const TrainFlags& flags, const Experiment& experiment) {
  return {flags.experiment.out ? fs::path(*flags.experiment.out)
                               : fs::path(run_folder(experiment).string() + "-train")};
}

void note_peers(Context& context, const Engine& engine) {
  if (context.peers.size() == 1) return;
  context.console.note(fmt::format("{} processes train together, {} thread{} each",
                                   context.peers.size(), engine.threads(),
                                   engine.threads() > 1 ? "s" : ""));
}

struct Sets {
  Dataset train;
  Dataset test;        // empty where nobody asked for it
  Dataset validation;  // empty where there is none
};

// Before they are read: one after the other, and both are kept.
void check_images(const TrainFlags& flags, const Experiment& experiment, std::size_t limit) {
  if (!holds_mnist_files(experiment.data.dir)) return;  // what they take decides their recipe
  std::uint64_t bytes = bytes_of_split(experiment.data.dir, Split::kTrain);
  if (flags.test) bytes += bytes_of_split(experiment.data.dir, Split::kTest);
  check_image_memory(bytes, limit);
}

TrainingPlan plan_training(const Experiment& experiment, const Sets& sets,
                           const TrainFiles& files) {
  const Dataset& set = sets.train;
  FitJob job = fit_job(experiment, set, all_rows(set).indices);
  if (!job.watch && sets.validation.size() > 0) job.watch = all_rows(sets.validation);
  return {.what = "train",
          .job = std::move(job),
          .card = make_card(experiment, "train", set, fingerprint(set)),
          .partial = files.partial(),
          // Of a model that is to be replaced the history stays until then.
          .history = path_exists(files.model()) ? fs::path() : files.history()};
}

// Before anything of the training is in memory.
void check_memory_of(const TrainFlags& flags, const FitJob& job, const Sets& sets, Engine& engine,
                     Console& console) {
  const bool asked = !flags.memory.empty();
  const std::size_t limit = asked ? parse_memory(flags.memory) : machine_memory();
  const std::size_t other_images = sets.test.pixels.size() + sets.test.labels.size();
  console.note(memory_text(checked_memory_plan(
      job, engine, limit, asked ? "--memory's" : "this machine's", other_images)));
}

// Of several ranks, the first one alone keeps the folder for itself.
TrainingState claim_and_begin(const TrainFiles& files, const TrainingPlan& plan, bool overwrite,
                              Context& context, std::optional<FolderLock>& lock) {
  const bool is_other =
      path_exists(plan.partial) &&
      !card_difference(read_model_card(plan.partial), plan.card, plan.scopes).empty();
  if (context.peers.rank() == 0) lock.emplace(claim_train_folder(files, plan.card, overwrite));
  if (overwrite && is_other) {
    return start_training(plan.job.spec, plan.job.options, plan.job.seed);
  }
  return begin_training(plan, context.observer());
}

void show(const TrainFiles& files, const FitJob& job, const Sets& sets, const Params& params,
          std::vector<EpochRecord> history, Engine& engine, Console& console) {
  TrainingResult result{.history = std::move(history),
                        .weights = params.table.weight_count,
                        .train = evaluate(job.spec, params, engine, job.precision, job.train),
                        .test = {},
                        .model_file = files.model(),
                        .history_file = files.history()};
  if (sets.test.size() > 0) {
    result.test = evaluate(job.spec, params, engine, job.precision, all_rows(sets.test));
  }
  if (sets.validation.size() > 0) {
    result.validation =
        evaluate(job.spec, params, engine, job.precision, all_rows(sets.validation));
  }
  show_training_result(console, result);
}

ExitStatus show_finished(const TrainFiles& files, const FitJob& job, const Sets& sets,
                         Engine& engine, Context& context) {
  context.console.note(fmt::format("{} is trained; nothing to train", files.folder.string()));
  if (context.peers.rank() == 0) remove_file(files.partial());  // killed just before that
  show(files, job, sets, load_model(files.model(), job.spec), read_history(files.history()), engine,
       context.console);
  return ExitStatus::kDone;
}

ExitStatus run_train(const TrainFlags& flags, Context& context) {
  const Experiment experiment = read_experiment(flags.experiment);
  warn_of_threads(context.console, experiment.threads);
  if (!flags.memory.empty()) check_images(flags, experiment, parse_memory(flags.memory));
  const Sets sets{load_set(experiment, Split::kTrain, context.observer()),
                  flags.test ? load_set(experiment, Split::kTest) : Dataset{},
                  has_split(experiment.data, Split::kValidation)
                      ? load_set(experiment, Split::kValidation)
                      : Dataset{}};
  const TrainFiles files = train_files(flags, experiment);
  const TrainingPlan plan = plan_training(experiment, sets, files);
  Engine engine(experiment.threads, &context.peers);
  if (holds_finished(files, plan.card, flags.overwrite)) {
    return show_finished(files, plan.job, sets, engine, context);
  }
  note_peers(context, engine);
  check_memory_of(flags, plan.job, sets, engine, context.console);
  std::optional<FolderLock> lock;
  TrainingState state = claim_and_begin(files, plan, flags.overwrite, context, lock);
  check_all_agree(plan, state, context.peers);
  context.interruption.save_first();
  if (!train(plan, engine, state, context.observer())) {
    return context.interrupted(fmt::format("interrupted and saved in {}, go on with: {}",
                                           files.partial().string(), context.again));
  }
  if (context.peers.rank() == 0) finish_train_folder(files, plan, state);
  if (context.peers.size() == 1) {
    context.interruption.end_at_once("interrupted; the model is saved, measure it with: " +
                                     context.again);
  }
  show(files, plan.job, sets, state.params, state.history, engine, context.console);
  return ExitStatus::kDone;
}

}  // namespace

Runner declare_train(Options& options) {
  auto flags = std::make_shared<TrainFlags>();
  add_experiment_flags(
      options, flags->experiment, FileArgument::kOptional,
      {"name", "out", "seed", "threads", "precision", "data.", "model.", "train."});
  options.add({
      {"--memory", &flags->memory, "SIZE", "refuse a training planned to take more, e.g. 500M, 2G"},
      {"--test", &flags->test, "",
       "open the test set, which is shut otherwise, and measure on it after training"},
      {"--overwrite", &flags->overwrite, "", "replace what another training left in the folder"},
  });
  options.examples = {
      {"tailor train --epochs 5", "the net seed on Fashion-MNIST, five times through the images"},
      {"tailor train --data my-data --model air --kernels 16 --out my-model",
       "another net on data of one's own"},
      {"tailor train mine.toml --set train.learning_rate=3e-4 --test",
       "an experiment with one option changed, measured on the test set"}};
  options.files =
      "Reads the experiment and the data; writes model.safetensors, history.csv and "
      "experiment.toml into the folder of --out, runs/NAME-train if left out.";
  return [flags](Context& context) { return run_train(*flags, context); };
}

}  // namespace tailor::internal
