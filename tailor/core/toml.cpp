#include "tailor/core/toml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tailor/core/error.hpp"
#include "tailor/core/limits.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {

// What toml++ takes for granted and what a text may break: "[=" meets such a place.
struct BrokenTomlAssertion : std::exception {};

constexpr void require_of_toml(bool holds) {
  if (!holds) throw BrokenTomlAssertion();
}

}  // namespace tailor::internal

// toml++ asserts where it does not look, and in a release build goes on with undefined behaviour.
// Here its assertions hold in every build, and a text that breaks one is no TOML.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) ::tailor::internal::require_of_toml(static_cast<bool>(expr))
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace tailor::internal {
namespace {

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

// What has to hold before toml++ sees the text. It bounds the depth of values, but a dotted key may
// go as deep as it is long, and 300,000 tables in tables overflow the stack where toml++ frees
// them; a value takes it a hundred bytes and more; and of bytes that no key or number can hold it
// says little.
class TomlScan {
 public:
  TomlScan(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  void check() {
    check_encoding();
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // toml++ skips it, too
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        check_quote();
        skip(string_length(text_.substr(at_)));
      } else if (c == '#') {
        skip(std::min(text_.find('\n', at_), text_.size()) - at_);
      } else {
        take(c);
      }
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw bad_input(fmt::format("{}:{}: {}", source_, line_, what));
  }

  void check_encoding() {
    if (text_.size() > kMostTextBytes) {
      throw bad_input(fmt::format("{} has {} bytes, more than the {} of a text", source_,
                                  text_.size(), kMostTextBytes));
    }
    for (std::string_view rest = text_; !rest.empty();) {
      const std::size_t length = utf8_length(rest);
      if (length == 0) refuse("it is no text in UTF-8; save it as such");
      if (rest.front() == '\n') ++line_;
      rest.remove_prefix(length);
    }
    line_ = 1;
  }

  // Over a string or a comment, to its last byte.
  void skip(std::size_t length) {
    line_ += std::size_t(std::ranges::count(text_.substr(at_, length), '\n'));
    at_ += length - 1;
  }

  void take(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x7F || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r')) {
      refuse(fmt::format("'{}' stands outside of quotes; keys in other letters need quotes",
                         printable(text_.substr(at_, utf8_length(text_.substr(at_))))));
    }
    if (c == '.') {
      ++depth_;
    } else if (c == '=') {
      check_key();
    } else if (c == '[' || c == '{') {
      open();
    } else if ((c == ']' || c == '}') && !outside_.empty()) {
      if (c == ']' && in_header_) check_key();
      in_header_ = false;  // the second one of "]]" ends no key
      depth_ = outside_.back();
      outside_.pop_back();
      brackets_.pop_back();
    } else if (c == '\n' || c == ',') {
      depth_ = outside_.empty() ? 0 : outside_.back() + 1;
      count();
    }
    if (depth_ > kMostDepth) {
      refuse(fmt::format("tables in tables in tables, more than {} deep", kMostDepth));
    }
    if (c == '\n') {
      ++line_;
      in_header_ = false;
    }
    if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) key_begin_ = at_ + 1;
  }

  // A text begins a value, a key, or a part of one, which is behind a dot. Behind anything else
  // toml++ reads no text, and what is in the quotes would stand outside of them.
  void check_quote() const {
    const std::string_view before = text_.substr(key_begin_, at_ - key_begin_);
    const std::size_t last = before.find_last_not_of(" \t\r");
    if (last != std::string_view::npos && (before[last] != '.' || is_in_value())) {
      refuse(fmt::format("quotes follow '{}'", excerpt(before.substr(0, last + 1), 20)));
    }
  }

  bool is_in_value() const {
    const char mark = key_begin_ > 0 ? text_[key_begin_ - 1] : '\n';
    return mark == '=' || (!brackets_.empty() && brackets_.back() == kList);
  }

  void open() {
    const bool begins_line =
        outside_.empty() &&
        text_.substr(key_begin_, at_ - key_begin_).find_first_not_of(" \t\r") == std::string::npos;
    if (begins_line && (key_begin_ == 0 || text_[key_begin_ - 1] == '\n')) in_header_ = true;
    outside_.push_back(depth_++);
    brackets_.push_back(text_[at_] == '{' ? kTable : in_header_ ? kHeader : kList);
    count();
  }

  void check_key() {
    const std::string_view key = text_.substr(key_begin_, at_ - key_begin_);
    if (key.find_first_not_of(" \t\r") == std::string::npos) refuse("a key has no name");
    if (key.size() > kMostKeyBytes) {
      refuse(fmt::format("the key {} has {} bytes, more than {}", excerpt(key, 40), key.size(),
                         kMostKeyBytes));
    }
  }

  void count() {
    if (++values_ > kMostTomlValues) {
      refuse(fmt::format("more than {} values and lines", kMostTomlValues));
    }
  }

  std::string_view text_;
  const std::string& source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t key_begin_ = 0;  // behind the last mark that ends a key or a value
  std::size_t values_ = 0;
  std::vector<int> outside_;  // depth at every open bracket
  enum Bracket : char { kHeader, kList, kTable };
  std::vector<Bracket> brackets_;  // what each of them opens
  int depth_ = 0;
  bool in_header_ = false;
};

TomlNode plain(const toml::node& node, const std::string& source, int depth = 0) {
  if (depth > kMostDepth) {
    throw bad_input(fmt::format("{}:{}: tables in tables in tables, more than {} deep", source,
                                node.source().begin.line, kMostDepth));
  }
  TomlNode out;
  out.line = node.source().begin.line;
  if (const auto* flag = node.as_boolean()) out.held = Value(flag->get());
  if (const auto* number = node.as_integer()) out.held = Value(number->get());
  if (const auto* number = node.as_floating_point()) out.held = Value(number->get());
  if (const auto* text = node.as_string()) {
    if (text->get().find('\0') != std::string::npos) {
      throw bad_input(fmt::format("{}:{}: a text has a character NUL", source, out.line));
    }
    out.held = Value(text->get());
  }
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
  TomlScan(text, source).check();
  try {
    return plain(toml::parse(text, source), source);
  } catch (const toml::parse_error& error) {
    constexpr std::size_t kLongest = 300;
    throw bad_input(fmt::format("{}:{}: {}", source, error.source().begin.line,
                                excerpt(error.description(), kLongest)));
  } catch (const BrokenTomlAssertion&) {
    throw bad_input(fmt::format("{} is no TOML: a table or a key has no name", source));
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
