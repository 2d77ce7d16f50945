#include "tailor/search/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "tailor/core/error.hpp"

namespace tailor {
namespace {

double error_score_of(const std::string& text) {
  if (text == "nan" || text == "raise") return std::numeric_limits<double>::quiet_NaN();
  double score = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, score);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(score)) {
    throw bad_input(
        fmt::format("search.error_score must be nan, raise or a number, not \"{}\"", text));
  }
  return score;
}

// The trials of one study, handed out in order to any number of workers. All state is behind one
// lock; a trial itself runs outside it.
class StudyRun {
 public:
  StudyRun(const StudyJob& job, StudyStore& store)
      : job_(job),
        store_(store),
        error_score_(error_score_of(job.error_score)),
        results_(job.candidates.size() * std::size_t(job.folds)) {
    store_.open(job.key, job.candidates, job.folds);
    for (const FoldResult& result : store_.results()) take_stored(result);
    report(FoldResult{-1, 0, 0, std::nullopt, 0, 0, ""});
  }

  // One worker: claims and runs trials until none is left, the stop flag is up or a trial broke.
  void work() {
    while (const std::optional<std::size_t> index = claim()) {
      try {
        finish(*index, run(*index));
      } catch (...) {
        give_up(*index, std::current_exception());
      }
    }
  }

  int remaining() const { return int(results_.size()) - done_; }

  std::optional<std::vector<FoldResult>> outcome() const {
    if (broken_ != nullptr) std::rethrow_exception(broken_);
    if (remaining() > 0) return std::nullopt;
    std::vector<FoldResult> all;
    for (const auto& result : results_) all.push_back(*result);
    const auto failed = [](const FoldResult& result) { return !result.error.empty(); };
    if (!all.empty() && std::all_of(all.begin(), all.end(), failed)) {
      throw bad_input(fmt::format("all {} fits failed, the first (candidate {}, fold {}) with: {}",
                                  all.size(), all[0].candidate, all[0].fold, all[0].error));
    }
    return all;
  }

 private:
  Trial trial_at(std::size_t index) const {
    const std::size_t candidate = index / std::size_t(job_.folds);
    return {int(candidate), int(index % std::size_t(job_.folds)), job_.candidates[candidate]};
  }

  void take_stored(const FoldResult& result) {
    const bool known = result.candidate >= 0 && result.fold >= 0 && result.fold < job_.folds &&
                       std::size_t(result.candidate) < job_.candidates.size();
    const auto index = std::size_t(result.candidate) * std::size_t(job_.folds) +
                       std::size_t(std::max(result.fold, 0));
    if (!known || results_[index].has_value()) {
      throw bad_input(fmt::format(
          "the study holds fold {} of candidate {}, which does not belong to it; start anew",
          result.fold, result.candidate));
    }
    keep(index, result);
  }

  std::optional<std::size_t> claim() {
    const std::scoped_lock lock(mutex_);
    if (broken_ != nullptr || (job_.stop != nullptr && job_.stop->requested())) return std::nullopt;
    while (next_ < results_.size() && results_[next_].has_value()) ++next_;
    if (next_ == results_.size()) return std::nullopt;
    ++running_;
    return next_++;
  }

  struct Finished {
    FoldResult result;
    std::vector<float> probabilities;
  };

  // nullopt where the trial was stopped.
  std::optional<Finished> run(std::size_t index) const {
    const Trial trial = trial_at(index);
    FoldResult result{trial.candidate, trial.fold, error_score_, std::nullopt, 0, 0, ""};
    try {
      std::optional<TrialScore> score = job_.run_trial(trial);
      if (!score.has_value()) return std::nullopt;
      result.test_score = score->test_score;
      result.train_score = score->train_score;
      result.fit_seconds = score->fit_seconds;
      result.score_seconds = score->score_seconds;
      return Finished{result, std::move(score->probabilities)};
    } catch (const Error& error) {
      if (job_.error_score == "raise") throw;
      result.error = error.what();
      return Finished{result, {}};
    }
  }

  void finish(std::size_t index, const std::optional<Finished>& finished) {
    const std::scoped_lock lock(mutex_);
    if (finished.has_value()) {
      commit(index, *finished);
      keep(index, finished->result);
    }
    --running_;
    if (finished.has_value()) report(finished->result);
  }

