#include "tailor/report/compare/comparison_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tailor/report/charts/svg.hpp"
#include "tailor/report/parts/html.hpp"
#include "tailor/report/parts/statistics.hpp"

namespace tailor::internal {
namespace {

constexpr std::string_view kNone = "\xE2\x80\x93";
constexpr std::size_t kShownName = 24;  // letters of a run's name within a longer one

std::string signed_points(double share) {
  if (!std::isfinite(share)) return std::string(kNone);
  return (share < 0 ? "\xE2\x88\x92" : "+") + decimal(100 * std::abs(share), 2);
}

std::string difference_text(const Difference& difference) {
  if (!std::isfinite(difference.low)) return signed_points(difference.mean);
  return fmt::format("{} ({} to {})", signed_points(difference.mean), signed_points(difference.low),
                     signed_points(difference.high));
}

Share share_of(const Evaluation& test) {
  return {test.accuracy, test.interval_low, test.interval_high};
}

NamedTexts model_rows(const ComparedModel& model, const ComparedModel& base, bool same_data,
                      const std::string& over) {
  NamedTexts rows;
  if (model.test) {
    const bool compares = &model != &base && same_data && base.test;
    rows = {{"test accuracy", percent(model.test->accuracy)},
            {"its 95\xC2\xA0% interval", fmt::format("{} to {}", percent(model.test->interval_low),
                                                     percent(model.test->interval_high))},
            {over, compares ? difference_text(
                                  share_difference(share_of(*base.test), share_of(*model.test)))
                            : std::string(kNone)},
            {"test loss", decimal(model.test->loss, 4)},
            {"test images", grouped(model.test->images)}};
  }
  if (!model.history.empty()) {
    rows.emplace_back("train accuracy, evaluated", percent(model.train_accuracy));
    rows.emplace_back("epochs", std::to_string(model.history.size()));
  }
  return rows;
}

std::string models_html(const std::string& caption, const std::vector<ComparedRun>& runs,
                        ComparedModel ComparedRun::*model) {
  std::vector<NamedTexts> of_runs;
  const std::string over = "points over " + shortened(runs.front().name, kShownName);
  for (const ComparedRun& run : runs) {
    of_runs.push_back(
        model_rows(run.*model, runs.front().*model, run.data == runs.front().data, over));
  }
  return side_by_side_html(caption, runs, of_runs);
}

struct SeedScores {
  std::vector<double> scores;
  std::map<std::string, double> by_seed;
};

SeedScores final_scores(const RunGroup& group) {
  SeedScores out;
  for (const ComparedRun* run : group.runs) {
    if (!run->final.test) continue;
    out.scores.push_back(run->final.test->accuracy);
    out.by_seed.emplace(run->seed, out.scores.back());
  }
  return out;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / double(values.size());
}

std::string spread_text(const std::vector<double>& values) {
  if (values.size() < 2) return std::string(kNone);
  double squares = 0;
  for (double value : values) squares += std::pow(value - mean(values), 2);
  return decimal(100 * std::sqrt(squares / double(values.size() - 1)), 2);
}

std::string paired_text(const SeedScores& base, const SeedScores& other) {
  std::vector<double> a, b;
  for (const auto& [seed, score] : other.by_seed) {
    const auto found = base.by_seed.find(seed);
    if (found == base.by_seed.end()) continue;
    a.push_back(found->second);
    b.push_back(score);
  }
  if (a.empty()) return std::string(kNone);
  return fmt::format("{}, {} seed{}", difference_text(paired_difference(a, b)), a.size(),
                     a.size() == 1 ? "" : "s");
}

// Only where some group has several seeds.
std::string groups_html(const std::vector<RunGroup>& groups) {
  const bool seeds = std::any_of(groups.begin(), groups.end(),
                                 [](const RunGroup& group) { return group.runs.size() > 1; });
  if (!seeds) return "";
  Table table{"Final models, test accuracy in per cent over the seeds",
              {{"group", false}, {"runs"}, {"mean"}, {"std"}, {"least"}, {"greatest"}},
              {},
              -1,
              false};
  if (groups.size() > 1)
    table.columns.push_back({"points over " + shortened(groups.front().name, kShownName)});
  const SeedScores base = final_scores(groups.front());
  for (const RunGroup& group : groups) {
    const SeedScores own = final_scores(group);
    if (own.scores.empty()) continue;
    const auto [least, greatest] = std::minmax_element(own.scores.begin(), own.scores.end());
    table.rows.push_back({group.name, std::to_string(own.scores.size()),
                          decimal(100 * mean(own.scores), 2), spread_text(own.scores),
                          decimal(100 * *least, 2), decimal(100 * *greatest, 2)});
    if (groups.size() > 1) {
      const bool same_data = group.runs.front()->data == groups.front().runs.front()->data;
      table.rows.back().push_back(&group == &groups.front() ? ""
                                  : same_data               ? paired_text(base, own)
                                                            : std::string(kNone));
    }
  }
  return table_html(table) +
         paragraph(
             "Groups differ in more than the seed; the runs of one in nothing else. Points over "
             "the "
             "first group are means of the differences between runs of equal seed, with Student\xE2"
             "\x80\x99s 95\xC2\xA0% interval from three seeds on.",
             "soft");
}

std::string class_measure_html(const std::vector<ComparedRun>& runs, const std::string& caption,
                               double ClassScores::*measure) {
  std::vector<NamedTexts> of_runs;
  for (const ComparedRun& run : runs) {
    NamedTexts& texts = of_runs.emplace_back();
    if (!run.final.test) continue;
    for (const ClassScores& scores : run.final.test->per_class) {
      texts.emplace_back(scores.name, decimal(scores.*measure, 4));
    }
    texts.emplace_back(run.final.test->macro.name, decimal(run.final.test->macro.*measure, 4));
  }
  return side_by_side_html(caption, runs, of_runs);
}

}  // namespace

std::vector<RunGroup> group_runs(const std::vector<ComparedRun>& runs) {
  std::vector<RunGroup> groups;
  for (const ComparedRun& run : runs) {
    const std::string& name = run.group.empty() ? run.name : run.group;
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const RunGroup& group) { return group.name == name; });
    (found == groups.end() ? groups.emplace_back(RunGroup{name, {}}) : *found).runs.push_back(&run);
  }
  for (RunGroup& group : groups) {
    if (group.runs.size() == 1) group.name = group.runs.front()->name;
  }
  return groups;
}

