// What the compared runs reached, how sure their differences are, class by class.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tailor/report/compare/comparison.hpp"

namespace tailor::internal {

struct RunGroup {
  std::string name;
  std::vector<const ComparedRun*> runs;
};

// Runs of one group together, groups in the order in which they first occur. A group of one run
// bears the run's name. The pointers point into `runs`.
std::vector<RunGroup> group_runs(const std::vector<ComparedRun>& runs);

// Whether their accuracies mean the same.
bool on_same_data(const std::vector<ComparedRun>& runs);

// One row per name in the order of first occurrence, one column per run; "" where a run has none.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;
std::string side_by_side_html(const std::string& caption, const std::vector<ComparedRun>& runs,
                              const std::vector<NamedTexts>& of_runs);

// The insides of sections.
std::string compared_results(const std::vector<ComparedRun>& runs);
std::string compared_classes(const std::vector<ComparedRun>& runs);

}  // namespace tailor::internal
