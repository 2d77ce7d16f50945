// The frame of all drawings that have the score on their upright axis.
#pragma once

#include <string>
#include <string_view>

#include "tailor/report/charts/search_view.hpp"

namespace tailor::internal {

inline constexpr Frame kScoreFrame{58, 34, 384, 196};

struct ScorePlot {
  std::string id;
  std::string title;
  std::string description;
  std::string across_name;
  Axis across;          // one position per candidate
  std::string strokes;  // drawn under the points
};

// The whole drawing, from "<svg" to "</svg>".
std::string score_plot(const SearchView& view, const ScorePlot& plot);

}  // namespace tailor::internal
