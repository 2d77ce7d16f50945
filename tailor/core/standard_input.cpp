#include "tailor/core/standard_input.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"

namespace tailor::internal {

std::vector<std::string> lines_of_standard_input() {
  std::string text;
  char some[1 << 16];
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, some, sizeof some);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw failure(fmt::format("cannot read standard input: {}", std::strerror(errno)));
    }
    if (count == 0) break;
    text.append(some, std::size_t(count));
    if (text.size() > kMostTextBytes) throw bad_input("standard input is longer than is read");
  }
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(std::move(line));
    begin = end + 1;
  }
  return lines;
}

}  // namespace tailor::internal
