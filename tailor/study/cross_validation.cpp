#include "tailor/study/cross_validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <system_error>

#include "tailor/core/clock.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/memory/machine_memory.hpp"
#include "tailor/core/random/rng.hpp"
#include "tailor/data/group_folds.hpp"
#include "tailor/nn/zoo.hpp"
#include "tailor/search/error_score.hpp"
#include "tailor/search/strategies.hpp"
#include "tailor/study/memory_limit.hpp"
#include "tailor/study/training.hpp"
#include "tailor/train/epoch_rules.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {
namespace {

// What all trials share, for as long as the search runs.
struct SharedByTrials {
  const Experiment& experiment;
  const SearchPlan& plan;
  const Dataset& train;
  const StopFlag* stop;
};

FitJob fit_job(const SharedByTrials& study, const Trial& trial) {
  Experiment chosen = with_settings(study.experiment, trial.params);
  chosen.train = stage_options(chosen, chosen.trial);
  FitJob job = fit_job(chosen, study.train, study.plan.folds[std::size_t(trial.fold)].train);
  job.seed = trial_seed(chosen.seed, trial.candidate, trial.fold);
  return job;
}

std::optional<TrialScore> run_trial(const SharedByTrials& study, const Trial& trial) {
  const SearchOptions& search = study.experiment.search;
  const FitJob job = fit_job(study, trial);
  Engine engine(search.threads_per_trial);
  checked_memory_plan(job, engine, machine_memory(), "this machine's");
  TrainingState state = start_training(job.spec, job.options, job.seed);
  FitHooks hooks;
  hooks.stop = study.stop;
  TrialScore score;
  const Stopwatch fitting;
  if (!fit(job, engine, state, hooks)) return std::nullopt;
  score.fit_seconds = fitting.seconds();

  const Rows held_out{&study.train, study.plan.folds[std::size_t(trial.fold)].test};
  const Stopwatch scoring;
  score.probabilities = predict(job.spec, state.params, engine, job.precision, held_out);
  score.test_score = score_of(
      evaluate_predictions(score.probabilities, labels_of(held_out), study.train.class_names),
      search.scoring);
  score.score_seconds = scoring.seconds();
  if (search.return_train_score) {
    score.train_score = score_of(evaluate(job.spec, state.params, engine, job.precision, job.train),
                                 search.scoring);
  }
  return score;
}

// Work of one trial in arbitrary units, for the ETA. A candidate that makes no net costs nothing.
double relative_cost(const SharedByTrials& study, const Settings& params) {
  try {
    const Experiment chosen = with_settings(study.experiment, params);
    const Spec spec = make_spec(chosen.model, study.train.shape, study.train.classes());
    return multiply_adds(spec, cpu_info().lanes) * stage_options(chosen, chosen.trial).epochs;
  } catch (const Error&) {
    return 0;
  }
}

// Nothing is concluded from a shortage, and what is done is kept: said in the one line that tells
// it.
std::optional<std::vector<FoldResult>> run_to_its_end(const StudyJob& job, StudyStore& store) {
  constexpr const char* kKept =
      "every finished training is kept, and the same command goes on there";
  try {
    return run_study(job, store);
  } catch (const std::bad_alloc&) {
    throw failure(fmt::format(
        "out of memory in a trial: {}; fewer trials at a time (search.parallel) need less", kKept));
  } catch (const std::system_error& error) {
    throw failure(fmt::format("the search cannot go on ({}): {}", error.what(), kKept));
  }
}

// The first candidate of a search that differs from the other's, counted from 1; 0 where none does.
std::size_t first_difference(const std::vector<Settings>& held, const std::vector<Settings>& now) {
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (held[i] != now[i]) return i + 1;
  }
  return 0;
}

}  // namespace

SearchPlan plan_search(const Experiment& experiment, const Dataset& train) {
  const SearchOptions& search = experiment.search;
  if (search.spaces.empty()) {
    throw bad_input(
        "nothing to search: the experiment has no [search.space]; name an option and its values "
        "there, as in \"model.kernels\" = [16, 32]");
  }
  if (search.n_iter < 1) {
    throw bad_input(fmt::format("search.n_iter must be at least 1, not {}", search.n_iter));
  }
  if (experiment.threads > 0 && search.threads_per_trial > experiment.threads) {
    throw bad_input(fmt::format(
        "search.threads_per_trial is {}, but threads, what all trials may take together, is {}",
        search.threads_per_trial, experiment.threads));
  }
  if (watches(experiment.train)) {
    throw bad_input(
        "a search whose trainings are decided by val_loss or val_accuracy needs "
        "train.validation_split: each trial keeps its own images out, as in 0.1");
  }
  const auto random_state = std::uint32_t(search.random_state);
  Strategy strategy = make_strategy(search);
  SearchPlan plan;
  plan.candidates = proposed_without_scores(strategy.propose);
  plan.warning = std::move(strategy.warning);
  plan.propose = std::move(strategy.propose);
  plan.params_descending = strategy.params_descending;
  plan.folds = folds_of(
      train, {.splits = search.cv, .shuffle = search.shuffle, .random_state = random_state});
  return plan;
}