  // Who loses is decided before it is written, so that a kill at any moment leaves what a run
  // without it would hold.
  void commit(std::size_t index, const Finished& finished) {
    const FoldResult& result = finished.result;
    const std::optional<double> mean = mean_with(index, result);
    int outdone = -1;
    if (mean.has_value()) {
      outdone = leads(result.candidate, *mean) ? best_candidate_ : result.candidate;
    }
    const bool lost = outdone == result.candidate;
    store_.commit(result, lost ? std::span<const float>{} : finished.probabilities, outdone);
  }

  // The exception of the earliest trial is the one that is told.
  void give_up(std::size_t index, std::exception_ptr exception) {
    const std::scoped_lock lock(mutex_);
    if (broken_ == nullptr || index < broken_at_) {
      broken_ = std::move(exception);
      broken_at_ = index;
    }
  }

  double cost_of(std::size_t index) const {
    if (!job_.relative_cost) return 1;
    return job_.relative_cost(job_.candidates[index / std::size_t(job_.folds)]);
  }

  void keep(std::size_t index, const FoldResult& result) {
    results_[index] = result;
    ++done_;
    const double seconds = result.fit_seconds + result.score_seconds;
    if (seconds > 0) {
      measured_seconds_ += seconds;
      measured_cost_ += cost_of(index);
    }
    const std::optional<double> mean = mean_with(index, result);
    if (!mean.has_value() || !leads(result.candidate, *mean)) return;
    best_mean_ = *mean;
    best_candidate_ = result.candidate;
  }

  // The candidate's mean score once `result` stands at `index`; nullopt while folds are missing.
  std::optional<double> mean_with(std::size_t index, const FoldResult& result) const {
    const std::size_t first = index - std::size_t(result.fold);
    std::vector<double> scores;
    for (std::size_t i = first; i < first + std::size_t(job_.folds); ++i) {
      if (i != index && !results_[i].has_value()) return std::nullopt;
      scores.push_back(i == index ? result.test_score : results_[i]->test_score);
    }
    return mean_of(scores);
  }

  // Of equal means the lower candidate leads, whoever was done first; one without a mean never.
  bool leads(int candidate, double mean) const {
    if (std::isnan(mean)) return false;
    return best_candidate_ < 0 || mean > best_mean_ ||
           (mean == best_mean_ && candidate < best_candidate_);
  }

  double seconds_left() const {
    if (measured_cost_ <= 0) return 0;
    double cost_left = 0;
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!results_[i].has_value()) cost_left += cost_of(i);
    }
    const int workers = std::clamp(job_.parallel, 1, std::max(remaining(), 1));
    return cost_left * measured_seconds_ / measured_cost_ / workers;
  }

  void report(const FoldResult& last) const {
    if (!job_.on_progress) return;
    StudyProgress progress;
    progress.done = done_;
    progress.total = int(results_.size());
    progress.running = running_;
    progress.last = last;
    progress.best_mean = best_mean_;
    progress.best_candidate = best_candidate_;
    progress.seconds_left = seconds_left();
    job_.on_progress(progress);
  }

  const StudyJob& job_;
  StudyStore& store_;
  const double error_score_;
  std::mutex mutex_;
  std::vector<std::optional<FoldResult>> results_;  // [candidate * folds + fold]
  std::size_t next_ = 0;
  int done_ = 0;
  int running_ = 0;
  double best_mean_ = 0;
  int best_candidate_ = -1;
  double measured_seconds_ = 0;
  double measured_cost_ = 0;
  std::exception_ptr broken_;
  std::size_t broken_at_ = 0;
};

}  // namespace

std::optional<std::vector<FoldResult>> run_study(const StudyJob& job, StudyStore& store) {
  if (job.folds < 1) throw bad_input(fmt::format("a study needs folds, not {}", job.folds));
  StudyRun study(job, store);
  const int workers = std::min(job.parallel, study.remaining());
  if (workers <= 1) {
    study.work();
  } else {
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i) threads.emplace_back([&study] { study.work(); });
  }
  return study.outcome();
}

}  // namespace tailor
