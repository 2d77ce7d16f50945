#include "tailor/study/split_list.hpp"

#include "tailor/core/csv.hpp"
#include "tailor/data/rows.hpp"
#include "tailor/study/near_groups.hpp"
#include "tailor/study/ready_data.hpp"

namespace tailor::internal {
namespace {

constexpr Split kAllSplits[] = {Split::kTrain, Split::kValidation, Split::kTest};

}  // namespace

std::string split_csv(const DataOptions& data) {
  ReadyData ready(data, 0);
  if (ready.source().mnist) return "";
  Csv csv({"split", "index", "label", "class", "group", "path"});
  for (const Split split : kAllSplits) {
    if (!ready.has(split)) continue;
    const ReadyPart part = ready.part(split);
    for (std::size_t i = 0; i < part.set.size(); ++i) {
      const Label label = part.set.labels[i];
      csv.add({to_string(split), std::to_string(i), std::to_string(label),
               part.set.class_names[label],
               part.set.groups.empty() ? "" : std::to_string(part.set.groups[i]),
               part.files.empty() ? "" : part.files[i]});
    }
  }
  return csv.text();
}

std::string bad_files_csv(const std::vector<BadFile>& bad) {
  Csv csv({"path", "reason"});
  for (const BadFile& one : bad) csv.add({one.path, one.reason});
  return csv.text();
}

SplitSummary summarise_split(const DataOptions& data, const Observer& observer) {
  ReadyData ready(data, 0, observer);
  SplitSummary summary;
  summary.understood = ready.source().understood;
  for (const Split split : kAllSplits) {
    if (!ready.has(split)) continue;
    const ReadyPart part = ready.part(split);
    summary.class_names = part.set.class_names;
    SplitSummary::Part& row = summary.parts.emplace_back();
    row.split = split;
    row.cut = !ready.source().has(split);
    row.classes = class_counts(part.set);
    if (split != Split::kTrain || part.set.groups.empty()) continue;
    const GroupCounts counts = count_groups(part.set.groups);
    summary.groups = std::int64_t(counts.groups);
    summary.grouped = std::int64_t(counts.images);
    summary.largest = std::int64_t(counts.largest);
  }
  return summary;
}

}  // namespace tailor::internal
