#include "tailor/core/replaceable.hpp"

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {

void check_replaceable(const std::filesystem::path& path, std::string_view kind,
                       std::string_view mark, std::size_t offset) {
  if (!path_exists(path) || !is_file(path) || size_of_file(path) == 0) return;
  std::string begins(offset + mark.size(), '\0');
  std::ifstream(path, std::ios::binary).read(begins.data(), std::streamsize(begins.size()));
  if (begins.substr(offset) == mark) return;
  throw bad_input(fmt::format("{} is there and is not {}; name another file, or remove it",
                              path.string(), kind));
}

}  // namespace tailor::internal
