#include "tailor/search/study.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <stdexcept>
#include <system_error>

#include "tailor/core/error.hpp"
#include "tailor/search/memory_store.hpp"

namespace tailor::internal {
namespace {

using ::testing::ElementsAre;

TrialScore score_of(const Trial& trial) {
  return {std::sin(trial.candidate * 10 + trial.fold),
          std::cos(trial.candidate + trial.fold),
          0.5,
          0.25,
          {float(trial.candidate), float(trial.fold)}};
}

StudyJob job_of(int candidates, int folds, int parallel) {
  StudyJob job;
  job.key = "key";
  job.folds = folds;
  job.parallel = parallel;
  for (std::int64_t i = 0; i < candidates; ++i) job.candidates.push_back({{"number", i}});
  job.run_trial = [](const Trial& trial) { return score_of(trial); };
  return job;
}

using Row = std::tuple<int, int, double, double, std::string>;

std::vector<Row> rows(const std::vector<FoldResult>& results) {
  std::vector<Row> rows;
  for (const FoldResult& r : results) {
    const double score = std::isnan(r.test_score) ? -1 : r.test_score;
    rows.emplace_back(r.candidate, r.fold, score, r.train_score.value_or(-2), r.error);
  }
  return rows;
}

TEST(Study, GivesTheSameResultsForAnyNumberOfWorkers) {
  MemoryStore alone;
  const auto wanted = run_study(job_of(7, 3, 1), alone);
  ASSERT_TRUE(wanted.has_value());
  ASSERT_EQ(wanted->size(), 21u);
  EXPECT_EQ((*wanted)[5].candidate, 1);
  EXPECT_EQ((*wanted)[5].fold, 2);
  for (const int workers : {2, 5, 64}) {
    MemoryStore store;
    const auto found = run_study(job_of(7, 3, workers), store);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(rows(*found), rows(*wanted));
    EXPECT_EQ(store.held.size(), 21u);
  }
}

TEST(Study, HandsEachTrialItsOwnSettingsInOrder) {
  MemoryStore store;
  StudyJob job = job_of(3, 2, 1);
  std::vector<std::pair<int, int>> order;
  job.run_trial = [&](const Trial& trial) {
    EXPECT_EQ(trial.params, job.candidates[std::size_t(trial.candidate)]);
    order.emplace_back(trial.candidate, trial.fold);
    return score_of(trial);
  };
  run_study(job, store);
  const std::vector<std::pair<int, int>> wanted = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {2, 1}};
  EXPECT_EQ(order, wanted);
}

TEST(Study, GoesOnAfterAStopWithoutRepeatingAnything) {
  for (const int workers : {1, 4}) {
    MemoryStore whole;
    const auto wanted = run_study(job_of(5, 3, 1), whole);
    MemoryStore store;
    StopFlag stop;
    std::atomic<int> calls = 0;
    StudyJob job = job_of(5, 3, workers);
    job.stop = &stop;
    job.run_trial = [&](const Trial& trial) -> std::optional<TrialScore> {
      if (++calls == 6) stop.request();
      if (stop.requested()) return std::nullopt;
      return score_of(trial);
    };
    EXPECT_EQ(run_study(job, store), std::nullopt);
    const auto kept = int(store.held.size());
    EXPECT_LE(kept, 5);
    EXPECT_LE(calls, 5 + workers);
    std::atomic<int> later = 0;
    StudyJob again = job_of(5, 3, workers);
    again.run_trial = [&](const Trial& trial) {
      ++later;
      return score_of(trial);
    };
    const auto found = run_study(again, store);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(rows(*found), rows(*wanted));
    EXPECT_EQ(later, 15 - kept);
  }
}

TEST(Study, RunsNothingWhenAllIsDone) {
  MemoryStore store;
  run_study(job_of(2, 2, 1), store);
  StudyJob job = job_of(2, 2, 3);
  job.run_trial = [](const Trial&) -> std::optional<TrialScore> { throw std::logic_error("ran"); };
  EXPECT_EQ(run_study(job, store)->size(), 4u);
}

RunTrial failing(std::set<int> candidates) {
  return [=](const Trial& trial) {
    if (candidates.contains(trial.candidate)) {
      throw bad_input("the loss is no number (candidate " + std::to_string(trial.candidate) + ")");
    }
    return score_of(trial);
  };
}

TEST(Study, AFailedFitScoresTheErrorScore) {
  MemoryStore store;
  StudyJob job = job_of(3, 2, 2);
  job.run_trial = failing({1});
  auto found = run_study(job, store);
  EXPECT_TRUE(std::isnan((*found)[2].test_score));
  EXPECT_EQ((*found)[2].error, "the loss is no number (candidate 1)");
  EXPECT_EQ((*found)[0].error, "");
  MemoryStore other;
  job.error_score.score = 0.25;
  found = run_study(job, other);
  EXPECT_EQ((*found)[3].test_score, 0.25);
}

TEST(Study, RaiseRethrowsTheEarliestFailureAndDoesNotKeepIt) {
  MemoryStore store;
  StudyJob job = job_of(4, 2, 1);
  job.error_score.raise = true;
  job.run_trial = failing({1, 2});
  try {
    run_study(job, store);
    FAIL() << "must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_STREQ(error.what(), "the loss is no number (candidate 1)");
  }
  EXPECT_EQ(store.held.size(), 2u);
  job.run_trial = failing({});
  EXPECT_EQ(run_study(job, store)->size(), 8u);
}

TEST(Study, AllFitsFailingIsAnErrorThatQuotesTheFirst) {
  MemoryStore store;
  StudyJob job = job_of(2, 2, 2);
  job.run_trial = failing({0, 1});
  try {
    run_study(job, store);
    FAIL() << "must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("all 4 fits failed"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("the first (candidate 1, fold 1)"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("(candidate 0)"));
  }
}

TEST(Study, ConcludesNothingFromWhatPassesAndGoesOnToWhatAnUndisturbedOneFinds) {
  MemoryStore undisturbed;
  const auto wanted = run_study(job_of(4, 2, 1), undisturbed);
  const std::vector<std::function<void()>> passing = {
      [] { throw std::bad_alloc(); }, [] { throw failure("the library failed"); },
      [] { throw std::system_error(EAGAIN, std::generic_category(), "no thread"); }};
  for (const auto& fault : passing) {
    for (const int workers : {1, 3}) {
      MemoryStore store;
      StudyJob job = job_of(4, 2, workers);
      job.run_trial = [&](const Trial& trial) {
        if (trial.candidate == 1) fault();
        return score_of(trial);
      };
      EXPECT_ANY_THROW(run_study(job, store));
      EXPECT_GE(store.held.size(), 2u);
      for (const FoldResult& result : store.held) EXPECT_EQ(result.error, "");
      EXPECT_EQ(rows(*run_study(job_of(4, 2, workers), store)), rows(*wanted));
    }
  }
}

TEST(Study, ForgetsFailedCandidatesWholeAndEndsAsIfTheyHadNeverFailed) {
  MemoryStore undisturbed;
  const auto wanted = run_study(job_of(3, 3, 1), undisturbed);
  MemoryStore store;
  StudyJob job = job_of(3, 3, 1);
  job.run_trial = [&](const Trial& trial) {
    if (trial.candidate == 1 && trial.fold > 0) throw bad_input("the loss is no number");
    return score_of(trial);
  };
  run_study(job, store);
  EXPECT_EQ(store.forget_failed(), 2);
  EXPECT_EQ(store.held.size(), 6u);
  EXPECT_EQ(rows(*run_study(job_of(3, 3, 1), store)), rows(*wanted));
  EXPECT_EQ(store.predictions, undisturbed.predictions);
  EXPECT_EQ(store.forget_failed(), 0);
}

TEST(Study, OtherExceptionsEndItAfterTheRunningTrials) {
  for (const int workers : {1, 3}) {
    MemoryStore store;
    StudyJob job = job_of(20, 2, workers);
    std::atomic<int> running = 0;
    job.run_trial = [&](const Trial& trial) {
      ++running;
      if (trial.candidate == 2) {
        --running;
        throw std::runtime_error("a bug");
      }
      const TrialScore score = score_of(trial);
      --running;
      return score;
    };
    EXPECT_THROW(run_study(job, store), std::runtime_error);
    EXPECT_EQ(running, 0);
    EXPECT_LT(store.held.size(), 40u);
    EXPECT_GE(store.held.size(), 4u);
  }
}

TEST(Study, AFailingStoreEndsIt) {
  class FullStore : public MemoryStore {
    void commit(const FoldResult& result, std::span<const float> probabilities,
                int outdone) override {
      if (held.size() == 3) throw failure("disk full");
      MemoryStore::commit(result, probabilities, outdone);
    }
  };
  FullStore store;
  EXPECT_THROW(run_study(job_of(5, 2, 2), store), Error);
  EXPECT_EQ(store.held.size(), 3u);
}

// Candidate 1 scores best, 3 as well as it; 0 is undecided to the end, 2 fails in its last fold.
TrialScore tied_score(const Trial& trial) {
  if (trial.candidate == 2 && trial.fold == 1) throw bad_input("the loss is no number");
  TrialScore score = score_of(trial);
  score.test_score = trial.candidate % 2 == 1 ? 0.75 : 0.5;
  return score;
}

TEST(Study, KeepsTheProbabilitiesOfTheBestCandidateOnly) {
  for (const int workers : {1, 3, 8}) {
    MemoryStore store;
    StudyJob job = job_of(4, 2, workers);
    job.run_trial = tied_score;
    run_study(job, store);
    ASSERT_EQ(store.predictions.size(), 2u);
    EXPECT_THAT(store.probabilities(1, 0), ElementsAre(1, 0));
    EXPECT_THAT(store.probabilities(1, 1), ElementsAre(1, 1));
  }
}

TEST(Study, StoppedAnywhereItHoldsTheBestAndWhatMayStillWin) {
  for (int fits = 0; fits < 8; ++fits) {
    MemoryStore store;
    StudyJob job = job_of(4, 2, 1);
    int done = 0;
    job.run_trial = [&](const Trial& trial) -> std::optional<TrialScore> {
      if (done++ == fits) return std::nullopt;
      return tied_score(trial);
    };
    StopFlag stop;
    job.stop = &stop;
    job.on_progress = [&](const StudyProgress& now) {
      if (now.done == fits) stop.request();
    };
    EXPECT_FALSE(run_study(job, store).has_value());
    EXPECT_LE(store.predictions.size(), 2u + 1u);
    job = job_of(4, 2, 2);
    job.run_trial = tied_score;
    run_study(job, store);
    ASSERT_EQ(store.predictions.size(), 2u) << "after " << fits;
    EXPECT_THAT(store.probabilities(1, 1), ElementsAre(1, 1));
  }
}

TEST(Study, RefusesResultsThatAreNotItsOwnAndNonsenseOptions) {
  MemoryStore store;
  store.held.push_back({2, 0, 0.5, std::nullopt, 1, 1, ""});
  EXPECT_THROW(run_study(job_of(2, 2, 1), store), Error);
  MemoryStore empty;
  EXPECT_THROW(run_study(job_of(2, 0, 1), empty), Error);
}

TEST(Study, ReportsProgressFromWhatIsMeasured) {
  MemoryStore store;
  StudyJob job = job_of(3, 2, 1);
  job.relative_cost = [](const Settings& s) {
    return double(std::get<std::int64_t>(s.at("number")) + 1);
  };
  job.run_trial = [](const Trial& trial) {
    const double cost = trial.candidate + 1;
    return TrialScore{trial.candidate == 1 ? 0.9 : 0.5, std::nullopt, 3 * cost, 1 * cost, {}};
  };
  std::vector<StudyProgress> seen;
  job.on_progress = [&](const StudyProgress& progress) { seen.push_back(progress); };
  run_study(job, store);
  ASSERT_EQ(seen.size(), 7u);
  EXPECT_EQ(seen[0].last.candidate, -1);
  EXPECT_EQ(seen[0].seconds_left, 0);
  EXPECT_EQ(seen[0].total, 6);
  EXPECT_EQ(seen[1].best_candidate, -1);
  EXPECT_EQ(seen[2].best_candidate, 0);
  EXPECT_EQ(seen[3].last.candidate, 1);
  EXPECT_DOUBLE_EQ(seen[3].seconds_left, 4.0 * (2 + 3 + 3));
  EXPECT_EQ(seen[6].done, 6);
  EXPECT_EQ(seen[6].best_candidate, 1);
  EXPECT_DOUBLE_EQ(seen[6].best_mean, 0.9);
  EXPECT_EQ(seen[6].seconds_left, 0);
}

// Doubles or halves the best number so far, eight times; needs every score but the newest two.
std::optional<Settings> climb(const History& history) {
  if (history.size() == 8) return std::nullopt;
  double best = -1;
  std::int64_t number = 100;
  for (std::size_t i = 0; i + 2 < history.size(); ++i) {
    if (!history[i].mean_score.has_value()) return std::nullopt;
    if (*history[i].mean_score <= best) continue;
    best = *history[i].mean_score;
    number = std::get<std::int64_t>(history[i].params.at("number"));
  }
  const bool up = history.size() % 2 == 1;
  return Settings{{"number", up ? number * 2 : number / 2}};
}

TrialScore nearness_to_30(const Trial& trial) {
  const auto number = double(std::get<std::int64_t>(trial.params.at("number")));
  return {1 / (1 + std::abs(number - 30) + 0.01 * trial.fold), std::nullopt, 1, 1, {1.0f}};
}

StudyJob climbing_job(int parallel) {
  StudyJob job;
  job.key = "key";
  job.folds = 2;
  job.parallel = parallel;
  job.propose = climb;
  job.candidates = proposed_without_scores(climb);
  job.run_trial = nearness_to_30;
  return job;
}

TEST(AskAndTell, AStrategySeesScoresAndGivesTheSameForAnyNumberOfWorkers) {
  MemoryStore alone;
  const auto wanted = run_study(climbing_job(1), alone);
  ASSERT_EQ(climbing_job(1).candidates.size(), 3u);
  ASSERT_EQ(wanted->size(), 16u);
  EXPECT_EQ(alone.asked.size(), 8u);
  EXPECT_THAT(alone.asked, ::testing::Contains(Settings{{"number", std::int64_t(25)}}));
  for (const int workers : {2, 3, 16}) {
    MemoryStore store;
    const auto found = run_study(climbing_job(workers), store);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(store.asked, alone.asked);
    EXPECT_EQ(rows(*found), rows(*wanted));
  }
}

TEST(AskAndTell, GoesOnAfterAStopAnywhereToTheSameEnd) {
  MemoryStore whole;
  const auto wanted = run_study(climbing_job(1), whole);
  for (int fits = 0; fits < 16; ++fits) {
    MemoryStore store;
    StopFlag stop;
    StudyJob job = climbing_job(1 + fits % 3);
    job.stop = &stop;
    job.on_progress = [&](const StudyProgress& now) {
      if (now.done >= fits) stop.request();
    };
    EXPECT_EQ(run_study(job, store), std::nullopt) << "after " << fits;
    const auto found = run_study(climbing_job(2), store);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(store.asked, whole.asked) << "after " << fits;
    EXPECT_EQ(rows(*found), rows(*wanted)) << "after " << fits;
  }
}

TEST(AskAndTell, AStrategyThatFailsEndsTheStudyAfterTheRunningTrials) {
  for (const int workers : {1, 4}) {
    MemoryStore store;
    StudyJob job = climbing_job(workers);
    job.propose = [](const History& history) {
      if (history.size() == 5) throw std::runtime_error("a bug");
      return climb(history);
    };
    EXPECT_THROW(run_study(job, store), std::runtime_error);
    EXPECT_EQ(store.asked.size(), 5u);
  }
}

TEST(AskAndTell, ACandidateThatNobodyAskedForIsRefused) {
  MemoryStore store;
  run_study(job_of(2, 2, 1), store);
  store.add({{"number", std::int64_t(7)}});
  EXPECT_THROW(run_study(job_of(2, 2, 1), store), Error);
  StudyJob listed = job_of(2, 2, 1);
  listed.propose = one_after_the_other(listed.candidates);
  EXPECT_THROW(run_study(listed, store), Error);
}

}  // namespace
}  // namespace tailor::internal
