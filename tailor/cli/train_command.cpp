// tailor train: one model on the training set.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "tailor/cli/command.hpp"
#include "tailor/cli/memory_limit.hpp"
#include "tailor/cli/model_files.hpp"
#include "tailor/cli/progress.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/ops/engine.hpp"
#include "tailor/train/checkpoint.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor {
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
};

TrainFiles train_files(const TrainFlags& flags, const Experiment& experiment) {
  TrainFiles files{flags.experiment.out ? fs::path(*flags.experiment.out)
                                        : fs::path(run_folder(experiment).string() + "-train")};
  if (fs::exists(files.folder / "first.safetensors")) {
    throw bad_input(
        fmt::format("{} holds a whole run, which a single training would overwrite; "
                    "choose another --out",
                    files.folder.string()));
  }
  return files;
}

bool decides_training(const std::string& path) {
  return path == "seed" || path.starts_with("model.") || path.starts_with("train.");
}

// The first option that makes `now` another training than `then`, as "PATH was A and is B", or "".
std::string difference(Experiment then, Experiment now) {
  const FieldList old_fields = fields_of(then);
  const FieldList new_fields = fields_of(now);
  if (old_fields.size() != new_fields.size()) return "the layers differ";
  for (std::size_t i = 0; i < old_fields.size(); ++i) {
    const std::string& path = new_fields[i].path;
    const std::string before = to_toml(old_fields[i]);
    const std::string after = to_toml(new_fields[i]);
    if (decides_training(path) && (before != after || old_fields[i].path != path)) {
      return fmt::format("{} was {} and is {}", path, before, after);
    }
  }
  return then.model.layers == now.model.layers ? "" : "the layers differ";
}

// Goes on only with what was begun: `then` is the card of the unfinished training.
void check_same_training(const ModelCard& then, const ModelCard& now, const fs::path& partial) {
  std::string differs = difference(parse_experiment(then.at("experiment"), partial.string()),
                                   parse_experiment(now.at("experiment"), "this experiment"));
  if (then.at("data_fingerprint") != now.at("data_fingerprint")) differs = "the images differ";
  if (then.at("precision") != now.at("precision")) {
    differs = fmt::format("precision was {} and is {}", then.at("precision"), now.at("precision"));
  }
  if (!differs.empty()) {
    throw bad_input(
        fmt::format("{} is an unfinished training of something else: {}; choose "
                    "another --out, or delete that file to start over",
                    partial.string(), differs));
  }
}

FitJob fit_job(const Experiment& experiment, const Dataset& train) {
  FitJob job;
  job.spec = make_spec(experiment.model, train.shape, train.classes());
  job.options = experiment.train;
  job.seed = experiment.seed;
  job.precision = parse_precision(experiment.precision);
  job.train = all_rows(train);
  return job;
}

TrainingState begin_or_continue(const FitJob& job, const ModelCard& card, const TrainFiles& files,
                                Console& console) {
  if (!fs::exists(files.partial())) return start_training(job.spec, job.options, job.seed);
  check_same_training(read_model_card(files.partial()), card, files.partial());
  TrainingState state = load_training(files.partial(), job.spec, job.options);
  console.note(fmt::format("going on after epoch {} and {} steps, as {} says", state.epoch,
                           state.step, files.partial().string()));
  return state;
}

void note_peers(Context& context, const Engine& engine) {
  if (context.peers.size() == 1) return;
  context.console.note(fmt::format("{} processes train together, {} thread{} each",
                                   context.peers.size(), engine.threads(),
                                   engine.threads() > 1 ? "s" : ""));
}

// Ranks that read different files would train nonsense together.
void check_all_agree(const ModelCard& card, const TrainingState& state, Peers& peers) {
  std::string all = fmt::format("{} {}", state.epoch, state.step);
  for (const auto& [key, value] : card) all += "\n" + key + "=" + value;
  const std::string digest =
      sha256_hex({reinterpret_cast<const std::uint8_t*>(all.data()), all.size()});
  const double mine = double(std::stoul(digest.substr(0, 8), nullptr, 16));
  std::array<double, 1> sum = {mine};
  peers.sum(sum);
  std::array<double, 1> differ = {sum[0] != mine * peers.size() ? 1.0 : 0.0};
  peers.sum(differ);
  if (differ[0] > 0) {
    throw bad_input(
        "the processes read different experiments, images or unfinished trainings; give all of "
        "them the same files");
  }
}

