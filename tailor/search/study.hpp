// A search as ask and tell over a store: killed at any moment, it goes on where it was, and ends
// the same.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tailor/core/stop.hpp"
#include "tailor/search/error_score.hpp"
#include "tailor/search/records.hpp"
#include "tailor/search/strategy.hpp"

namespace tailor::internal {

// Where a study lives. Implementations are in store/; calls come from one thread at a time.
class StudyStore {
 public:
  virtual ~StudyStore() = default;
  // Opens the study with this key (a digest of everything that decides its results) and the
  // candidates it starts with, or creates it. Throws bad_input when the store holds a study with
  // another key, or one that starts with others.
  virtual void open(const std::string& key, const std::vector<Settings>& candidates, int folds) = 0;
  // Keeps a candidate that was asked for later; durable on return.
  virtual void add(const Settings& params) = 0;
  // The held study's key, or "" where it holds none.
  virtual std::string key() = 0;
  // The held study becomes the one with this key, which goes on where its candidates end: all of it
  // or nothing, durable on return.
  virtual void extend(const std::string& key, const std::vector<Settings>& more) = 0;
  // Drops every result of the candidates of which a training failed, so that they run again as if
  // they never had: also the folds that did not fail, whose probabilities are gone. Returns how
  // many trainings had failed. Durable on return.
  virtual int forget_failed() = 0;
  // Those the study was opened with and those added since, in that order.
  virtual std::vector<Settings> candidates() = 0;
  virtual std::vector<FoldResult> results() = 0;
  // Keeps a result, the probabilities of the fold's held-out images (held-out x classes; empty
  // where none are to be kept), and drops those of candidate `outdone` (-1 = of none), which can no
  // longer win. All of it or nothing, durable on return.
  virtual void commit(const FoldResult& result, std::span<const float> probabilities,
                      int outdone) = 0;
  // As committed; empty where there are none: the candidate lost or failed, or an older tailor ran
  // the fold.
  virtual std::vector<float> probabilities(int candidate, int fold) = 0;
};

struct Trial {
  int candidate = 0;
  int fold = 0;
  Settings params;
};

struct TrialScore {
  double test_score = 0;
  std::optional<double> train_score;
  double fit_seconds = 0;
  double score_seconds = 0;
  std::vector<float> probabilities;  // of the held-out images, rows x classes; may stay empty
};

// Trains and scores one trial on the calling thread. Must be a pure function of the trial. Returns
// nullopt when stopped before it was done; throws an Error that is_lasting() for a fit that failed
// (error_score decides what becomes of it). Whatever else it throws is no result of the trial's.
using RunTrial = std::function<std::optional<TrialScore>(const Trial&)>;

struct StudyProgress {
  int done = 0;   // trainings
  int total = 0;  // of the candidates so far
  int running = 0;
  FoldResult last;       // the one just finished (candidate = -1 before the first)
  double best_mean = 0;  // mean score of the best candidate with all folds done
  int best_candidate = -1;
  double seconds_left =
      0;  // (cost not done yet) x (seconds per cost so far) / workers; 0 = unknown
};

struct StudyJob {
  std::string key;
  std::vector<Settings> candidates;  // known before the first trial
  Propose propose;                   // asked for more of them; may be empty
  int folds = 0;
  int parallel = 1;
  ErrorScore error_score;
  RunTrial run_trial;
  std::function<double(const Settings&)>
      relative_cost;  // for the ETA: for example multiply-adds x epochs; may be empty
  std::function<void(const StudyProgress&)>
      on_progress;  // once before the first trial, then after each; under a lock, from any thread
  const StopFlag* stop = nullptr;
};

// Runs what the store does not hold yet, candidates outer, folds inner; every finished fold is
// committed at once. When all folds of all candidates are taken, asks for the next candidate; where
// there is none yet, waits for the trials that run, and where none runs, this is the end. Returns
// all results in that order, or nullopt when stopped before the end; they are equal for any number
// of workers where the candidates are (strategy.hpp). With error_score.raise a failed fit is
// rethrown and not committed, so the next run tries it again; with all fits failed throws bad_input
// quoting the first error. Any other exception (of a trial, the store or on_progress), such as a
// shortage of memory or a full disk, concludes nothing and ends the study: no more trials are
// claimed, the running ones are waited for, and it is rethrown. One worker (parallel <= 1) runs on
// the calling thread.
//
// Of the probabilities, the store ends up with those of the best candidate only, and on the way
// never holds more than the best's and those of candidates whose folds are not all done: 60,000
// images of 10 classes are 2.4 MB, and a search of 100 candidates must not leave 240.
std::optional<std::vector<FoldResult>> run_study(const StudyJob& job, StudyStore& store);

}  // namespace tailor::internal
