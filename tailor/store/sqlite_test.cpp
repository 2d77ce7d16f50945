#include "tailor/store/sqlite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/store/database.hpp"
#include "tailor/store/store.hpp"
#include "tests/own_folder.hpp"
#include "tests/refusal.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SqliteStudy : public ::testing::Test {
 protected:
  fs::path file() const { return folder_ / "study.db"; }

  // The error of opening the file, checked to be one line.
  std::string refusal(ErrorKind kind) const {
    return refusal_of([&] { open_sqlite_store(file()); }, kind);
  }

  const OwnFolder folder_;
};

const std::vector<Settings> kCandidates = {{{"model.kernels", std::int64_t(8)}},
                                           {{"model.kernels", std::int64_t(16)}}};

std::uint64_t bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

TEST_F(SqliteStudy, KeepsEveryNumberToTheLastBit) {
  std::vector<FoldResult> wanted = {
      {0, 0, 0.1 + 0.2, 1.0 / 3, 1e-300, 5e-324, ""},
      {0, 1, 1.0, std::nullopt, 123456789.123456789, 0, "it's \"no\" number;\nreally"},
      {1, 0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(), 2,
       3, ""},
      {1, 1, std::numeric_limits<double>::infinity(), 0.0, 1e308, 9007199254740993.0, ""}};
  {
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 2);
    EXPECT_TRUE(store->results().empty());
    for (const FoldResult& result : wanted) store->commit(result, {}, -1);
  }
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 2);
  const std::vector<FoldResult> found = store->results();
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].candidate, wanted[i].candidate);
    EXPECT_EQ(found[i].fold, wanted[i].fold);
    EXPECT_EQ(bits(found[i].test_score), bits(wanted[i].test_score));
    ASSERT_EQ(found[i].train_score.has_value(), wanted[i].train_score.has_value());
    EXPECT_EQ(bits(found[i].train_score.value_or(0)), bits(wanted[i].train_score.value_or(0)));
    EXPECT_EQ(bits(found[i].fit_seconds), bits(wanted[i].fit_seconds));
    EXPECT_EQ(bits(found[i].score_seconds), bits(wanted[i].score_seconds));
    EXPECT_EQ(found[i].error, wanted[i].error);
  }
}

TEST_F(SqliteStudy, WritesCandidatesAsReadableTypedJson) {
  {
    const auto store = open_sqlite_store(file());
    store->open("key", {{{"a", std::int64_t(1)}, {"b", 1.0}, {"c", true}, {"d", std::string("x")}}},
                1);
  }
  Database database(file());
  EXPECT_EQ(database.text("SELECT params FROM candidates"), R"({"a":1,"b":1.0,"c":true,"d":"x"})");
  EXPECT_EQ(database.text("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(database.text("PRAGMA foreign_key_check"), "");
}

TEST_F(SqliteStudy, RefusesAnotherKeyOtherCandidatesOrFolds) {
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 2);
  store->open("key", kCandidates, 2);
  auto typed = kCandidates;
  typed[0]["model.kernels"] = 8.0;
  auto longer = kCandidates;
  longer.emplace_back();
  try {
    store->open("other", kCandidates, 2);
    FAIL() << "must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadInput);
    EXPECT_THAT(error.what(), HasSubstr(file().string()));
    EXPECT_THAT(error.what(), HasSubstr("--out"));
  }
  EXPECT_THROW(store->open("key", typed, 2), Error);
  EXPECT_THROW(store->open("key", longer, 2), Error);
  EXPECT_THROW(store->open("key", kCandidates, 3), Error);
}

TEST_F(SqliteStudy, RefusesTheSameFoldTwice) {
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 2);
  const FoldResult result{1, 1, 0.5, std::nullopt, 1, 1, ""};
  store->commit(result, std::vector<float>{0.5f}, -1);
  EXPECT_THROW(store->commit(result, std::vector<float>{0.25f}, 0), Error);
  EXPECT_EQ(store->results().size(), 1u);
  EXPECT_THAT(store->probabilities(1, 1), ElementsAre(0.5f));
}

