#include "tests/browser/keys.hpp"

#include <array>
#include <cctype>
#include <stdexcept>
#include <string_view>

namespace tailor::internal::browser {
namespace {

struct NamedKey {
  std::string_view name;  // also its place
  int number;
  std::string_view text;
};

constexpr std::array<NamedKey, 13> kNamedKeys = {{{"Enter", 13, "\r"},
                                                  {"Tab", 9, ""},
                                                  {"Escape", 27, ""},
                                                  {"Backspace", 8, ""},
                                                  {"Home", 36, ""},
                                                  {"End", 35, ""},
                                                  {"PageUp", 33, ""},
                                                  {"PageDown", 34, ""},
                                                  {"ArrowLeft", 37, ""},
                                                  {"ArrowUp", 38, ""},
                                                  {"ArrowRight", 39, ""},
                                                  {"ArrowDown", 40, ""},
                                                  {"Delete", 46, ""}}};

}  // namespace

Key find_key(const std::string& name) {
  for (const NamedKey& key : kNamedKeys) {
    if (key.name == name) return {key.number, name, std::string(key.text)};
  }
  if (name.size() != 1) throw std::runtime_error("no such key: " + name);
  const auto c = static_cast<unsigned char>(name[0]);
  if (c == ' ') return {32, "Space", name};
  if (std::isdigit(c) != 0) return {c, "Digit" + name, name};
  const int upper = std::toupper(c);
  if (std::isalpha(c) != 0) return {upper, std::string("Key") + char(upper), name};
  return {0, "", name};
}

}  // namespace tailor::internal::browser
