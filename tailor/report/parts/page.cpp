#include "tailor/report/parts/page.hpp"

#include <fmt/format.h>

#include "tailor/report/parts/html.hpp"
#include "tailor/report/web/web.hpp"

namespace tailor::internal {
namespace {

// What a browser may do for this page: draw it, style it, run its own script, show its own
// pictures. No request can leave, whatever the page's texts try.
constexpr const char* kPolicy =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

// Comments of style and script around CDATA's marks: an XML parser reads none of it as markup.
std::string inlined(const char* tag, std::string_view text) {
  return fmt::format("<{0}>/*<![CDATA[*/\n{1}\n/*]]>*/</{0}>\n", tag, text);
}

std::string contents_html(const std::vector<PagePart>& parts) {
  std::string out = "<nav aria-label=\"Contents\">\n<ul>\n";
  for (const PagePart& part : parts) {
    if (part.html.empty()) continue;
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", part.id, escape(part.title));
  }
  return out + "</ul>\n</nav>\n";
}

}  // namespace

std::string page_html(const Page& page) {
  const std::string title = escape(page.title);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n";
  out += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>\n", kPolicy);
  out += "<title>" + title + "</title>\n";
  for (const char* name : {"theme.css", "report.css", "model.css"}) {
    out += inlined("style", web_file(name));
  }
  out += "</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n";
  out += paragraph(page.eyebrow, "eyebrow") + "<h1>" + title + "</h1>\n" + page.head;
  out += "</header>\n" + contents_html(page.parts) + "<main id=\"main\">\n";
  for (const PagePart& part : page.parts) out += section_html(part.id, part.title, part.html);
  out += "</main>\n<footer>Made by Tailor. This page is one file and loads nothing.</footer>\n";
  out += inlined("script", web_file("report.js"));
  return out + "</body>\n</html>\n";
}

}  // namespace tailor::internal
