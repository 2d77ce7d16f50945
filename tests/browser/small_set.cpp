#include "tests/browser/small_set.hpp"

#include <algorithm>
#include <cmath>

#include "tailor/core/random/rng.hpp"

namespace tailor::internal::browser {

double noise(std::uint32_t purpose, std::uint64_t number) {
  return 2 * Rng(7, Purpose::kDraw, purpose).uniform(number) - 1;
}

SmallSet grey_set() {
  return {{1, 8, 8}, {"Disc above", "Disc right", "Disc below"}, 300};
}

SmallSet hostile_set() {
  return {{1, 8, 8}, hostile_texts(), 300};
}

SmallSet colour_set() {
  SmallSet set = {{3, 32, 32}, {}, 1000};
  for (int i = 0; i < 100; ++i) set.names.push_back("class number " + std::to_string(i));
  return set;
}

SmallSet sized_set(std::size_t classes, Names names, std::size_t points, int candidates) {
  SmallSet set = {{1, 8, 8}, {}, points, candidates};
  for (std::size_t i = 0; i < classes; ++i) {
    const std::string number = std::to_string(i);
    set.names.push_back(names == Names::kShort   ? number
                        : names == Names::kPlain ? "Kind " + number
                                                 : "a long-sleeved garment with buttons, number " +
                                                       number + " of a list");
  }
  return set;
}

std::vector<std::string> hostile_texts() {
  return {"<img src=x onerror=\"window.hacked='tag'\">",
          "</script><script>window.hacked='script'</script>",
          "\"onmouseover=\"window.hacked='attribute'\" x=\"",
          "'-(window.hacked='quote')-'",
          "javascript:window.hacked='link'",
          "line\xE2\x80\xA8window.hacked='separator'\xE2\x80\xA9",
          "${window.hacked='template'}`",
          "<!--<script>]]>&lt;b&gt;&amp;",
          "back\\slash\\u003cscript\\u003e %3Cscript%3E",
          "AnExceedinglyLongNameWithoutAnyPlaceToBreakItThatSomeToolWroteIntoAFolderOfImages"};
}

Label label_of(const SmallSet& set, std::size_t point) {
  return std::uint8_t(point % set.names.size());
}

std::vector<std::uint8_t> drawn_pixels(const SmallSet& set, std::size_t point) {
  const Shape& shape = set.shape;
  const std::size_t label = label_of(set, point);
  const double angle = 2 * M_PI * double(label) / double(set.names.size());
  const double side = shape.width;
  const double x0 = side * (0.5 + 0.25 * std::sin(angle) + 0.06 * noise(1, point));
  const double y0 = side * (0.5 - 0.25 * std::cos(angle) + 0.06 * noise(2, point));
  const double radius = side * (0.2 + 0.04 * double(label % 3));
  std::vector<std::uint8_t> pixels;
  pixels.reserve(shape.size());
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      const double outside = std::hypot(x + 0.5 - x0, y + 0.5 - y0) - radius;
      const double light = std::clamp(0.5 - outside, 0.0, 1.0);
      for (int c = 0; c < shape.channels; ++c) {
        const double tint = c == 0 ? 1 : 0.5 + 0.5 * std::cos(angle * c);
        const double grain = 12 * noise(3, pixels.size() + point * shape.size());
        pixels.push_back(std::uint8_t(std::clamp(225 * light * tint + 15 + grain, 0.0, 255.0)));
      }
    }
  }
  return pixels;
}

Image drawn_image(const SmallSet& set, std::size_t point) {
  return {set.shape.height, set.shape.width, set.shape.channels, drawn_pixels(set, point)};
}

std::vector<float> drawn_probabilities(const SmallSet& set) {
  const std::size_t classes = set.names.size();
  std::vector<float> all;
  for (std::size_t point = 0; point < set.points; ++point) {
    const std::size_t said = (point + (point % 10 == 3 ? 1 : 0)) % classes;
    const double sure = 0.75 + 0.24 * noise(4, point);
    const double rest = (1 - sure) / double(classes - 1);
    for (std::size_t c = 0; c < classes; ++c) all.push_back(float(c == said ? sure : rest));
  }
  return all;
}

}  // namespace tailor::internal::browser
