#include "tailor/report/charts/bars.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/report/charts/svg.hpp"

namespace tailor::internal {
namespace {

constexpr double kNames = 164, kWidth = 214, kValues = 98, kStep = 25, kTitle = 28;

}  // namespace

std::string bar_chart(std::string_view id, std::string_view title, std::string_view description,
                      const std::vector<Bar>& bars) {
  double longest = 0;
  for (const Bar& bar : bars) longest = std::max(longest, bar.value);
  if (longest <= 0) return "";
  std::string told(description);
  for (const Bar& bar : bars) told += fmt::format("; {}: {}", bar.name, bar.text);
  std::string out =
      svg_open(id, kNames + kWidth + kValues, kTitle + kStep * double(bars.size()), title, told);
  out += svg_text(0, 15, "start", "title", shortened(title, 60));
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double y = kTitle + kStep * double(i);
    const double length = std::max(1.0, kWidth * bars[i].value / longest);
    out += svg_text(kNames - 10, y + 14, "end", "", shortened(bars[i].name, 22));
    out += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"18\" class=\"{}\"{}{}/>\n", kNames,
        y + 1, length, bars[i].style, bars[i].attributes.empty() ? "" : " ", bars[i].attributes);
    out += svg_text(kNames + length + 8, y + 14, "start", "value", bars[i].text);
  }
  return out + "</svg>\n";
}

}  // namespace tailor::internal
