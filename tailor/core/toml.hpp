// TOML as plain data that knows its lines. Only toml.cpp knows toml++, whose header costs five
// seconds of compiler time wherever it is included.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tailor/core/value.hpp"

namespace tailor::internal {

struct TomlNode {
  struct Entry;
  using List = std::vector<TomlNode>;
  using Table = std::vector<Entry>;  // keys ascending

  std::uint32_t line = 1;                                 // of the file, where this begins
  std::variant<std::monostate, Value, List, Table> held;  // monostate: a date or a time

  // Null where it holds something else.
  const Table* table() const { return std::get_if<Table>(&held); }
  const List* list() const { return std::get_if<List>(&held); }
  const Value* scalar() const { return std::get_if<Value>(&held); }
  const std::string* text() const { return scalar_as<std::string>(); }
  const std::int64_t* integer() const { return scalar_as<std::int64_t>(); }

  bool is_number() const { return integer() != nullptr || scalar_as<double>() != nullptr; }
  double number() const;  // where is_number()

  // Of a table; null where it has no such key, or this is no table.
  const TomlNode* find(std::string_view key) const;
  // "search.space": find() key by key.
  const TomlNode* find_path(std::string_view path) const;

 private:
  template <typename T>
  const T* scalar_as() const {
    const Value* value = scalar();
    return value == nullptr ? nullptr : std::get_if<T>(value);
  }
};

struct TomlNode::Entry {
  std::string key;
  TomlNode node;
};

// The root table. Throws bad_input "SOURCE:LINE: what is wrong", also for what limits.hpp does not
// allow: bytes, values, bytes of a key, levels of tables and of the parts of a dotted key.
TomlNode parse_toml(const std::string& text, const std::string& source);

// As a basic string, in quotes. Bytes that are no UTF-8, which TOML must be, become U+FFFD.
std::string toml_text(std::string_view text);
std::string to_toml(const Value& value);  // true, 32, 2.0, "relu"

}  // namespace tailor::internal
