#include "tailor/report/svg.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tailor/report/html.hpp"

namespace tailor {

std::string svg_open(std::string_view id, double width, double height, std::string_view title,
                     std::string_view description) {
  return fmt::format(
      "<svg viewBox=\"0 0 {1:g} {2:g}\" role=\"img\" aria-labelledby=\"{0}-t {0}-d\">\n"
      "<title id=\"{0}-t\">{3}</title>\n<desc id=\"{0}-d\">{4}</desc>\n",
      id, width, height, escape(title), escape(description));
}

std::string svg_text(double x, double y, std::string_view anchor, std::string_view style,
                     std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n",
                     x, y, anchor, style, escape(text));
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view style) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2,
      y2, style);
}

std::string ticks_below(const Frame& frame, const std::vector<Tick>& ticks, bool grid) {
  std::string out = svg_line(frame.left, frame.y(0), frame.x(1), frame.y(0), "axis");
  for (const Tick& tick : ticks) {
    if (grid) out += svg_line(frame.x(tick.at), frame.y(0), frame.x(tick.at), frame.y(1), "grid");
    out += svg_text(frame.x(tick.at), frame.y(0) + 18, "middle", "", tick.text);
  }
  return out;
}

std::string ticks_left(const Frame& frame, const std::vector<Tick>& ticks) {
  std::string out;
  for (const Tick& tick : ticks) {
    out += svg_line(frame.left, frame.y(tick.at), frame.x(1), frame.y(tick.at), "grid");
    out += svg_text(frame.left - 8, frame.y(tick.at) + 4.5, "end", "", tick.text);
  }
  return out;
}

std::vector<Tick> value_ticks(const Limits& limits, double factor, const char* unit) {
  std::vector<Tick> ticks;
  const double span = limits.high - limits.low;
  const int digits = digits_for(limits.step * factor);
  for (double k = std::ceil(limits.low / limits.step - 1e-9);
       k * limits.step <= limits.high + limits.step * 1e-6; ++k) {
    const double value = k * limits.step + 0.0;  // never -0
    ticks.push_back(
        {(value - limits.low) / span, fmt::format("{:.{}f}{}", value * factor, digits, unit)});
  }
  return ticks;
}

}  // namespace tailor
