#include "tailor/study/training.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/text.hpp"
#include "tailor/train/class_weights.hpp"
#include "tailor/train/epoch_rules.hpp"
#include "tailor/train/finite.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

std::string entry(const ModelCard& card, const std::string& key) {
  const auto found = card.find(key);
  return found == card.end() ? std::string() : found->second;
}

// What a training cannot change on its way without becoming a mixture of two. A card of an older
// version may lack it.
std::string mixture(const ModelCard& then, const ModelCard& now) {
  for (const auto& [key, words] :
       {std::pair("class_names", "class names"), std::pair("kernels", "table of kernels")}) {
    if (!then.contains(key) || entry(then, key) == entry(now, key)) continue;
    return fmt::format("its {} were {} and are {}", words, excerpt(entry(then, key)),
                       excerpt(entry(now, key)));
  }
  return "";
}

void tell_of_early_end(const TrainingPlan& plan, const TrainingState& state,
                       const Observer& observer) {
  const EarlyStopping& rule = plan.job.options.early_stopping;
  const int best = best_epoch(rule, state.history);
  if (best < 0) return;
  const bool early = state.epoch < plan.job.options.epochs;
  observer.say(fmt::format("{}: {} was best after epoch {}{}{}", plan.what, rule.monitor, best + 1,
                           early ? fmt::format(", so it ended after {}", state.epoch) : "",
                           state.best ? "; its weights are the model's" : ""));
}

}  // namespace

FitJob fit_job(const Experiment& experiment, const Dataset& train, Indices rows) {
  FitJob job;
  job.spec = make_spec(experiment.model, train.shape, train.classes());
  job.options = experiment.train;
  job.augment = experiment.augment;
  job.seed = experiment.seed;
  job.precision = parse_precision(experiment.precision);
  job.train = {&train, std::move(rows)};
  class_weights(job.options.class_weight, job.train);  // throws for a class that is none
  keep_out_validation(job);
  return job;
}

TrainingState begin_training(const TrainingPlan& plan, const Observer& observer) {
  const FitJob& job = plan.job;
  if (!path_exists(plan.partial)) return start_training(job.spec, job.options, job.seed);
  const std::string differs =
      card_difference(read_model_card(plan.partial), plan.card, plan.scopes);
  if (!differs.empty()) {
    throw bad_input(
        fmt::format("{} is an unfinished training of something else: {}; choose another --out",
                    plan.partial.string(), differs));
  }
  const std::string mixed = mixture(read_model_card(plan.partial), plan.card);
  if (!mixed.empty()) {
    throw bad_input(
        fmt::format("{} cannot go on: {}; give it those again, or remove it to begin "
                    "anew",
                    plan.partial.string(), mixed));
  }
  TrainingState state = load_training(plan.partial, job.spec, job.options);
  observer.say(fmt::format("{}: going on after epoch {} and {} steps, as {} says", plan.what,
                           state.epoch, state.step, plan.partial.string()));
  return state;
}

bool train(const TrainingPlan& plan, Engine& engine, TrainingState& state,
           const Observer& observer) {
  const bool writes = engine.peers().rank() == 0;
  const bool saves = writes && !plan.partial.empty();
  FitHooks hooks = observer.hooks_for_training(plan.what);
  Stopwatch since_save;
  hooks.on_epoch = [&, show = hooks.on_epoch](const TrainingState& after) {
    if (show) show(after);
    if (writes && !plan.history.empty()) {
      write_file_atomic(plan.history, history_csv(after.history));
    }
    if (!saves || since_save.seconds() < plan.save_seconds) return;
    save_training(plan.partial, plan.card, after);
    since_save = Stopwatch();
  };
  try {
    if (fit(plan.job, engine, state, hooks)) {
      check_last_step(plan.job, engine, state);
      tell_of_early_end(plan, state, observer);
      return true;
    }
  } catch (const Diverged&) {
    // What was saved before would only end here again, and stand in the way of a smaller rate.
    if (saves) remove_file(plan.partial);
    throw;
  }
  if (saves) save_training(plan.partial, plan.card, state);
  return false;
}

std::string card_difference(const ModelCard& then, const ModelCard& now, Scopes scopes) {
  const std::string options =
      difference(parse_experiment(entry(then, "experiment"), "the saved model"),
                 parse_experiment(entry(now, "experiment"), "this run"), scopes);
  if (!options.empty()) return options;
  if (entry(then, "data_fingerprint") != entry(now, "data_fingerprint")) return "the images differ";
  for (const char* key : {"stage", "precision", "seed", "epochs", "input"}) {
    if (entry(then, key) != entry(now, key)) {
      return fmt::format("{} was {} and is {}", key, entry(then, key), entry(now, key));
    }
  }
  return "";
}

void check_all_agree(const TrainingPlan& plan, const TrainingState& state, Peers& peers) {
  std::string all = fmt::format("{} {}", state.epoch, state.step);
  for (const auto& [key, value] : plan.card) all += "\n" + key + "=" + value;
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

}  // namespace tailor::internal