// What runs before and after this one training.
struct Limits {
  std::size_t memory = 0;        // bytes; 0 = any
  std::size_t other_images = 0;  // bytes in memory besides what is trained on
};

// True if done; otherwise what there is lies in files.partial().
bool train(const FitJob& job, Engine& engine, TrainingState& state, const ModelCard& card,
           const TrainFiles& files, const Limits& limits, Context& context) {
  const bool writes = context.peers.rank() == 0;
  Progress progress(context.console);
  FitHooks hooks = show_training(progress, "train");
  hooks.stop = &context.stop;
  hooks.on_planned = [&](MemoryPlan plan) {
    plan.images += limits.other_images;
    if (limits.memory > 0) check_memory(plan, limits.memory);
    context.console.note(memory_text(plan));
    if (writes) make_folder(files.folder);
  };
  hooks.on_epoch = [&, show = hooks.on_epoch](const TrainingState& after) {
    show(after);
    if (writes) save_training(files.partial(), card, after);
  };
  if (fit(job, engine, state, hooks)) return true;
  if (writes) save_training(files.partial(), card, state);
  return false;
}

double seconds_spent(const std::vector<EpochRecord>& history) {
  double sum = 0;
  for (const EpochRecord& record : history) sum += record.seconds;
  return sum;
}

void show_result(Console& console, const TrainingState& state, double train_accuracy,
                 const std::optional<Evaluation>& test, const TrainFiles& files) {
  const double seconds = seconds_spent(state.history);
  const double speed = state.history.empty() ? 0 : state.history.back().images_per_second;
  Json json = {{"train_accuracy", train_accuracy}};
  std::string text = fmt::format("train accuracy  {:.4f}\n", train_accuracy);
  if (test) {
    json["test_accuracy"] = test->accuracy;
    json["test_accuracy_interval"] = {test->interval_low, test->interval_high};
    text += fmt::format("test accuracy   {:.4f}  (95 %: {:.4f} to {:.4f})\n", test->accuracy,
                        test->interval_low, test->interval_high);
  }
  json["epochs"] = state.epoch;
  json["seconds"] = seconds;
  json["images_per_second"] = speed;
  json["params"] = state.params.table.weight_count;
  json["model"] = files.model().string();
  json["history"] = files.history().string();
  text += fmt::format("epochs          {} in {}, {} images/s\n", state.epoch,
                      duration_text(seconds), grouped(speed));
  console.print(text + fmt::format("model           {}", files.model().string()));
  console.result(json);
}

void write_results(const TrainFiles& files, const Experiment& experiment, const ModelCard& card,
                   const TrainingState& state) {
  write_file_atomic(files.experiment(), portable_toml(experiment));
  write_file_atomic(files.history(), history_csv(state.history));
  save_model(files.model(), card, state.params);
  fs::remove(files.partial());
}

ExitStatus run_train(const TrainFlags& flags, Context& context) {
  Limits limits;
  if (!flags.memory.empty()) limits.memory = parse_memory(flags.memory);
  const Experiment experiment = read_experiment(flags.experiment);
  warn_of_threads(context.console, experiment.threads);
  const Dataset set = load_set(experiment, Split::kTrain);
  const Dataset test = flags.test ? load_set(experiment, Split::kTest) : Dataset{};
  limits.other_images = test.pixels.size() + test.labels.size();
  const FitJob job = fit_job(experiment, set);
  const TrainFiles files = train_files(flags, experiment);
  const ModelCard card = make_card(experiment, "train", set, fingerprint(set));
  Engine engine(experiment.threads, &context.peers);
  note_peers(context, engine);
  TrainingState state = begin_or_continue(job, card, files, context.console);
  check_all_agree(card, state, context.peers);
  if (!train(job, engine, state, card, files, limits, context)) {
    context.console.note(fmt::format("interrupted and saved in {}; the same command goes on there",
                                     files.partial().string()));
    return ExitStatus::kInterrupted;
  }
  const Evaluation on_train = evaluate(job.spec, state.params, engine, job.precision, job.train);
  std::optional<Evaluation> on_test;
  if (flags.test) {
    on_test = evaluate(job.spec, state.params, engine, job.precision, all_rows(test));
  }
  if (context.peers.rank() == 0) write_results(files, experiment, card, state);
  show_result(context.console, state, on_train.accuracy, on_test, files);
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

}  // namespace tailor
