// Comma-separated text as RFC 4180 has it, with bare line feeds: what pandas and spreadsheets read.
#pragma once

#include <string>
#include <vector>

namespace tailor::internal {

// Quoted only where Python's csv module would: a comma, a quote or a line end in the cell.
std::string csv_cell(const std::string& text);

class Csv {
 public:
  explicit Csv(const std::vector<std::string>& header) { add(header); }
  void add(const std::vector<std::string>& cells);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace tailor::internal
