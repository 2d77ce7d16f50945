#include "tailor/store/sqlite_schema.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

constexpr std::int64_t kApplicationId = 0x5461696c;  // "Tail"
constexpr std::int64_t kVersion = 1;

constexpr const char* kSchema = R"(
CREATE TABLE study (key TEXT NOT NULL, folds INTEGER NOT NULL);
CREATE TABLE candidates (candidate INTEGER PRIMARY KEY, params TEXT NOT NULL);
CREATE TABLE results (
  candidate INTEGER NOT NULL REFERENCES candidates,
  fold INTEGER NOT NULL,
  test_score REAL,
  train_score REAL,
  train_scored INTEGER NOT NULL,
  fit_seconds REAL NOT NULL,
  score_seconds REAL NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (candidate, fold)
);
)";

// Not part of version 1's schema at first: a file without it is as good, so it is made where it is
// missing, and a tailor that does not know it leaves it alone. The version stays.
constexpr const char* kPredictionsSchema = R"(
CREATE TABLE IF NOT EXISTS predictions (
  candidate INTEGER NOT NULL REFERENCES candidates,
  fold INTEGER NOT NULL,
  probabilities BLOB NOT NULL,
  PRIMARY KEY (candidate, fold)
);
)";
constexpr std::string_view kLaterTable = "predictions";

// Name and kind of everything in a file, and the SQL that made it.
using Schema = std::map<std::pair<std::string, std::string>, std::string>;

Schema schema_of(const Database& database) {
  Schema schema;
  Statement rows(database, "SELECT name, type, ifnull(sql, '') FROM sqlite_schema LIMIT 100");
  while (rows.step()) schema[{rows.text(0), rows.text(1)}] = rows.text(2);
  return schema;
}

Schema schema_of_a_study() {
  Database model(":memory:");
  model.execute(kSchema);
  model.execute(kPredictionsSchema);
  return schema_of(model);
}

bool belongs_to_later_table(const std::string& name) {
  return name == kLaterTable || name == fmt::format("sqlite_autoindex_{}_1", kLaterTable);
}

Error foreign(const Database& database, const std::string& what) {
  return bad_input(fmt::format("{} {}; remove it to start the search anew, or choose another --out",
                               database.path().string(), what));
}

void check_schema(const Database& database) {
  const Schema wanted = schema_of_a_study();
  const Schema found = schema_of(database);
  for (const auto& [key, sql] : found) {
    const auto known = wanted.find(key);
    if (known == wanted.end() || known->second != sql) {
      throw foreign(database, fmt::format("holds a {} \"{}\" that no study has", key.second,
                                          excerpt(key.first)));
    }
  }
  for (const auto& [key, sql] : wanted) {
    if (!found.contains(key) && !belongs_to_later_table(key.first)) {
      throw foreign(database, fmt::format("is no whole study: it lacks the {} \"{}\"", key.second,
                                          key.first));
    }
  }
}

void check_owner(Database& database) {
  if (database.integer("PRAGMA application_id") != kApplicationId) {
    throw bad_input(
        fmt::format("{} is a database of another program; remove it or choose another --out",
                    database.path().string()));
  }
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version != kVersion) {
    throw bad_input(fmt::format(
        "{} has version {} of the study format, this tailor knows {}; use the tailor that wrote it "
        "or choose another --out",
        database.path().string(), version, kVersion));
  }
}

// quick_check tells a page that could not be read as damage, with SQLite's code at the end.
bool tells_of_the_machine(std::string_view fault) {
  constexpr std::string_view kCode = "error code";
  const std::size_t at = fault.rfind(kCode);
  if (at == std::string_view::npos) return false;
  const std::size_t digits = fault.find_first_of("0123456789", at);
  if (digits == std::string_view::npos) return false;
  int code = 0;
  std::from_chars(fault.data() + digits, fault.data() + fault.size(), code);
  return (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_NOMEM;
}

void check_pages(Database& database) {
  const std::string fault = database.text("PRAGMA quick_check(1)");
  if (fault == "ok") return;
  const std::string file = database.path().string();
  if (tells_of_the_machine(fault)) {
    throw failure(fmt::format("cannot read {}: {}", file, one_line(fault)));
  }
  throw bad_input(
      fmt::format("{} is damaged ({}); remove it to start the search anew", file, one_line(fault)));
}

// A result is committed together with its predictions, so the fold of such would never get one.
void check_predictions_of_results(Database& database) {
  if (database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'predictions'") == 0)
    return;
  Statement stray(database,
                  "SELECT candidate, fold FROM predictions EXCEPT SELECT candidate, fold FROM "
                  "results LIMIT 1");
  if (!stray.step()) return;
  throw foreign(database, fmt::format("was changed by another program: it holds predictions for "
                                      "fold {} of candidate {}, which has no result",
                                      stray.integer(1), stray.integer(0)));
}

}  // namespace

bool is_fresh(Database& database) {
  return database.integer("SELECT count(*) FROM sqlite_schema") == 0 &&
         database.integer("PRAGMA application_id") == 0 &&
         database.integer("PRAGMA user_version") == 0;
}

void create_study_tables(Database& database) {
  Transaction transaction(database);
  database.execute(kSchema);
  database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
  database.execute(fmt::format("PRAGMA user_version = {}", kVersion));
  transaction.commit();
}

void add_later_tables(Database& database) {
  database.execute(kPredictionsSchema);
}

void check_study_file(Database& database) {
  check_owner(database);
  check_schema(database);
  check_pages(database);
  check_predictions_of_results(database);
  if (database.integer("SELECT count(*) FROM study") > 1) {
    throw foreign(database, "was changed by another program: it holds several studies");
  }
}

}  // namespace tailor::internal
