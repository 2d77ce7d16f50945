// For tests: is a page well-formed, and how often does something stand on it.
#pragma once

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

namespace tailor::internal {

// The page without what its styles and scripts say, which is no markup.
inline std::string without_code(std::string page) {
  for (std::size_t at = page.find("<![CDATA["); at != std::string::npos;
       at = page.find("<![CDATA[", at)) {
    const std::size_t end = page.find("]]>", at);
    if (end == std::string::npos) return page;
    page.erase(at, end + 3 - at);
  }
  return page;
}

// "" where every tag of the page is closed in order and every attribute quoted; otherwise what is
// wrong. The page promises to be XML too, so void elements close themselves.
inline std::string tag_fault(const std::string& whole_page) {
  const std::string page = without_code(whole_page);
  std::vector<std::string> open;
  std::size_t at = page.find("<html");
  while (at != std::string::npos) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    const std::string tag = page.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos) return "a bare < before " + tag;
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "unexpected <" + tag + ">";
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = page.find('<', end);
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

inline std::size_t count_of(const std::string& page, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// Ids that stand on the page more than once.
inline std::vector<std::string> repeated_ids(const std::string& whole_page) {
  const std::string page = without_code(whole_page);
  const std::regex id(" id=\"([^\"]+)\"");
  std::vector<std::string> seen, repeated;
  for (std::sregex_iterator it(page.begin(), page.end(), id), end; it != end; ++it) {
    const std::string name = (*it)[1];
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) repeated.push_back(name);
    seen.push_back(name);
  }
  return repeated;
}

}  // namespace tailor::internal
