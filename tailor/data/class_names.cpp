#include "tailor/data/class_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

void check_class_names(const std::vector<std::string>& names,
                       const std::function<std::string(std::size_t)>& place) {
  std::map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const auto refuse = [&](const std::string& what) {
      throw bad_input(fmt::format("{}: {}", place(i), what));
    };
    if (i == kMostClasses) refuse(fmt::format("more than {} classes", kMostClasses));
    if (name.find_first_not_of(" \t") == std::string::npos) refuse("the class has no name");
    if (name.find('\0') != std::string::npos) {
      refuse(fmt::format("the class name '{}' holds a zero byte", printable(name)));
    }
    if (name.size() > kMostNameBytes) {
      refuse(fmt::format("the class name '{}' has {} bytes, more than {}", excerpt(name, 20),
                         name.size(), kMostNameBytes));
    }
    if (!is_utf8(name)) {
      refuse(
          fmt::format("the class name '{}' is no text in UTF-8; save it as such", printable(name)));
    }
    const auto [same, is_new] = known.emplace(name, i);
    if (!is_new) {
      refuse(fmt::format("the class name '{}' is that of class {} too; give each its own",
                         printable(name), same->second));
    }
  }
}

std::vector<std::string> read_class_names(const std::filesystem::path& path) {
  constexpr std::size_t kMostBytes = 2 * kMostClasses * kMostNameBytes;  // empty lines, too
  const std::string text = read_text(path, kMostBytes);
  std::vector<std::string> names;
  std::vector<std::size_t> lines;  // from 1, of each name
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view name = std::string_view(text).substr(begin, end - begin);
    if (name.ends_with('\r')) name.remove_suffix(1);
    if (!name.empty()) {
      names.emplace_back(name);
      lines.push_back(line);
    }
    begin = end + 1;
  }
  check_class_names(names,
                    [&](std::size_t i) { return fmt::format("{}:{}", path.string(), lines[i]); });
  return names;
}

}  // namespace tailor::internal
