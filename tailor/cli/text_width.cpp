#include "tailor/cli/text_width.hpp"

#include <algorithm>

namespace tailor::internal {
namespace {

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

}  // namespace

std::size_t text_columns(std::string_view text) {
  return std::size_t(std::count_if(text.begin(), text.end(), starts_character));
}

std::string cut_to(std::string_view text, std::size_t columns) {
  if (text_columns(text) <= columns) return std::string(text);
  std::string out;
  std::size_t used = 0;
  for (const char c : text) {
    if (starts_character(c) && ++used >= columns) break;
    out += c;
  }
  return columns == 0 ? "" : out + "\xE2\x80\xA6";
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string out = cut_to(text, columns);
  return out + std::string(columns - text_columns(out), ' ');
}

}  // namespace tailor::internal
