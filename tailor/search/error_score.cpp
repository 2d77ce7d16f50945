#include "tailor/search/error_score.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "tailor/core/error.hpp"

namespace tailor::internal {

ErrorScore parse_error_score(const std::string& text) {
  ErrorScore parsed;
  if (text == "nan") return parsed;
  if (text == "raise") {
    parsed.raise = true;
    return parsed;
  }
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, parsed.score);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(parsed.score)) {
    throw bad_input(
        fmt::format("search.error_score must be nan, raise or a number, not \"{}\"", text));
  }
  return parsed;
}

}  // namespace tailor::internal