TEST_F(SqliteStudy, RefusesWhatIsNoDatabase) {
  std::ofstream(file()) << std::string(5000, 'x');
  EXPECT_THAT(refusal(ErrorKind::kBadInput), HasSubstr("no study"));
}

TEST_F(SqliteStudy, RefusesAnotherProgramsDatabaseAndLeavesItAlone) {
  { Database(file()).execute("CREATE TABLE recipes (name TEXT)"); }
  EXPECT_THAT(refusal(ErrorKind::kBadInput), HasSubstr("another program"));
  EXPECT_EQ(Database(file()).text("PRAGMA journal_mode"), "delete");
}

TEST_F(SqliteStudy, RefusesANewerVersion) {
  open_sqlite_store(file());
  { Database(file()).execute("PRAGMA user_version = 2"); }
  EXPECT_THAT(refusal(ErrorKind::kBadInput), HasSubstr("version 2"));
}

void fill(const fs::path& file) {
  const auto store = open_sqlite_store(file);
  std::vector<Settings> many(300, {{"model.kernels", std::int64_t(8)}});
  store->open("key", many, 1);
  for (int i = 0; i < 300; ++i)
    store->commit({i, 0, 0.5, 0.25, 1, 1, std::string(100, 'e')}, {}, -1);
}

TEST_F(SqliteStudy, RefusesADamagedFileWhereverItIsDamaged) {
  fill(file());
  const auto size = fs::file_size(file());
  ASSERT_GT(size, 5u * 4096);
  fs::copy(file(), folder_ / "good");
  for (std::uintmax_t page = 0; page < size / 4096; ++page) {
    fs::copy(folder_ / "good", file(), fs::copy_options::overwrite_existing);
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(std::streamoff(page * 4096));
    bytes << std::string(200, '\xa5');
    bytes.close();
    EXPECT_THAT(refusal(ErrorKind::kBadInput), HasSubstr(file().string())) << "page " << page;
  }
}

TEST_F(SqliteStudy, RefusesATruncatedFile) {
  fill(file());
  fs::resize_file(file(), 3 * 4096 + 100);
  EXPECT_THAT(refusal(ErrorKind::kBadInput), HasSubstr("damaged"));
}

TEST_F(SqliteStudy, RefusesAMissingFolderAndOneThatCannotBeWritten) {
  EXPECT_THROW(open_sqlite_store(folder_ / "none" / "study.db"), Error);
  EXPECT_THROW(open_sqlite_store("/proc/study.db"), Error);  // even root cannot write there
}

// Runs `body` in a child process and gives its wait status.
int in_child(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_F(SqliteStudy, OthersMayReadWhileASearchWrites) {
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 2);
  EXPECT_EQ(Database(file()).integer("SELECT count(*) FROM results"), 0);
  store->commit({1, 1, 0.5, std::nullopt, 1, 1, ""}, {}, -1);
  EXPECT_EQ(Database(file()).integer("SELECT count(*) FROM results"), 1);
  EXPECT_FALSE(fs::exists(file().string() + ".lock"));  // the folder's lock is its holder's
}

TEST_F(SqliteStudy, KeepsCandidatesThatAreAskedForLater) {
  auto wanted = kCandidates;
  wanted.push_back({{"a", std::int64_t(1)}, {"b", 1.0}, {"c", 0.1}, {"d", std::string("x")}});
  {
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 2);
    EXPECT_EQ(store->candidates(), kCandidates);
    store->add(wanted.back());
  }
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 2);
  EXPECT_EQ(store->candidates(), wanted);
}

