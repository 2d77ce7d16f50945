// cv_results_csv: scikit-learn's dictionary of columns, as pandas writes it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "tailor/core/csv.hpp"
#include "tailor/search/records.hpp"

namespace tailor::internal {
namespace {

using Cells = std::vector<std::string>;

struct Column {
  std::string name;
  Cells cells;
};

// What numpy.array() makes of a column's values; text among them keeps each as it is.
enum class ColumnType { kBool, kInteger, kFloat, kObject };

std::string number_cell(double number) {
  return std::isnan(number) ? "" : to_python(Value(number));
}

Column number_column(const SearchResult& result, const std::string& name,
                     const std::function<double(const CandidateRow&)>& number) {
  Column column{name, {}};
  for (const CandidateRow& row : result.rows) column.cells.push_back(number_cell(number(row)));
  return column;
}

std::vector<std::string> keys_in_order(const Settings& params, bool descending) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : params) keys.push_back(key);
  if (descending) std::reverse(keys.begin(), keys.end());
  return keys;
}

// Every parameter, in the order in which the rows first mention them.
std::vector<std::string> all_keys(const SearchResult& result) {
  std::vector<std::string> all;
  for (const CandidateRow& row : result.rows) {
    for (const std::string& key : keys_in_order(row.params, result.params_descending)) {
      if (std::find(all.begin(), all.end(), key) == all.end()) all.push_back(key);
    }
  }
  return all;
}

ColumnType common_type(const std::vector<Value>& values) {
  ColumnType type = ColumnType::kBool;
  for (const Value& value : values) {
    if (std::holds_alternative<std::string>(value)) return ColumnType::kObject;
    const auto own = std::holds_alternative<double>(value)         ? ColumnType::kFloat
                     : std::holds_alternative<std::int64_t>(value) ? ColumnType::kInteger
                                                                   : ColumnType::kBool;
    type = std::max(type, own);
  }
  return type;
}

std::string cell_of(const Value& value, ColumnType type) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr) return *text;
  if (type == ColumnType::kBool || type == ColumnType::kObject) return to_python(value);
  if (const auto* number = std::get_if<double>(&value)) return number_cell(*number);
  const auto* truth = std::get_if<bool>(&value);
  const std::int64_t integer = truth != nullptr ? int(*truth) : std::get<std::int64_t>(value);
  if (type == ColumnType::kFloat) return number_cell(double(integer));
  return std::to_string(integer);
}

Column param_column(const SearchResult& result, const std::string& key) {
  std::vector<Value> values;
  for (const CandidateRow& row : result.rows) {
    const auto found = row.params.find(key);
    if (found != row.params.end()) values.push_back(found->second);
  }
  ColumnType type = common_type(values);
  const bool masked = values.size() < result.rows.size();
  if (masked && type == ColumnType::kInteger) type = ColumnType::kFloat;  // pandas' NaN is a float
  Column column{"param_" + key, {}};
  for (const CandidateRow& row : result.rows) {
    const auto found = row.params.find(key);
    column.cells.push_back(found == row.params.end() ? "" : cell_of(found->second, type));
  }
  return column;
}

Column params_column(const SearchResult& result) {
  Column column{"params", {}};
  for (const CandidateRow& row : result.rows) {
    std::string cell;
    for (const std::string& key : keys_in_order(row.params, result.params_descending)) {
      cell += fmt::format("{}{}: {}", cell.empty() ? "" : ", ", to_python(Value(key)),
                          to_python(row.params.at(key)));
    }
    column.cells.push_back("{" + cell + "}");
  }
  return column;
}

void add_split_columns(std::vector<Column>& columns, const SearchResult& result,
                       const std::string& set, std::vector<double> CandidateRow::*scores) {
  for (int fold = 0; fold < result.folds; ++fold) {
    columns.push_back(
        number_column(result, fmt::format("split{}_{}_score", fold, set),
                      [&](const CandidateRow& row) { return (row.*scores)[std::size_t(fold)]; }));
  }
}

std::vector<Column> all_columns(const SearchResult& result) {
  std::vector<Column> columns;
  const auto add = [&](const char* name, double CandidateRow::*member) {
    columns.push_back(
        number_column(result, name, [&](const CandidateRow& row) { return row.*member; }));
  };
  add("mean_fit_time", &CandidateRow::mean_fit_time);
  add("std_fit_time", &CandidateRow::std_fit_time);
  add("mean_score_time", &CandidateRow::mean_score_time);
  add("std_score_time", &CandidateRow::std_score_time);
  for (const std::string& key : all_keys(result)) columns.push_back(param_column(result, key));
  columns.push_back(params_column(result));
  add_split_columns(columns, result, "test", &CandidateRow::test_scores);
  add("mean_test_score", &CandidateRow::mean_test_score);
  add("std_test_score", &CandidateRow::std_test_score);
  columns.push_back({"rank_test_score", {}});
  for (const CandidateRow& row : result.rows) {
    columns.back().cells.push_back(std::to_string(row.rank));
  }
  if (!result.rows.empty() && !result.rows.front().train_scores.empty()) {
    add_split_columns(columns, result, "train", &CandidateRow::train_scores);
    add("mean_train_score", &CandidateRow::mean_train_score);
    add("std_train_score", &CandidateRow::std_train_score);
  }
  return columns;
}

}  // namespace

std::string cv_results_csv(const SearchResult& result) {
  const std::vector<Column> columns = all_columns(result);
  std::string csv;
  const auto add_line = [&](const std::function<std::string(const Column&)>& cell) {
    for (const Column& column : columns) {
      if (&column != &columns.front()) csv += ',';
      csv += csv_cell(cell(column));
    }
    csv += '\n';
  };
  add_line([](const Column& column) { return column.name; });
  for (std::size_t row = 0; row < result.rows.size(); ++row) {
    add_line([&](const Column& column) { return column.cells[row]; });
  }
  return csv;
}

}  // namespace tailor::internal
