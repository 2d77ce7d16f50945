// The frame of every page: head with style, the contents bar, sections, script. One file that opens
// anywhere and asks for nothing: its own policy forbids every request.
#pragma once

#include <string>
#include <vector>

namespace tailor::internal {

struct PagePart {
  std::string id;     // unique on the page, of letters, digits and dashes
  std::string title;  // plain text
  std::string html;   // the inside of its <section>; parts without any are left out
};

struct Page {
  std::string title;    // plain text
  std::string eyebrow;  // plain text over the title
  std::string head;     // markup under the title: the figure the page is about
  std::vector<PagePart> parts;
};

// The whole file. Well-formed XML as well as HTML.
std::string page_html(const Page& page);

}  // namespace tailor::internal
