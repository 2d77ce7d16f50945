// What every drawing of the search shares: which hyperparameters there are, where a score stands on
// the colour scale and on an axis, and the marks of a candidate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tailor/report/charts/axis.hpp"
#include "tailor/report/charts/svg.hpp"
#include "tailor/search/records.hpp"

namespace tailor::internal {

inline constexpr int kScoreLevels = 11;  // the stylesheet's q0 .. q10
// Whiskers of more candidates than this would hide the points.
inline constexpr std::size_t kMostWhiskers = 200;

struct SearchView {
  const SearchResult& search;
  std::vector<std::string>
      paths;  // all that any candidate sets: those that vary first, what matters most before all
  std::size_t varying = 0;  // how many of `paths` vary
  // The range of colours and score axes: of the finite mean scores, where a few that fell far below
  // the others (Tukey's lower fence) do not stretch it; they stand at the lower edge. Scores that
  // hardly differ look so: the range is no less than a point, that of the axes two.
  double low = 0, high = 1;
  std::size_t below = 0;  // candidates under `low`
  Limits limits;          // round ones around low .. high and the whiskers, for axes

  const CandidateRow& best() const { return search.rows[std::size_t(search.best_index)]; }
  int level(double score) const;      // 0 .. kScoreLevels - 1
  double height(double score) const;  // 0 .. 1 on the score axis, kept inside
};

// `search` needs one candidate or more and must outlive the view.
SearchView view_of(const SearchResult& search);

// All candidates, in the order in which they are drawn: the better, the later, so that the best
// lies on top of all.
std::vector<std::size_t> drawing_order(const SearchView& view);

// "kernels" for "model.kernels" where no other path of the search ends so, "layer 13 rate" for
// "model.layer.13.rate".
std::string short_name(const SearchView& view, const std::string& path);

// A value as tables and sentences print it: four significant digits, an en dash where unset.
std::string shown_value(const CandidateRow& row, const std::string& path);

Axis path_axis(const SearchView& view, const std::string& path);

// A candidate's point at (x, y) with `radius` in its score's colour, a ring around it where it is
// the best; a cross where it has no score.
std::string candidate_mark(const SearchView& view, std::size_t candidate, double x, double y,
                           double radius);

// The colour scale with its two ends named, `width` wide from (x, y).
std::string colour_bar(const SearchView& view, double x, double y, double width);

// The unit in which `seconds` reads best.
struct TimeUnit {
  double seconds = 1;
  const char* name = "seconds";
  const char* sign = "s";
};
TimeUnit time_unit(double seconds);
std::string seconds_text(double seconds);  // "4.5 min"

}  // namespace tailor::internal
