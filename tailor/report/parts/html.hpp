// The words of the page: escaping, numbers as people read them, tables. Everything returned is
// well-formed XML as well as HTML, so a page can be checked by any parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tailor/core/text.hpp"  // grouped(), too

namespace tailor::internal {

// Text made safe for element content and quoted attributes. Control characters, those that turn
// the direction of writing and bytes that are not UTF-8 become U+FFFD, since class names come from
// strangers' files.
std::string escape(std::string_view text);

// Numbers. NaN and infinities print as an en dash, "no value".
std::string percent(double share, int digits = 2);  // 0.929 -> "92.90 %", with a no-break space
std::string decimal(double value, int digits);      // 0.2513 -> "0.251"

struct Column {
  std::string header;
  bool numeric = true;          // right-aligned, figures of equal width
  std::string attributes = "";  // markup of ours inside <th>, never a stranger's text
};

struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // plain text; the first cell heads its row
  int marked_row = -1;                         // set apart: the best candidate
  bool total_row = false;                      // the last row sums up the others
  bool sortable = false;  // the page's script sorts it by any column; it stands sorted by sorted_by
  int sorted_by = 0;
  std::vector<std::string> row_attributes = {};  // markup of ours inside <tr>, by row; may be empty
};

// A table with scopes, in a box that scrolls sideways where the screen is narrow, and downwards
// where there are more than 40 rows.
std::string table_html(const Table& table);

// One <section> with its heading; "" where the body is empty.
std::string section_html(std::string_view id, std::string_view title, const std::string& body);

// <figure> with a caption under it.
std::string figure_html(const std::string& body, std::string_view caption);

// <p>, <dl> and a folded <pre>; "" where there is nothing to say. `style` is a class or "".
std::string paragraph(std::string_view text, std::string_view style = "");
std::string definitions_html(const std::vector<std::pair<std::string, std::string>>& pairs);
std::string folded(std::string_view summary, const std::string& text);

// A relative link to a file beside the page, whatever characters its name is made of.
std::string file_link(std::string_view path);

}  // namespace tailor::internal
