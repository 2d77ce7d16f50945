#include "tailor/report/parts/html.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kNoValue = "\xE2\x80\x93";

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

// No page lets them through: a name that turns the direction of writing would turn what follows it.
bool misleads(std::string_view sequence) {
  return sequence != "\n" && sequence != "\t" && steers_terminal(sequence);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || misleads(text.substr(0, length))) {
      out += kReplacement;
    } else if (const auto replacement = entity(text[0]); !replacement.empty()) {
      out += replacement;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string percent(double share, int digits) {
  if (!std::isfinite(share)) return std::string(kNoValue);
  return fmt::format("{:.{}f}\xC2\xA0%", 100 * share, digits);
}

std::string decimal(double value, int digits) {
  if (!std::isfinite(value)) return std::string(kNoValue);
  return fmt::format("{:.{}f}", value, digits);
}

namespace {

constexpr std::size_t kTallRows = 40;
constexpr std::size_t kLongHeader = 24;  // letters; longer ones go on in a second line

std::string head_html(const Table& table) {
  std::string out = "<thead><tr>";
  for (const Column& column : table.columns) {
    const bool broken = column.header.size() > kLongHeader;
    const char* style = column.numeric ? broken ? " class=\"n long\"" : " class=\"n\""
                        : broken       ? " class=\"long\""
                                       : "";
    out += fmt::format("<th scope=\"col\"{}{}>{}</th>", style,
                       column.attributes.empty() ? "" : " " + column.attributes,
                       escape(column.header));
  }
  return out + "</tr></thead>\n";
}

std::string row_html(const Table& table, std::size_t r) {
  const bool total = table.total_row && r + 1 == table.rows.size();
  const bool marked = int(r) == table.marked_row;
  std::string classes = total ? "total" : marked ? "marked" : "";
  std::string attributes = r < table.row_attributes.size() ? table.row_attributes[r] : "";
  std::string out = "<tr";
  if (!classes.empty()) out += " class=\"" + classes + "\"";
  out += (attributes.empty() ? "" : " " + attributes) + ">";
  for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
    const bool numeric = c < table.columns.size() && table.columns[c].numeric;
    const char* tag = c == 0 ? "th" : "td";
    out += fmt::format("<{}{}{}>{}</{}>", tag, c == 0 ? " scope=\"row\"" : "",
                       numeric ? " class=\"n\"" : "", escape(table.rows[r][c]), tag);
  }
  return out + "</tr>\n";
}

}  // namespace

std::string table_html(const Table& table) {
  std::string out =
      fmt::format("<div class=\"scroll{}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n",
                  table.rows.size() > kTallRows ? " tall" : "", escape(table.caption));
  out += table.sortable
             ? fmt::format("<table class=\"sortable\" data-sorted=\"{}\">\n", table.sorted_by)
             : "<table>\n";
  out += "<caption><span>" + escape(table.caption) + "</span></caption>\n" + head_html(table) +
         "<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) out += row_html(table, r);
  return out + "</tbody>\n</table>\n</div>\n";
}

std::string section_html(std::string_view id, std::string_view title, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n"
      "<div class=\"body\">\n{2}</div>\n</section>\n",
      id, escape(title), body);
}

std::string figure_html(const std::string& body, std::string_view caption) {
  return "<figure>\n" + body + "<figcaption>" + escape(caption) + "</figcaption>\n</figure>\n";
}

std::string paragraph(std::string_view text, std::string_view style) {
  if (text.empty()) return "";
  return style.empty() ? fmt::format("<p>{}</p>\n", escape(text))
                       : fmt::format("<p class=\"{}\">{}</p>\n", style, escape(text));
}

std::string definitions_html(const std::vector<std::pair<std::string, std::string>>& pairs) {
  if (pairs.empty()) return "";
  std::string out = "<dl>\n";
  for (const auto& [name, value] : pairs) {
    out += "<dt>" + escape(name) + "</dt><dd>" + escape(value) + "</dd>\n";
  }
  return out + "</dl>\n";
}

std::string folded(std::string_view summary, const std::string& text) {
  if (text.empty()) return "";
  return fmt::format("<details>\n<summary>{}</summary>\n<pre>{}</pre>\n</details>\n",
                     escape(summary), escape(text));
}

std::string file_link(std::string_view path) {
  std::string out = "./";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace tailor::internal
