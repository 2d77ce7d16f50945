// One field list per options struct drives everything: TOML keys, command-line flags, help texts,
// search paths, the effective experiment and the report's table. A struct S offers `FieldList
// fields_of(S&)`; adding an option is one line there. Fields point into the struct they came from,
// which must outlive them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tailor/core/value.hpp"

namespace tailor {

using FieldTarget = std::variant<bool*, int*, std::uint64_t*, double*, std::string*,
                                 std::vector<int>*, std::vector<std::string>*>;

struct Field {
  std::string path;  // dotted, relative to the struct: "epochs", or "train.epochs" once prefixed
  FieldTarget target;
  std::string help;                                       // one phrase, with the unit
  double min = -std::numeric_limits<double>::infinity();  // inclusive, numbers only
  double max = std::numeric_limits<double>::infinity();   // inclusive, numbers only
  std::vector<std::string> choices = {};                  // strings only; empty = any text
};

using FieldList = std::vector<Field>;

// Puts `prefix.` before every path of `inner` and appends the result to `list`.
void append_fields(FieldList& list, std::string_view prefix, FieldList inner);

// The field with this exact path, or nullptr.
const Field* find_field(const FieldList& list, std::string_view path);

// Checks type, range and choices and stores. An integer is welcome where a double is asked; a
// double with a fraction is not where an integer is. A bool is no number. Throws bad_input:
// "train.epochs must be at least 1, not 0".
void assign(const Field& field, const Value& value);
void assign(const Field& field, const std::vector<Value>& values);  // vector targets only

// The same from text as typed after --set: "32", "true", "[3, 3]", "relu".
void assign_text(const Field& field, std::string_view text);

// The current value as TOML would write it: 32, true, 0.4, "relu", [3, 3].
std::string to_toml(const Field& field);

// "int", "number", "true|false", "text", or the choices joined by "|".
std::string type_text(const Field& field);

// The known name nearest to `name` by edit distance, or "" if none is near (distance > a third of
// its length + 1).
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace tailor
