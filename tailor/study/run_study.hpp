// The main job: first model, search, final model, and then, once, the test set. Every stage leaves
// a file when it is done and is skipped when the file is there, so a run that was killed goes on
// where it was and ends with the same bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/folder_lock.hpp"
#include "tailor/data/directory.hpp"
#include "tailor/data/ready_part.hpp"
#include "tailor/store/store.hpp"
#include "tailor/study/cross_validation.hpp"
#include "tailor/study/metrics.hpp"
#include "tailor/study/observer.hpp"
#include "tailor/study/own_data.hpp"
#include "tailor/study/run_files.hpp"
#include "tailor/study/run_timings.hpp"
#include "tailor/train/trainer.hpp"

namespace tailor::internal {

// Everything that is known before the first step is trained. Nothing in it comes from the test set
// but its share of `identity`: the checksum of its files.
struct Study {
  Experiment experiment;
  RunFiles files;
  DataOptions data;  // the experiment's, with the folder where they were found
  DataIdentity identity;
  Dataset train;
  std::string train_fingerprint;
  SearchPlan plan;
  std::optional<FolderLock> lock;  // of the run's folder; outlives the store in it
  std::unique_ptr<StudyStore> store;
  std::vector<BadFile> bad = {};  // left out of the training images
};

// One of the two models, before and after training.
struct StageModel {
  std::string stage;      // "first" | "final", as in its card
  Settings settings;      // what was drawn or found
  Experiment experiment;  // settings and the stage's epochs applied
  ModelFiles files;
  Indices rows;  // of the training set it trains on
  Indices kept;  // and those kept out, to fit the temperature on; empty for none
  std::optional<int> candidate = {};  // of the search, whose settings these are
};

// What a model's own training ends in, on every try: its net does not fit the images or this
// machine's memory, or its loss is no number. Told apart from what stands in its folder's way.
class ModelFailure : public Error {
 public:
  using Error::Error;
};

struct TrainedModel {
  StageModel made;
  Model model;
  std::vector<EpochRecord> history;
};

// What the test set was opened for.
struct Measured {
  Evaluation train;  // dropout off, after training
  Evaluation test;
  std::optional<Evaluation> validation;  // where there are such images
  std::vector<float> probabilities;      // of the test images, rows x classes; uncalibrated
  Reliability before, after;             // temperature scaling, on the test set
  CoverageCurve coverage;                // of the calibrated answers to the test set
};

// The models and the search. A first model that failed is a result: the search goes on without it.
struct TrainedRun {
  StageModel first_made;
  std::optional<TrainedModel> first;
  std::string first_failed;  // why there is none, or ""
  SearchResult search;
  TrainedModel final;
};

// A run with nothing left to train; the test set is open.
struct FinishedRun : TrainedRun {
  Dataset test;
  std::optional<Measured> first_measured;
  Measured final_measured;
};

// (1) Looks at the data and plans; throws bad_input for whatever could stop the run later, before
// anything is written. Then makes the folder, locks it, and claims it for this run.
Study open_study(const Experiment& experiment, const RunFiles& files, const FoundData& found);

// (2) The first model's settings: one draw from the space, by a random state of its own that
// follows from experiment.seed, so that it is no candidate's by construction. (4) the final one's:
// the best candidate, trained on all images but those kept out for calibration.
StageModel first_model(const Study& study);
StageModel final_model(const Study& study, const SearchResult& search);

// Trains on the stage's rows, or goes on where an earlier process stopped, or loads what is
// done. nullopt when stopped; everything is saved then. Throws ModelFailure.
std::optional<TrainedModel> train_model(const StageModel& model, const Study& study,
                                        const Observer& observer, RunTimings& timings);

// (3) Runs the folds that the store lacks, and writes cv_results.csv.
std::optional<SearchResult> search_stage(const Study& study, const Observer& observer,
                                         RunTimings& timings);

// What a finished run's folder tells.
struct StudyResult {
  Metrics metrics;
  RunTimings timings;
};

// Runs what is missing in `files.folder`, in order; nullopt when stopped, everything is saved then
// and the same call goes on. `retry_failed`: forgets what failed there, with the final model, whose
// settings it may change, and the test set's figures. Throws bad_input for what can be mended
// before anything is written, failure for what cannot be read or written.
std::optional<StudyResult> run_study(const Experiment& experiment, const RunFiles& files,
                                     const Observer& observer, bool retry_failed = false);

// Renders report.html of a finished run again, from the data in `data_dir` or, where that is empty,
// wherever its own are found; returns its path, or nothing when stopped. Throws bad_input where the
// images are not those of the run.
std::filesystem::path render_run_again(const RunFiles& files, const std::string& data_dir,
                                       const Observer& observer);

}  // namespace tailor::internal
