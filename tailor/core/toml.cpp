#include "tailor/core/toml.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

constexpr int kDeepest = 256;

std::string too_deep(const std::string& source, std::size_t line) {
  return fmt::format("{}:{}: tables in tables in tables, more than {} deep", source, line,
                     kDeepest);
}

// The length of the string that begins here, quotes included; of what is left where it does not
// end, which toml++ complains about.
std::size_t string_length(std::string_view text) {
  const char quote = text.front();
  const bool escapes = quote == '"';
  const bool long_one = text.size() >= 3 && text[1] == quote && text[2] == quote;
  const std::size_t quotes = long_one ? 3 : 1;
  for (std::size_t i = quotes; i < text.size(); ++i) {
    if (text[i] == '\n' && !long_one) return i;
    if (text[i] == '\\' && escapes) {
      ++i;
    } else if (text.substr(i, quotes) == std::string_view(text.data(), quotes)) {
      std::size_t end = i + quotes;
      // Up to two more belong to the text of a long one.
      for (int more = 0; long_one && more < 2 && end < text.size(); ++more, ++end) {
        if (text[end] != quote) break;
      }
      return end;
    }
  }
  return text.size();
}

// toml++ bounds the depth of values, but a dotted key may go as deep as it is long, and 300,000
// tables in tables overflow the stack where toml++ frees them. So depth is counted before it sees
// the text: the parts of keys and the brackets around them.
void check_depth(std::string_view text, const std::string& source) {
  std::size_t line = 1;
  std::vector<int> outside;  // depth at every open bracket
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      const std::size_t length = string_length(text.substr(i));
      line += std::size_t(std::ranges::count(text.substr(i, length), '\n'));
      i += length - 1;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '.') {
      ++depth;
    } else if (c == '[' || c == '{') {
      outside.push_back(depth++);
    } else if ((c == ']' || c == '}') && !outside.empty()) {
      depth = outside.back();
      outside.pop_back();
    } else if (c == '\n' || c == ',') {
      depth = outside.empty() ? 0 : outside.back() + 1;
      if (c == '\n') ++line;
    }
    if (depth > kDeepest) throw bad_input(too_deep(source, line));
  }
}

TomlNode plain(const toml::node& node, const std::string& source, int depth = 0) {
  if (depth > kDeepest) throw bad_input(too_deep(source, node.source().begin.line));
  TomlNode out;
  out.line = node.source().begin.line;
  if (const auto* flag = node.as_boolean()) out.held = Value(flag->get());
  if (const auto* number = node.as_integer()) out.held = Value(number->get());
  if (const auto* number = node.as_floating_point()) out.held = Value(number->get());
  if (const auto* text = node.as_string()) out.held = Value(text->get());
  if (const auto* array = node.as_array()) {
    TomlNode::List list;
    for (const toml::node& item : *array) list.push_back(plain(item, source, depth + 1));
    out.held = std::move(list);
  }
  if (const auto* table = node.as_table()) {
    TomlNode::Table entries;
    for (const auto& [key, value] : *table) {
      entries.push_back({std::string(key.str()), plain(value, source, depth + 1)});
    }
    out.held = std::move(entries);
  }
  return out;
}

}  // namespace

double TomlNode::number() const {
  const std::int64_t* whole = integer();
  return whole != nullptr ? double(*whole) : std::get<double>(*scalar());
}

const TomlNode* TomlNode::find(std::string_view key) const {
  if (table() == nullptr) return nullptr;
  for (const Entry& entry : *table()) {
    if (entry.key == key) return &entry.node;
  }
  return nullptr;
}

const TomlNode* TomlNode::find_path(std::string_view path) const {
  const std::size_t dot = path.find('.');
  const TomlNode* node = find(path.substr(0, dot));
  if (node == nullptr || dot == std::string_view::npos) return node;
  return node->find_path(path.substr(dot + 1));
}

TomlNode parse_toml(const std::string& text, const std::string& source) {
  check_depth(text, source);
  try {
    return plain(toml::parse(text, source), source);
  } catch (const toml::parse_error& error) {
    throw bad_input(
        fmt::format("{}:{}: {}", source, error.source().begin.line, error.description()));
  }
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const char c = text.front();
    const auto byte = static_cast<unsigned char>(c);
    const std::size_t length = utf8_length(text);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", unsigned{byte});
    } else if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(1, length));
  }
  return out + '"';
}

std::string to_toml(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? toml_text(*text) : to_text(value);
}

}  // namespace tailor::internal
