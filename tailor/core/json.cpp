#include "tailor/core/json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tailor/core/text.hpp"

namespace tailor::internal {

// dump() escapes what JSON demands, the characters below 0x20. The others that steer a terminal
// stand in strings only, where an escape may take their place.
std::string json_text(const Json& json, int indent) {
  const std::string text = json.dump(indent, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view sequence = rest.substr(0, utf8_length(rest));
    if (sequence.front() != '\n' && steers_terminal(sequence)) {
      out += fmt::format("\\u{:04x}", code_point(sequence));
    } else {
      out += sequence;
    }
    rest.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace tailor::internal
