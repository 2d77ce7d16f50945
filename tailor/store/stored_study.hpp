// A look into a study's file that changes nothing and locks nobody out: for comparing runs.
#pragma once

#include <filesystem>
#include <vector>

#include "tailor/search/records.hpp"

namespace tailor {

struct StoredStudy {
  std::vector<Settings> candidates;
  int folds = 0;
  std::vector<FoldResult> results;  // candidates outer, folds inner
};

class Database;

// The results in an open study's file, in that order.
std::vector<FoldResult> read_results(const Database& database);

// Throws bad_input for a file that is missing or no study of ours.
StoredStudy read_study(const std::filesystem::path& path);

}  // namespace tailor