TEST_F(SqliteStudy, AFullDiskIsAFailureAndKeepsWhatWasCommitted) {
  const int status = in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 1000);
    const rlimit limit{200'000, 200'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      for (int fold = 0; fold < 1000; ++fold) {
        store->commit({0, fold, 0.5, std::nullopt, 1, 1, std::string(500, 'e')}, {}, -1);
      }
    } catch (const Error& error) {
      _exit(error.kind() == ErrorKind::kFailure ? 42 : 1);
    }
  });
  EXPECT_EQ(WEXITSTATUS(status), 42);
  const auto store = open_sqlite_store(file());
  const std::vector<FoldResult> kept = store->results();
  ASSERT_GT(kept.size(), 10u);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].fold, int(i));
}

StudyJob job_of(int candidates, int folds) {
  StudyJob job;
  job.key = "key";
  job.folds = folds;
  for (std::int64_t i = 0; i < candidates; ++i) job.candidates.push_back({{"number", i}});
  job.run_trial = [](const Trial& trial) {
    return TrialScore{std::sin(trial.candidate * 10 + trial.fold), std::nullopt, 1, 1,
                      std::vector<float>(5000, float(trial.candidate * 10 + trial.fold))};
  };
  return job;
}

TEST_F(SqliteStudy, GoesOnToTheSameEndAfterBeingKilledAgainAndAgain) {
  const auto wanted = [&] {
    const auto store = open_sqlite_store(folder_ / "whole.db");
    return *run_study(job_of(5, 4), *store);
  }();
  int kept = 0;
  for (const int lives : {3, 1, 7, 2}) {  // fits before the kill
    const int status = in_child([&] {
      StudyJob job = job_of(5, 4);
      int fits = 0;
      job.run_trial = [&, inner = job.run_trial](const Trial& trial) {
        if (fits++ == lives) kill(getpid(), SIGKILL);
        return inner(trial);
      };
      const auto store = open_sqlite_store(file());
      run_study(job, *store);
    });
    ASSERT_TRUE(WIFSIGNALED(status));
    kept += lives;
  }
  std::atomic<int> fits = 0;
  StudyJob job = job_of(5, 4);
  job.parallel = 3;
  job.run_trial = [&, inner = job.run_trial](const Trial& trial) {
    ++fits;
    return inner(trial);
  };
  const auto store = open_sqlite_store(file());
  const auto found = run_study(job, *store);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(fits, 20 - kept);
  ASSERT_EQ(found->size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(bits((*found)[i].test_score), bits(wanted[i].test_score));
  }
  const auto whole = open_sqlite_store(folder_ / "whole.db");
  for (int candidate = 0; candidate < 5; ++candidate) {
    for (int fold = 0; fold < 4; ++fold) {
      EXPECT_EQ(store->probabilities(candidate, fold), whole->probabilities(candidate, fold));
    }
  }
  // 20 fits of 20,000 bytes, but two candidates' at a time.
  EXPECT_EQ(Database(file()).integer("SELECT count(*) FROM predictions"), 4);
  EXPECT_LT(fs::file_size(folder_ / "whole.db"), 250'000u);
}

TEST_F(SqliteStudy, ForgetsAndExtendsLikeTheOneInMemory) {
  StudyJob job = job_of(3, 2);
  job.run_trial = [&, inner = job.run_trial](const Trial& trial) {
    if (trial.candidate == 1 && trial.fold == 1) throw bad_input("the loss is no number");
    return inner(trial);
  };
  const auto store = open_sqlite_store(file());
  EXPECT_EQ(store->key(), "");
  run_study(job, *store);
  EXPECT_EQ(store->key(), "key");
  EXPECT_EQ(store->forget_failed(), 1);
  EXPECT_EQ(store->results().size(), 4u);
  StudyJob longer = job_of(5, 2);
  longer.key = "longer";
  EXPECT_THROW(run_study(longer, *store), Error);
  store->extend("longer", {longer.candidates.begin() + 3, longer.candidates.end()});
  const auto whole = open_sqlite_store(folder_ / "whole.db");
  const auto wanted = run_study(longer, *whole);
  const auto found = run_study(longer, *store);
  ASSERT_EQ(found->size(), wanted->size());
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    EXPECT_EQ(bits((*found)[i].test_score), bits((*wanted)[i].test_score));
  }
  for (int fold = 0; fold < 2; ++fold) {
    EXPECT_EQ(store->probabilities(1, fold), whole->probabilities(1, fold));
  }
}