std::string study_key(const Experiment& experiment, const std::string& data_fingerprint) {
  const std::string text =
      fmt::format("study 1\n{}\n{}", data_fingerprint, toml_of(effective(experiment), kSameSearch));
  return sha256_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool extend_search(const Experiment& then, const Experiment& now, const SearchPlan& plan,
                   const std::string& data_fingerprint, StudyStore& store) {
  const std::string held = store.key();
  const std::string wanted = study_key(now, data_fingerprint);
  if (held.empty() || held == wanted || held != study_key(then, data_fingerprint)) return false;
  Experiment longer = then;  // but for what decides which candidates there are
  longer.search.strategy = now.search.strategy;
  longer.search.n_iter = now.search.n_iter;
  longer.search.spaces = now.search.spaces;
  if (!difference(longer, now, kSameSearch).empty()) return false;
  const std::vector<Settings> candidates = store.candidates();
  if (candidates.size() > plan.candidates.size()) {
    throw bad_input(
        fmt::format("the search there has {} candidates, more than the {} of this one; "
                    "choose another --out",
                    candidates.size(), plan.candidates.size()));
  }
  if (const std::size_t other = first_difference(candidates, plan.candidates)) {
    throw bad_input(fmt::format(
        "the search there has {} candidates and cannot become this one of {}: candidate {} would "
        "be "
        "another{}; choose another --out",
        candidates.size(), plan.candidates.size(), other,
        now.search.strategy == "random" ? ", since draws from lists alone depend on n_iter" : ""));
  }
  store.extend(
      wanted, {plan.candidates.begin() + std::ptrdiff_t(candidates.size()), plan.candidates.end()});
  return true;
}

Experiment with_settings(const Experiment& experiment, const Settings& settings) {
  Experiment changed = experiment;
  internal::apply(changed, settings);
  return changed;
}

std::uint64_t trial_seed(std::uint64_t seed, int candidate, int fold) {
  const auto words = philox({std::uint32_t(candidate), std::uint32_t(fold), 0, 0}, seed);
  return std::uint64_t(words[0]) << 32 | words[1];
}

int parallel_trials(const Experiment& experiment, const SearchPlan& plan) {
  const SearchOptions& search = experiment.search;
  const int cores = experiment.threads > 0 ? experiment.threads : cpu_info().cores;
  const int fitting = std::max(1, cores / search.threads_per_trial);
  int wanted = search.parallel > 0 ? search.parallel : fitting;
  if (experiment.threads > 0) wanted = std::min(wanted, fitting);  // a promise
  return std::clamp(wanted, 1, std::max(1, plan.trainings()));
}

void check_scores(const std::vector<FoldResult>& results) {
  const auto is_accuracy = [](double score) { return score >= 0 && score <= 1; };
  for (const FoldResult& result : results) {
    if (!result.error.empty()) continue;  // it has search.error_score, which may be any number
    if (is_accuracy(result.test_score) && is_accuracy(result.train_score.value_or(0))) continue;
    throw bad_input(
        fmt::format("study.db was changed by another program: candidate {}, fold {} has a score "
                    "that is no accuracy; remove it to start the search anew",
                    result.candidate + 1, result.fold + 1));
  }
}

std::optional<SearchResult> run_search(const Experiment& experiment, const SearchPlan& plan,
                                       const Dataset& train, const std::string& data_fingerprint,
                                       StudyStore& store, const SearchHooks& hooks) {
  check_scores(store.results());
  const SharedByTrials study{experiment, plan, train, hooks.stop};
  StudyJob job;
  job.key = study_key(experiment, data_fingerprint);
  job.candidates = plan.candidates;
  job.propose = plan.propose;
  job.folds = int(plan.folds.size());
  job.parallel = parallel_trials(experiment, plan);
  job.error_score = parse_error_score(experiment.search.error_score);
  job.run_trial = [&](const Trial& trial) { return run_trial(study, trial); };
  job.relative_cost = [&](const Settings& params) { return relative_cost(study, params); };
  job.on_progress = hooks.on_progress;
  job.stop = hooks.stop;
  const auto results = run_to_its_end(job, store);
  if (!results) return std::nullopt;
  SearchResult result =
      summarize(store.candidates(), job.folds, *results, experiment.search.return_train_score);
  result.strategy = experiment.search.strategy;
  result.params_descending = plan.params_descending;
  result.scoring = experiment.search.scoring;
  const bool both = !result.warning.empty() && !plan.warning.empty();
  result.warning = plan.warning + (both ? "; " : "") + result.warning;
  return result;
}

}  // namespace tailor::internal
