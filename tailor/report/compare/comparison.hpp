// Several runs side by side on one page.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tailor/search/records.hpp"
#include "tailor/train/records.hpp"

namespace tailor::internal {

struct ComparedModel {
  std::vector<EpochRecord> history;
  std::vector<std::pair<std::string, std::string>> settings;
  double train_accuracy = 0;
  std::optional<Evaluation> test;
};

struct ComparedRun {
  std::string name;  // unique on the page
  std::string folder;
  std::string group;  // runs of one group differ in nothing but the seed
  std::string seed;
  std::string data;  // what tells test sets apart; accuracies on others do not compare
  ComparedModel first;
  ComparedModel final;
  std::optional<SearchResult> search;
  std::vector<std::pair<std::string, std::string>> facts;  // data, precision, CPU, commit, ...
  std::vector<std::pair<std::string, std::string>> timings;
};

// Results, settings that differ, learning curves on one scale (a band of mean and range where a
// group has several seeds), per-class scores, searches. Paired differences between groups come with
// an interval where there are seeds enough for one.
std::string render_comparison(const std::vector<ComparedRun>& runs);

}  // namespace tailor::internal
