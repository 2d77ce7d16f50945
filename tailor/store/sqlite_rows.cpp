#include "tailor/store/sqlite_rows.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/core/error.hpp"
#include "tailor/core/json.hpp"

namespace tailor::internal {
namespace {

Value value_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  return json.get<std::string>();
}

Settings settings_of(const std::string& text) {
  Settings settings;
  const Json json = Json::parse(text);
  for (const auto& [path, value] : json.items()) settings[path] = value_of(value);
  return settings;
}

FoldResult result_of(const Statement& row) {
  FoldResult result;
  result.candidate = int(row.integer(0));
  result.fold = int(row.integer(1));
  result.test_score = row.number(2);
  if (row.integer(4) != 0) result.train_score = row.number(3);
  result.fit_seconds = row.number(5);
  result.score_seconds = row.number(6);
  result.error = row.text(7);
  return result;
}

}  // namespace

std::string params_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [path, value] : settings) {
    std::visit([&, &key = path](const auto& plain) { json[key] = plain; }, value);
  }
  return json.dump();
}

std::vector<Settings> read_candidates(const Database& database) {
  std::vector<Settings> candidates;
  Statement rows(database, "SELECT params FROM candidates ORDER BY candidate");
  try {
    while (rows.step()) candidates.push_back(settings_of(rows.text(0)));
  } catch (const Json::exception&) {
    throw bad_input(fmt::format("{} is damaged: a candidate is no JSON", database.path().string()));
  }
  return candidates;
}

std::vector<FoldResult> read_results(const Database& database) {
  std::vector<FoldResult> results;
  Statement rows(database,
                 "SELECT candidate, fold, test_score, train_score, train_scored, fit_seconds, "
                 "score_seconds, error FROM results ORDER BY candidate, fold");
  while (rows.step()) results.push_back(result_of(rows));
  return results;
}

}  // namespace tailor::internal
