#include "tailor/report/charts/search_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "tailor/report/charts/effect.hpp"
#include "tailor/report/parts/html.hpp"

namespace tailor::internal {
namespace {

constexpr std::string_view kUnset = "\xE2\x80\x93";
constexpr double kLeastRange = 0.01, kLeastAxis = 0.02;  // of scores: a point, two points
constexpr std::size_t kFencedFrom = 8;  // with fewer candidates none counts as an outlier

// A path that some candidates lack tells them apart too.
bool varies(const SearchResult& search, const std::string& path) {
  const Value* first = nullptr;
  for (const CandidateRow& row : search.rows) {
    const auto found = row.params.find(path);
    if (found == row.params.end()) return true;
    if (first && !(*first == found->second)) return true;
    first = &found->second;
  }
  return false;
}

void find_paths(SearchView& view) {
  std::set<std::string> paths;
  for (const CandidateRow& row : view.search.rows) {
    for (const auto& [path, value] : row.params) paths.insert(path);
  }
  view.paths.assign(paths.begin(), paths.end());
  const auto still =
      std::stable_partition(view.paths.begin(), view.paths.end(),
                            [&](const std::string& path) { return varies(view.search, path); });
  view.varying = std::size_t(still - view.paths.begin());
  std::map<std::string, Effect> effects;
  for (auto path = view.paths.begin(); path != still; ++path) {
    effects[*path] = effect_of(view.search, *path);
  }
  std::stable_sort(view.paths.begin(), still, [&](const std::string& a, const std::string& b) {
    return matters_more(effects[a], effects[b]);
  });
}

void find_range(SearchView& view) {
  std::vector<double> scores;
  for (const CandidateRow& row : view.search.rows) {
    if (std::isfinite(row.mean_test_score)) scores.push_back(row.mean_test_score);
  }
  if (!scores.empty()) {
    std::sort(scores.begin(), scores.end());
    view.low = scores.front();
    view.high = scores.back();
    if (scores.size() >= kFencedFrom) {
      const double q1 = scores[scores.size() / 4], q3 = scores[scores.size() * 3 / 4];
      view.low = *std::lower_bound(scores.begin(), scores.end(), q1 - 1.5 * (q3 - q1));
    }
    if (view.low < view.high) view.low = std::min(view.low, std::max(view.high - kLeastRange, 0.0));
    view.below = std::size_t(std::count_if(scores.begin(), scores.end(),
                                           [&](double score) { return score < view.low; }));
  }
  std::vector<double> ends = {view.low, view.high};
  for (const CandidateRow& row : view.search.rows) {
    if (!(row.mean_test_score >= view.low)) continue;
    ends.push_back(row.mean_test_score - row.std_test_score);
    ends.push_back(row.mean_test_score + row.std_test_score);
  }
  view.limits = round_limits(ends, 0, 1, kLeastAxis);
}

}  // namespace

int SearchView::level(double score) const {
  if (high <= low) return kScoreLevels - 1;
  const double share = std::clamp((score - low) / (high - low), 0.0, 1.0);
  return int(std::lround(share * (kScoreLevels - 1)));
}

double SearchView::height(double score) const {
  return std::clamp((score - limits.low) / (limits.high - limits.low), 0.0, 1.0);
}

SearchView view_of(const SearchResult& search) {
  SearchView view{search, {}, 0, 0, 1, 0, {}};
  find_paths(view);
  find_range(view);
  return view;
}

std::vector<std::size_t> drawing_order(const SearchView& view) {
  std::vector<std::size_t> order(view.search.rows.size());
  std::iota(order.begin(), order.end(), std::size_t(0));
  const auto key = [&](std::size_t i) {
    const double score = view.search.rows[i].mean_test_score;
    return std::pair(int(i) == view.search.best_index, std::isfinite(score) ? score : -1);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return order;
}

std::string short_name(const SearchView& view, const std::string& path) {
  constexpr std::string_view kOfLayer = ".layer.";
  const auto tail = [&](const std::string& full) {
    const std::size_t dot = full.rfind('.') + 1, layer = full.find(kOfLayer);
    if (layer == std::string::npos || layer + kOfLayer.size() >= dot) return full.substr(dot);
    const std::size_t from = layer + kOfLayer.size();
    return "layer " + full.substr(from, dot - 1 - from) + " " + full.substr(dot);
  };
  const auto same =
      std::count_if(view.paths.begin(), view.paths.end(),
                    [&](const std::string& other) { return tail(other) == tail(path); });
  return same > 1 || tail(path).empty() ? path : tail(path);
}

std::string shown_value(const CandidateRow& row, const std::string& path) {
  const auto found = row.params.find(path);
  if (found == row.params.end()) return std::string(kUnset);
  if (const auto* number = std::get_if<double>(&found->second))
    return fmt::format("{:.4g}", *number);
  return to_text(found->second);
}

Axis path_axis(const SearchView& view, const std::string& path) {
  std::vector<Value> values;
  for (const CandidateRow& row : view.search.rows) {
    const auto found = row.params.find(path);
    values.push_back(found == row.params.end() ? Value(std::string(kUnset)) : found->second);
  }
  return make_axis(values);
}

std::string candidate_mark(const SearchView& view, std::size_t candidate, double x, double y,
                           double radius) {
  const double score = view.search.rows[candidate].mean_test_score;
  if (!std::isfinite(score)) {
    return fmt::format(
        "<path d=\"M{0:.1f} {2:.1f}L{1:.1f} {3:.1f}M{0:.1f} {3:.1f}L{1:.1f} {2:.1f}\" "
        "class=\"failed\" data-c=\"{4}\"/>\n",
        x - 4, x + 4, y - 4, y + 4, candidate);
  }
  std::string out = fmt::format(
      "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:g}\" class=\"point q{}\" data-c=\"{}\"/>\n", x, y,
      radius, view.level(score), candidate);
  if (int(candidate) == view.search.best_index) {
    out += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:g}\" class=\"best\"/>\n", x, y,
                       radius + 3.5);
  }
  return out;
}

std::string colour_bar(const SearchView& view, double x, double y, double width) {
  const double step = width / kScoreLevels;
  std::string out;
  for (int level = 0; level < kScoreLevels; ++level) {
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"10\" class=\"scale q{}\"/>\n",
        x + step * level, y, step + 0.3, level);
  }
  out += svg_text(x - 6, y + 9.5, "end", "",
                  (view.below > 0 ? "\xE2\x89\xA4 " : "") + percent(view.low, 1));
  return out + svg_text(x + width + 6, y + 9.5, "start", "", percent(view.high, 1));
}

TimeUnit time_unit(double seconds) {
  if (seconds < 300) return {1, "seconds", "s"};
  return seconds < 3 * 3600 ? TimeUnit{60, "minutes", "min"} : TimeUnit{3600, "hours", "h"};
}

std::string seconds_text(double seconds) {
  if (!std::isfinite(seconds)) return decimal(seconds, 0);
  const TimeUnit unit = time_unit(seconds);
  const double value = seconds / unit.seconds;
  return fmt::format("{:.{}f}\xC2\xA0{}", value, value < 10 ? 2 : value < 100 ? 1 : 0, unit.sign);
}

}  // namespace tailor::internal
