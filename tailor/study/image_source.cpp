#include "tailor/study/image_source.hpp"

#include <fmt/format.h>

#include <charconv>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

std::optional<ImageSource> parse_image_source(const std::string& text, bool test_by_default) {
  const std::size_t colon = text.find(':');
  const std::string kind = colon == std::string::npos ? "" : text.substr(0, colon);
  const bool prefixed = kind == "idx" || kind == "test" || kind == "train";
  ImageSource source{prefixed ? kind != "train" : test_by_default, 0};
  const char* end = text.data() + text.size();
  const char* digits = text.data() + (prefixed ? colon + 1 : 0);
  const auto [stop, status] = std::from_chars(digits, end, source.index);
  if (status == std::errc() && stop == end) return source;
  if (!prefixed) return std::nullopt;
  throw bad_input(
      fmt::format("{} names no {} image; write {}:17", text, split_name(source.test), kind));
}

void check_index(const ImageSource& source, const Dataset& set, const std::string& text) {
  if (source.index < set.size()) return;
  throw bad_input(fmt::format("{}: there are only {} {} images, 0 to {}", text, set.size(),
                              source.test ? "test" : "training", set.size() - 1));
}

Image image_of(const Dataset& set, std::size_t index) {
  const auto pixels = set.image(index);
  return {set.shape.height, set.shape.width, set.shape.channels, {pixels.begin(), pixels.end()}};
}

Image read_image(const std::string& file, const Recipe& recipe) {
  constexpr std::size_t kMostBytes = 4 * kMostPixels;  // as many as of raw pixels
  return prepared(recipe, read_file(file, kMostBytes), printable(file));
}

}  // namespace tailor::internal
