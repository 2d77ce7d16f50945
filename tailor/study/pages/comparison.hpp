// Finished runs side by side.
#pragma once

#include <filesystem>
#include <vector>

#include "tailor/report/compare/comparison.hpp"

namespace tailor::internal {

// Reads what the runs left in their folders; opens no data set and trains nothing. Throws bad_input
// for a folder that holds no finished run.
std::vector<ComparedRun> read_compared_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace tailor::internal
