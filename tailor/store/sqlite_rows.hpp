// Rows of a study's SQLite file as records, and back.
#pragma once

#include <string>
#include <vector>

#include "tailor/search/records.hpp"
#include "tailor/store/database.hpp"

namespace tailor::internal {

// {"model.dropout":0.5,"model.kernels":8}: types stay as they are, 1 and 1.0 differ.
std::string params_json(const Settings& settings);

// In the order in which they were asked for. Throws bad_input where one is no such text.
std::vector<Settings> read_candidates(const Database& database);

// Candidates outer, folds inner.
std::vector<FoldResult> read_results(const Database& database);

}  // namespace tailor::internal
