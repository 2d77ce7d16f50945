// The drawings of a search. Each is inline SVG with title and description, "" where there is
// nothing to draw; the table beside them holds all their figures. Every mark of a candidate carries
// data-c, its index, by which the page's script follows it from drawing to drawing.
#pragma once

#include <string>
#include <string_view>

#include "tailor/report/charts/search_view.hpp"

namespace tailor::internal {

// The candidates over the two hyperparameters that matter most (over one and the score where only
// one varies): colour is the mean score, whiskers are as long as its standard deviation over the
// folds, a ring marks the best, a cross a failed fit.
std::string scatter_chart(std::string_view id, const SearchView& view);

// One line per candidate through one axis per hyperparameter and one for the score; the best thick.
// The axes stand beside each other (as wide as they need, in SVG units) or lie under one another,
// for narrow screens. "" where fewer than two vary.
struct ParallelChart {
  std::string svg;
  double width = 0;
};
ParallelChart parallel_beside(std::string_view id, const SearchView& view);
ParallelChart parallel_stacked(std::string_view id, const SearchView& view);

// Score against the values of one hyperparameter, with whiskers over the folds; where values
// repeat, a short bar marks the mean of each.
std::string slice_chart(std::string_view id, const SearchView& view, const std::string& path);

// Score against the time spent until a candidate was done, as though one had run after another, and
// the best so far as a staircase. "" without times.
std::string score_over_time_chart(std::string_view id, const SearchView& view);

// Score against the time of one training; a line joins those that nothing cheaper beats.
std::string score_and_cost_chart(std::string_view id, const SearchView& view);

// The candidates that took longest, and the rest together.
std::string candidate_time_chart(std::string_view id, const SearchView& view);

}  // namespace tailor::internal
