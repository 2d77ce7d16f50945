// The strokes every drawing of the page is made of. Colours and type come from the stylesheet
// through class names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tailor/report/charts/axis.hpp"

namespace tailor::internal {

// The area that data are drawn in, in SVG units; a unit is a pixel where the page is wide enough.
struct Frame {
  double left, top, width, height;
  double x(double share) const { return left + share * width; }
  double y(double share) const { return top + (1 - share) * height; }
};

// Opens a drawing that screen readers announce by title and description; close it with "</svg>".
std::string svg_open(std::string_view id, double width, double height, std::string_view title,
                     std::string_view description);

// `anchor`: start | middle | end. The text is escaped here.
std::string svg_text(double x, double y, std::string_view anchor, std::string_view style,
                     std::string_view text);
std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style);

// The axis under the frame, with vertical grid lines where asked; the ticks left of it with
// horizontal ones. Long names are shortened.
// Ticks whose names would run into one another lose their name.
std::string ticks_below(const Frame& frame, const std::vector<Tick>& ticks, bool grid);
std::string ticks_left(const Frame& frame, const std::vector<Tick>& ticks);

// Ticks of an axis of numbers, printed times `factor` with a unit behind.
std::vector<Tick> value_ticks(const Limits& limits, double factor, const char* unit);

// How many characters a text has.
std::size_t letter_count(std::string_view text);

// The first `characters` characters of a text, with an ellipsis where some were left out.
std::string shortened(std::string_view text, std::size_t characters);

}  // namespace tailor::internal