TEST_F(SqliteStudy, KeepsPredictionsBitForBitUntilTheyAreOutdone) {
  const std::vector<float> odd = {0.1f, std::numeric_limits<float>::denorm_min(), 0, 1, 1.0f / 3};
  {
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 2);
    store->commit({0, 0, 0.5, std::nullopt, 1, 1, ""}, odd, -1);
    store->commit({0, 1, 0.5, std::nullopt, 1, 1, "failed"}, {}, -1);
  }
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 2);
  EXPECT_EQ(store->probabilities(0, 0), odd);
  EXPECT_THAT(store->probabilities(0, 1), IsEmpty());
  EXPECT_THAT(store->probabilities(1, 0), IsEmpty());
  store->commit({1, 0, 0.5, std::nullopt, 1, 1, ""}, odd, 0);
  EXPECT_THAT(store->probabilities(0, 0), IsEmpty());
  EXPECT_EQ(store->probabilities(1, 0), odd);
}

TEST_F(SqliteStudy, AFileFromBeforePredictionsWereKeptGoesOn) {
  {
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 1);
    store->commit({0, 0, 0.5, std::nullopt, 1, 1, ""}, {}, -1);
    Database(file()).execute("DROP TABLE predictions");
  }
  const auto store = open_sqlite_store(file());
  store->open("key", kCandidates, 1);
  EXPECT_EQ(store->results().size(), 1u);
  EXPECT_THAT(store->probabilities(0, 0), IsEmpty());
  store->commit({1, 0, 0.6, std::nullopt, 1, 1, ""}, std::vector<float>{0.25f}, 0);
  EXPECT_THAT(store->probabilities(1, 0), ElementsAre(0.25f));
}

// --- files that another program has changed ------------------------------------------------------

class ChangedStudy : public SqliteStudy {
 protected:
  ChangedStudy() {
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 2);
    const std::vector<float> some = {0.5f, 0.5f};
    for (const int fold : {0, 1}) store->commit({0, fold, 0.5, 0.6, 1, 1, ""}, some, -1);
    store->commit({1, 0, 0.5, std::nullopt, 1, 1, "broke"}, {}, -1);
  }

  // What both ways of opening it say, once this SQL was carried out.
  std::string refusal_after(const std::string& sql) const {
    const fs::path changed = folder_ / "changed.db";
    fs::copy(file(), changed, fs::copy_options::overwrite_existing);
    Database(changed).execute(sql);
    const std::string message = refusal_of([&] { read_sqlite_study(changed); });
    EXPECT_EQ(refusal_of([&] { open_sqlite_store(changed); }), message);
    EXPECT_EQ(message.rfind(changed.string(), 0), message.empty() ? std::string::npos : 0)
        << message;
    return message;
  }
};

TEST_F(ChangedStudy, HoldsTheTablesOfAStudyAndNothingElse) {
  EXPECT_EQ(refusal_after(""), "");
  EXPECT_EQ(refusal_after("DROP TABLE predictions"), "");
  EXPECT_THAT(refusal_after("CREATE VIEW v AS SELECT 1"), HasSubstr("holds a view \"v\" that no"));
  EXPECT_THAT(refusal_after("CREATE TABLE more (x)"), HasSubstr("holds a table \"more\""));
  EXPECT_THAT(refusal_after("CREATE INDEX i ON results (error)"), HasSubstr("index \"i\""));
  EXPECT_THAT(refusal_after("CREATE TRIGGER t AFTER INSERT ON results BEGIN SELECT 1; END"),
              HasSubstr("trigger \"t\""));
  EXPECT_THAT(refusal_after("DROP TABLE candidates"), HasSubstr("lacks the table \"candidates\""));
  EXPECT_THAT(refusal_after("ALTER TABLE results ADD COLUMN more AS (fold + 1)"),
              HasSubstr("table \"results\" that no study has"));
  // A recursion without end in the place of the results.
  EXPECT_THAT(refusal_after("DROP TABLE results; CREATE VIEW results AS WITH RECURSIVE n(i) AS "
                            "(SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n"),
              HasSubstr("view \"results\""));
}

