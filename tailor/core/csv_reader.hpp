// Comma-separated text as other programs write it (RFC 4180): quotes, line ends of every kind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tailor::internal {

// Rows one after the other. Views point into the text, which must outlive them, or into the reader,
// for a cell that has quotes inside, until the next row.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  // False at the end. Empty lines are passed over. Throws bad_input for a quote without its end.
  bool next(std::vector<std::string_view>& cells);

  std::size_t line() const { return line_; }  // that the row began on, from 1

 private:
  std::string_view quoted_cell();

  std::string_view rest_;
  std::size_t line_ = 0, next_line_ = 1;
  std::vector<std::string> unquoted_;
};

}  // namespace tailor::internal
