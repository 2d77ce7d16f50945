#include "tailor/report/charts/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tailor/report/parts/html.hpp"

namespace tailor::internal {

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

namespace {

constexpr double kCharacter = 7.3;  // mean width at 13 px
constexpr std::size_t kLongestTick = 16;

}  // namespace

std::size_t letter_count(std::string_view text) {
  return std::size_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string shortened(std::string_view text, std::size_t characters) {
  if (letter_count(text) <= characters) return std::string(text);
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    if ((text[end] & 0xC0) != 0x80 && seen++ == characters - 1) break;
  }
  return std::string(text.substr(0, end)) + "\xE2\x80\xA6";
}

std::string ticks_below(const Frame& frame, const std::vector<Tick>& ticks, bool grid) {
  std::string out = svg_line(frame.left, frame.y(0), frame.x(1), frame.y(0), "axis");
  double free_from = -std::numeric_limits<double>::infinity();
  for (const Tick& tick : ticks) {
    const double x = frame.x(tick.at);
    if (grid) out += svg_line(x, frame.y(0), x, frame.y(1), "grid");
    const std::string text = shortened(tick.text, kLongestTick);
    const double half = kCharacter * double(letter_count(text)) / 2;
    if (x - half < free_from) continue;
    free_from = x + half + 6;
    out += svg_text(x, frame.y(0) + 18, "middle", "", text);
  }
  return out;
}

std::string ticks_left(const Frame& frame, const std::vector<Tick>& ticks) {
  std::string out;
  double free_below = std::numeric_limits<double>::infinity();
  for (const Tick& tick : ticks) {
    const double y = frame.y(tick.at);
    out += svg_line(frame.left, y, frame.x(1), y, "grid");
    if (y > free_below) continue;
    free_below = y - 14;
    out += svg_text(frame.left - 8, y + 4.5, "end", "", shortened(tick.text, kLongestTick));
  }
  return out;
}

std::vector<Tick> value_ticks(const Limits& limits, double factor, const char* unit) {
  std::vector<Tick> ticks;
  const double span = limits.high - limits.low;
  const int digits = digits_for(limits.step * factor);
  for (const double value : multiples_within(limits.low, limits.high, limits.step)) {
    ticks.push_back(
        {(value - limits.low) / span, fmt::format("{:.{}f}{}", value * factor, digits, unit)});
  }
  return ticks;
}

}  // namespace tailor::internal