TEST_F(ChangedStudy, HoldsValuesOfItsTypesAndRanges) {
  for (const char* change :
       {"UPDATE results SET test_score = 'high'", "UPDATE results SET train_score = x'00'",
        "UPDATE results SET fold = -1 WHERE fold = 1",
        "UPDATE results SET fold = 0.5 WHERE fold = 1",
        "UPDATE results SET fold = 9999999999 WHERE fold = 1",
        "UPDATE results SET fit_seconds = -1", "UPDATE results SET fit_seconds = 'long'",
        "UPDATE results SET error = x'ff'", "UPDATE results SET train_scored = 'yes'",
        "UPDATE results SET candidate = -3 WHERE candidate = 1",
        "UPDATE candidates SET candidate = 7 WHERE candidate = 1",
        "UPDATE candidates SET params = '[]'", "UPDATE candidates SET params = 'x'",
        "UPDATE candidates SET params = '{\"a\": [1]}'", "UPDATE candidates SET params = x'00'",
        "DELETE FROM results WHERE fold = 1", "INSERT INTO study VALUES ('key', 2)"}) {
    EXPECT_NE(refusal_after(change), "") << change;
  }
}

TEST_F(ChangedStudy, HasFoldsThatCanBeCounted) {
  for (const char* folds : {"-1", "0", "9223372036854775807", "'two'", "0.5", "x'02'"}) {
    Database(file()).execute(std::string("UPDATE study SET folds = ") + folds);
    EXPECT_NE(refusal_of([&] { read_sqlite_study(file()); }), "") << folds;
    EXPECT_NE(refusal_of([&] { open_sqlite_store(file())->open("key", kCandidates, 2); }), "")
        << folds;
  }
  Database(file()).execute("DELETE FROM study");
  EXPECT_NE(refusal_of([&] { read_sqlite_study(file()); }), "");
}

TEST_F(SqliteStudy, IsReadWithoutAByteWrittenBesideIt) {
  fill(file());
  const auto names = [&] {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_))
      found.push_back(entry.path().filename());
    return found;
  };
  EXPECT_EQ(read_sqlite_study(file()).results.size(), 300u);
  EXPECT_THAT(names(), ElementsAre("study.db"));
  const fs::path odd = folder_ / "50% a?b#c.db";
  fs::rename(file(), odd);
  EXPECT_EQ(read_sqlite_study(odd).results.size(), 300u);
}

// Killed, a search leaves its last results in the log beside the file.
TEST_F(SqliteStudy, IsReadWithTheLogThatAKilledSearchLeft) {
  const int status = in_child([&] {
    const auto store = open_sqlite_store(file());
    store->open("key", kCandidates, 2);
    store->commit({0, 0, 0.5, std::nullopt, 1, 1, ""}, {}, -1);
    kill(getpid(), SIGKILL);
  });
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  ASSERT_TRUE(fs::exists(file().string() + "-wal"));
  EXPECT_EQ(read_sqlite_study(file()).results.size(), 1u);
  EXPECT_EQ(read_sqlite_study(file()).results.size(), 1u);  // the first look lost nothing
}

TEST(NetworkFileSystems, AreToldFromLocalOnes) {
  EXPECT_TRUE(is_network_file_system(0x6969));       // NFS
  EXPECT_TRUE(is_network_file_system(0xff534d42));   // CIFS
  EXPECT_FALSE(is_network_file_system(0xef53));      // ext4
  EXPECT_FALSE(is_network_file_system(0x01021994));  // tmpfs
  EXPECT_FALSE(is_network_file_system(0x794c7630));  // overlay
}

}  // namespace
}  // namespace tailor::internal
