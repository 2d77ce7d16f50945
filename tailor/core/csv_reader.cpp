#include "tailor/core/csv_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tailor/core/error.hpp"

namespace tailor::internal {

// Behind its first quote. What follows its last up to the next comma belongs to it, as with
// Python's csv module.
std::string_view CsvReader::quoted_cell() {
  std::string cell;
  while (true) {
    const std::size_t quote = rest_.find('"');
    if (quote == std::string_view::npos) {
      throw bad_input(fmt::format("line {}: a quote without its end", line_));
    }
    next_line_ +=
        std::size_t(std::count(rest_.begin(), rest_.begin() + std::ptrdiff_t(quote), '\n'));
    cell += rest_.substr(0, quote);
    rest_.remove_prefix(quote + 1);
    if (!rest_.starts_with('"')) break;
    cell += '"';
    rest_.remove_prefix(1);
  }
  const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
  cell += rest_.substr(0, end);
  rest_.remove_prefix(end);
  return unquoted_.emplace_back(std::move(cell));
}

bool CsvReader::next(std::vector<std::string_view>& cells) {
  while (!rest_.empty() && (rest_.front() == '\n' || rest_.front() == '\r')) {
    next_line_ += rest_.front() == '\n';
    rest_.remove_prefix(1);
  }
  if (rest_.empty()) return false;
  cells.clear();
  unquoted_.clear();
  unquoted_.reserve(1024);  // so that no view moves; more cells with quotes are not taken
  line_ = next_line_;
  while (true) {
    if (rest_.starts_with('"')) {
      if (unquoted_.size() == unquoted_.capacity()) {
        throw bad_input(fmt::format("line {}: too many cells in quotes", line_));
      }
      rest_.remove_prefix(1);
      cells.push_back(quoted_cell());
    } else {
      const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
      cells.push_back(rest_.substr(0, end));
      rest_.remove_prefix(end);
    }
    if (!rest_.starts_with(',')) return true;
    rest_.remove_prefix(1);
  }
}

}  // namespace tailor::internal
