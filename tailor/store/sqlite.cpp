#include "tailor/store/sqlite.hpp"

#include <fmt/format.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/store/database.hpp"
#include "tailor/store/sqlite_rows.hpp"
#include "tailor/store/sqlite_schema.hpp"
#include "tailor/store/store.hpp"

namespace tailor::internal {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void refuse_network_folder(const fs::path& path) {
  struct statfs info;
  const fs::path folder = folder_of(path);
  if (statfs(folder.c_str(), &info) != 0) {
    throw failure(
        fmt::format("cannot keep a study in {}: {}", folder.string(), std::strerror(errno)));
  }
  if (is_network_file_system(std::uint32_t(info.f_type))) {
    throw failure(fmt::format(
        "{} lies on a network file system, where SQLite's log is not safe; choose a local --out",
        path.string()));
  }
}

// Too short for a database, SQLite takes a file for a new one and writes over it.
const fs::path& own_file(const fs::path& path) {
  constexpr std::uint64_t kHeader = 100;
  if (is_file(path) && size_of_file(path) > 0 && size_of_file(path) < kHeader) {
    throw bad_input(fmt::format(
        "{} is no study: it is not an SQLite database; remove it or choose another --out",
        path.string()));
  }
  return path;
}

class SqliteStore : public StudyStore {
 public:
  explicit SqliteStore(const fs::path& path) : database_(own_file(path)) {
    const bool fresh = is_fresh(database_);
    if (!fresh) check_study_file(database_);  // before anything is written to it
    database_.use_synced_log();
    if (fresh) create_study_tables(database_);
    add_later_tables(database_);
    read_candidates(database_);
    read_results(database_);
    database_.trust();
  }

  void open(const std::string& key, const std::vector<Settings>& candidates, int folds) override {
    Transaction transaction(database_);
    if (database_.integer("SELECT count(*) FROM study") == 0) {
      insert_study(key, candidates, folds);
    } else if (!holds(key, candidates, folds)) {
      throw bad_input(
          fmt::format("{} holds a search with other options or data; choose another --out",
                      database_.path().string()));
    }
    transaction.commit();
  }

  void add(const Settings& params) override {
    const std::int64_t count = database_.integer("SELECT count(*) FROM candidates");
    insert_candidate(count, params);
  }

  std::string key() override {
    Statement study(database_, "SELECT key FROM study");
    return study.step() ? study.text(0) : "";
  }

  void extend(const std::string& key, const std::vector<Settings>& more) override {
    Transaction transaction(database_);
    Statement(database_, "UPDATE study SET key = ?").bind(1, key).run();
    for (const Settings& params : more) add(params);
    transaction.commit();
  }

  int forget_failed() override {
    Transaction transaction(database_);
    const std::int64_t failed = database_.integer("SELECT count(*) FROM results WHERE error != ''");
    const std::string them = "(SELECT candidate FROM results WHERE error != '')";
    database_.execute("DELETE FROM predictions WHERE candidate IN " + them);
    database_.execute("DELETE FROM results WHERE candidate IN " + them);
    transaction.commit();
    return int(failed);
  }

  std::vector<Settings> candidates() override { return read_candidates(database_); }

  std::vector<FoldResult> results() override { return read_results(database_); }

  void commit(const FoldResult& result, std::span<const float> probabilities,
              int outdone) override {
    Transaction transaction(database_);
    Statement(database_, "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, std::int64_t(result.candidate))
        .bind(2, std::int64_t(result.fold))
        .bind(3, result.test_score)
        .bind(4, result.train_score.value_or(std::numeric_limits<double>::quiet_NaN()))
        .bind(5, std::int64_t(result.train_score.has_value()))
        .bind(6, result.fit_seconds)
        .bind(7, result.score_seconds)
        .bind(8, result.error)
        .run();
    if (!probabilities.empty()) {
      Statement(database_, "INSERT INTO predictions VALUES (?, ?, ?)")
          .bind(1, std::int64_t(result.candidate))
          .bind(2, std::int64_t(result.fold))
          .bind(3, probabilities)
          .run();
    }
    if (outdone >= 0) {
      Statement(database_, "DELETE FROM predictions WHERE candidate = ?")
          .bind(1, std::int64_t(outdone))
          .run();
    }
    transaction.commit();
  }

  std::vector<float> probabilities(int candidate, int fold) override {
    Statement row(database_,
                  "SELECT probabilities FROM predictions WHERE candidate = ? AND fold = ?");
    row.bind(1, std::int64_t(candidate)).bind(2, std::int64_t(fold));
    return row.step() ? row.floats(0) : std::vector<float>{};
  }

 private:
  void insert_study(const std::string& key, const std::vector<Settings>& candidates, int folds) {
    Statement(database_, "INSERT INTO study VALUES (?, ?)")
        .bind(1, key)
        .bind(2, std::int64_t(folds))
        .run();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      insert_candidate(std::int64_t(i), candidates[i]);
    }
  }

  void insert_candidate(std::int64_t candidate, const Settings& params) {
    Statement(database_, "INSERT INTO candidates VALUES (?, ?)")
        .bind(1, candidate)
        .bind(2, params_json(params))
        .run();
  }

  // The same study, with these candidates first; more may have been added to them.
  bool holds(const std::string& key, const std::vector<Settings>& candidates, int folds) const {
    Statement study(database_, "SELECT key, folds FROM study");
    study.step();
    if (study.text(0) != key || study.integer(1) != folds) return false;
    Statement rows(database_, "SELECT candidate, params FROM candidates ORDER BY candidate");
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (!rows.step() || rows.integer(0) != std::int64_t(i) ||
          rows.text(1) != params_json(candidates[i])) {
        return false;
      }
    }
    return true;
  }

  Database database_;
};

}  // namespace

bool is_network_file_system(std::uint32_t type) {
  constexpr std::array<std::uint32_t, 7> kNetwork = {
      0x6969,      // NFS
      0x517b,      // SMB
      0xff534d42,  // CIFS
      0xfe534d42,  // SMB2
      0x5346414f,  // AFS
      0x00c36400,  // Ceph
      0x0bd00bd0,  // Lustre
  };
  return std::find(kNetwork.begin(), kNetwork.end(), type) != kNetwork.end();
}

std::unique_ptr<StudyStore> open_sqlite_store(const fs::path& path) {
  refuse_network_folder(path);
  return std::make_unique<SqliteStore>(path);
}

StoredStudy read_sqlite_study(const fs::path& path) {
  if (!path_exists(path)) throw bad_input(fmt::format("{} does not exist", path.string()));
  Database database(path, Access::kRead);
  check_study_file(database);
  StoredStudy study;
  const std::int64_t folds = database.integer("SELECT folds FROM study");
  study.candidates = read_candidates(database);
  study.results = read_results(database);
  if (folds < 1 || folds > std::int64_t(kMostImages)) {
    throw bad_input(
        fmt::format("{} was changed by another program: it has {} folds", path.string(), folds));
  }
  study.folds = int(folds);
  return study;
}

}  // namespace tailor::internal
