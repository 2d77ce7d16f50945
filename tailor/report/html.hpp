// The words of the page: escaping, numbers as people read them, tables, the stylesheet. Everything
// returned is well-formed XML as well as HTML, so a page can be checked by counting tags.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tailor {

// Text made safe for element content and quoted attributes. Control characters and bytes that are
// not UTF-8 become U+FFFD, since class names come from strangers' files.
std::string escape(std::string_view text);

// Numbers. NaN and infinities print as an en dash, "no value".
std::string percent(double share, int digits = 2);  // 0.929 -> "92.90 %", with a no-break space
std::string decimal(double value, int digits);      // 0.2513 -> "0.251"
std::string grouped(std::int64_t count);            // 422026 -> "422,026"

struct Column {
  std::string header;
  bool numeric = true;  // right-aligned, figures of equal width
};

struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // plain text; the first cell heads its row
  int marked_row = -1;                         // set apart: the best candidate
  bool total_row = false;                      // the last row sums up the others
};

// A table with scopes, in a box that scrolls sideways where the screen is narrow.
std::string table_html(const Table& table);

// One <section> with its heading; "" where the body is empty.
std::string section_html(std::string_view id, std::string_view title, const std::string& body);

// <figure> with a caption under it.
std::string figure_html(const std::string& body, std::string_view caption);

std::string_view stylesheet();

}  // namespace tailor
