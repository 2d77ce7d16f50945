#include "tailor/search/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>

#include "tailor/core/error.hpp"
#include "tailor/core/lasting.hpp"

namespace tailor::internal {
namespace {

// The trials of one study, handed out in order to any number of workers. All state is behind one
// lock; a trial itself runs outside it.
class StudyRun {
 public:
  StudyRun(const StudyJob& job, StudyStore& store) : job_(job), store_(store) {
    store_.open(job.key, job.candidates, job.folds);
    for (const Settings& params : store_.candidates()) take_candidate(params);
    for (const FoldResult& result : store_.results()) take_stored(result);
    refuse_unasked();
    report(FoldResult{-1, 0, 0, std::nullopt, 0, 0, ""});
  }

  // One worker: claims and runs trials until none is left, the stop flag is up or a trial broke.
  // Nothing comes out of it: a thread has nobody to throw to.
  void work() {
    std::size_t index = kNoTrial;
    try {
      while (const std::optional<Trial> trial = claim()) {
        index = index_of(*trial);
        finish(index, run(*trial));
        index = kNoTrial;
      }
    } catch (...) {
      give_up(index, std::current_exception());
    }
  }

  // Ends the study. The exception of the earliest trial is the one that is told.
  void give_up(std::size_t index, std::exception_ptr exception) {
    const std::scoped_lock lock(mutex_);
    if (broken_ == nullptr || index < broken_at_) {
      broken_ = std::move(exception);
      broken_at_ = index;
    }
    changed_.notify_all();
  }

  static constexpr std::size_t kNoTrial = std::numeric_limits<std::size_t>::max();

  int remaining() const { return int(results_.size()) - done_; }

  std::optional<std::vector<FoldResult>> outcome() const {
    if (broken_ != nullptr) std::rethrow_exception(broken_);
    if (remaining() > 0 || next_proposal(history_).has_value()) return std::nullopt;
    std::vector<FoldResult> all;
    for (const auto& result : results_) all.push_back(*result);
    const auto failed = [](const FoldResult& result) { return !result.error.empty(); };
    if (!all.empty() && std::all_of(all.begin(), all.end(), failed)) {
      throw bad_input(fmt::format("all {} fits failed, the first (candidate {}, fold {}) with: {}",
                                  all.size(), all[0].candidate + 1, all[0].fold + 1, all[0].error));
    }
    return all;
  }

 private:
  std::size_t index_of(const Trial& trial) const {
    return std::size_t(trial.candidate) * std::size_t(job_.folds) + std::size_t(trial.fold);
  }

  Trial trial_at(std::size_t index) const {
    const std::size_t candidate = index / std::size_t(job_.folds);
    return {int(candidate), int(index % std::size_t(job_.folds)), history_[candidate].params};
  }

  void take_candidate(const Settings& params) {
    history_.push_back({params, std::nullopt});
    results_.resize(history_.size() * std::size_t(job_.folds));
  }

  std::optional<Settings> next_proposal(const History& history) const {
    return job_.propose ? job_.propose(history) : std::nullopt;
  }

  // What was asked for later depends on the scores of its time, so it is not asked for again; but
  // a strategy that is at its end there did not ask for it.
  void refuse_unasked() const {
    for (std::size_t i = job_.candidates.size(); i < history_.size(); ++i) {
      if (next_proposal({history_.begin(), history_.begin() + std::ptrdiff_t(i)})) continue;
      throw bad_input(fmt::format(
          "the study holds candidate {}, which does not belong to it; start anew", i + 1));
    }
  }

  void take_stored(const FoldResult& result) {
    const bool known = result.candidate >= 0 && result.fold >= 0 && result.fold < job_.folds &&
                       std::size_t(result.candidate) < history_.size();
    const auto index = std::size_t(result.candidate) * std::size_t(job_.folds) +
                       std::size_t(std::max(result.fold, 0));
    if (!known || results_[index].has_value()) {
      throw bad_input(fmt::format(
          "the study holds fold {} of candidate {}, which does not belong to it; start anew",
          result.fold + 1, result.candidate + 1));
    }
    keep(index, result);
  }

  // The next trial; waits while there may be one once others are done.
  std::optional<Trial> claim() {
    std::unique_lock lock(mutex_);
    while (broken_ == nullptr && (job_.stop == nullptr || !job_.stop->requested())) {
      while (next_ < results_.size() && results_[next_].has_value()) ++next_;
      if (next_ < results_.size() || ask()) {
        ++running_;
        return trial_at(next_++);
      }
      if (running_ == 0) return std::nullopt;
      changed_.wait(lock);
    }
    return std::nullopt;
  }

  // Takes the strategy's next candidate, where there is one now.
  bool ask() {
    const std::optional<Settings> params = next_proposal(history_);
    if (!params.has_value()) return false;
    store_.add(*params);
    take_candidate(*params);
    return true;
  }

  struct Finished {
    FoldResult result;
    std::vector<float> probabilities;
  };

  // nullopt where the trial was stopped.
  std::optional<Finished> run(const Trial& trial) const {
    const double score = job_.error_score.score;
    FoldResult result{trial.candidate, trial.fold, score, std::nullopt, 0, 0, ""};
    try {
      std::optional<TrialScore> scored = job_.run_trial(trial);
      if (!scored.has_value()) return std::nullopt;
      result.test_score = scored->test_score;
      result.train_score = scored->train_score;
      result.fit_seconds = scored->fit_seconds;
      result.score_seconds = scored->score_seconds;
      return Finished{result, std::move(scored->probabilities)};
    } catch (const Error& error) {
      if (job_.error_score.raise || !is_lasting(error)) throw;
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
    changed_.notify_all();
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

  double cost_of(std::size_t index) const {
    if (!job_.relative_cost) return 1;
    return job_.relative_cost(history_[index / std::size_t(job_.folds)].params);
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
    if (!mean.has_value()) return;
    history_[std::size_t(result.candidate)].mean_score = mean;
    if (!leads(result.candidate, *mean)) return;
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
  std::mutex mutex_;
  std::condition_variable changed_;  // a trial is done, or the study is broken
  History history_;
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
  const int workers = job.propose ? job.parallel : std::min(job.parallel, study.remaining());
  if (workers <= 1) {
    study.work();
  } else {
    std::vector<std::jthread> threads;
    try {  // those that the system refuses are done without
      for (int i = 0; i < workers; ++i) threads.emplace_back([&study] { study.work(); });
    } catch (const std::system_error&) {
      if (threads.empty()) study.work();
    } catch (...) {  // no more of them: those that run stop after their trial
      study.give_up(StudyRun::kNoTrial, std::current_exception());
    }
  }
  return study.outcome();
}

}  // namespace tailor::internal