bool on_same_data(const std::vector<ComparedRun>& runs) {
  return std::ranges::all_of(runs,
                             [&](const ComparedRun& run) { return run.data == runs.front().data; });
}

std::string side_by_side_html(const std::string& caption, const std::vector<ComparedRun>& runs,
                              const std::vector<NamedTexts>& of_runs) {
  Table table{caption, {{"", false}}, {}, -1, false};
  for (const ComparedRun& run : runs) table.columns.push_back({run.name});
  for (std::size_t r = 0; r < runs.size(); ++r) {
    for (const auto& named : of_runs[r]) {
      auto row = std::find_if(table.rows.begin(), table.rows.end(),
                              [&](const auto& cells) { return cells.front() == named.first; });
      if (row == table.rows.end()) {
        table.rows.emplace_back(runs.size() + 1).front() = named.first;
        row = std::prev(table.rows.end());
      }
      (*row)[r + 1] = named.second;
    }
  }
  return table.rows.empty() ? "" : table_html(table);
}

std::string compared_results(const std::vector<ComparedRun>& runs) {
  const std::string tables = models_html("Final models", runs, &ComparedRun::final) +
                             models_html("First models", runs, &ComparedRun::first);
  if (tables.empty()) return "";
  return groups_html(group_runs(runs)) + tables +
         paragraph(
             "Points over another run come with Newcombe\xE2\x80\x99s 95\xC2\xA0% interval for two "
             "independent samples. Models measured on the same images differ less by chance, so "
             "the interval is rather too wide; it says nothing of other seeds.",
             "soft");
}

std::string compared_classes(const std::vector<ComparedRun>& runs) {
  const bool any = std::any_of(runs.begin(), runs.end(), [](const ComparedRun& run) {
    return run.final.test && !run.final.test->per_class.empty();
  });
  if (!any) return "";
  return "<div class=\"charts\">\n<div>\n" +
         class_measure_html(runs, "F1 by class, final model", &ClassScores::f1) +
         "</div>\n<div>\n" +
         class_measure_html(runs, "Recall by class, final model", &ClassScores::recall) +
         "</div>\n</div>\n";
}

}  // namespace tailor::internal
