#include "tailor/data/readers/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

bool is_left_out(std::string_view name) {
  const std::string plain = plain_name(name);
  return name.starts_with('.') || name.starts_with('_') || plain == "thumbs.db" ||
         plain == "desktop.ini";
}

std::optional<Split> split_named(std::string_view name) {
  const std::string plain = plain_name(name);
  if (plain == "train") return Split::kTrain;
  if (plain == "test") return Split::kTest;
  if (plain == "val" || plain == "valid" || plain == "validation") return Split::kValidation;
  return std::nullopt;
}

std::string plain_name(std::string_view name) {
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!name.empty() && is_blank(name.front())) name.remove_prefix(1);
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  std::string plain(name);
  std::ranges::transform(plain, plain.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return plain;
}

void check_spellings(const std::vector<std::string>& names, const std::string& source) {
  std::map<std::string, std::string> known;
  for (const std::string& name : names) {
    const auto [same, is_new] = known.emplace(plain_name(name), name);
    if (is_new || same->second == name) continue;
    throw bad_input(
        fmt::format("{}: the classes '{}' and '{}' differ in spelling only; make one of "
                    "them",
                    source, printable(same->second), printable(name)));
  }
}

void check_class_count(std::size_t classes, const std::string& source) {
  if (classes >= 2 && classes <= kMostClasses) return;
  throw bad_input(
      fmt::format("{}: {} class(es); 2 to {} are possible", source, classes, kMostClasses));
}

std::string few_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

}  // namespace tailor::internal
