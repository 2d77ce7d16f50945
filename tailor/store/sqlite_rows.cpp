#include "tailor/store/sqlite_rows.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"
#include "tailor/core/json_reader.hpp"
#include "tailor/core/limits.hpp"

namespace tailor::internal {
namespace {

// Of a row, and what may stand in it.
class ResultRow {
 public:
  ResultRow(const Statement& row, const std::string& file) : row_(row), file_(file) {}

  int index(int column, const char* what) const {
    const std::int64_t number = row_.integer(column);
    if (number < 0 || number > std::int64_t(kMostImages)) refuse(what);
    return int(number);
  }
  double seconds(int column, const char* what) const {
    const double number = row_.number(column);
    if (!(number >= 0)) refuse(what);
    return number;
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    throw bad_input(fmt::format(
        "{} was changed by another program: a result has an impossible {}; remove it to start the "
        "search anew",
        file_, what));
  }

  const Statement& row_;
  const std::string& file_;
};

FoldResult result_of(const Statement& row, const std::string& file) {
  const ResultRow checked(row, file);
  FoldResult result;
  result.candidate = checked.index(0, "candidate");
  result.fold = checked.index(1, "fold");
  result.test_score = row.number(2);
  const double train_score = row.number(3);
  if (row.integer(4) != 0) result.train_score = train_score;
  result.fit_seconds = checked.seconds(5, "fit_seconds");
  result.score_seconds = checked.seconds(6, "score_seconds");
  constexpr std::size_t kMostErrorBytes = 4000;
  result.error = row.text(7).substr(0, kMostErrorBytes);
  return result;
}

}  // namespace

std::string params_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [path, value] : settings) {
    std::visit([&, &key = path](const auto& plain) { json[key] = plain; }, value);
  }
  return json_text(json);
}

std::vector<Settings> read_candidates(const Database& database) {
  const std::string file = database.path().string();
  std::vector<Settings> candidates;
  Statement rows(database, "SELECT candidate, params FROM candidates ORDER BY candidate");
  while (rows.step()) {
    if (rows.integer(0) != std::int64_t(candidates.size()) ||
        candidates.size() == kMostCandidates) {
      throw bad_input(fmt::format(
          "{} was changed by another program: its candidates do not count from 0 to at most {}; "
          "remove it to start the search anew",
          file, kMostCandidates - 1));
    }
    candidates.push_back(JsonReader(rows.text(1),
                                    fmt::format("{} (candidate {})", file, candidates.size()),
                                    "remove the file to start the search anew")
                             .settings());
  }
  return candidates;
}

std::vector<FoldResult> read_results(const Database& database) {
  const std::string file = database.path().string();
  std::vector<FoldResult> results;
  Statement rows(database,
                 "SELECT candidate, fold, test_score, train_score, train_scored, fit_seconds, "
                 "score_seconds, error FROM results ORDER BY candidate, fold");
  while (rows.step()) results.push_back(result_of(rows, file));
  return results;
}

}  // namespace tailor::internal
