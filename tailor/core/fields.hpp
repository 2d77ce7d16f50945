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

namespace tailor::internal {

using FieldTarget = std::variant<bool*, int*, std::uint64_t*, double*, std::string*,
                                 std::vector<int>*, std::vector<std::string>*>;

// What an option decides. Two runs are the same run, a half-done search may go on, two seeds are
// one experiment where all options of the scopes that matter there are equal.
enum class Scope : unsigned {
  kTraining = 1,  // the bytes of any training: model, optimizer, seed, precision
  kSearch = 2,    // which trials there are, and their scores
  kStages = 4,    // the first and the final model, beyond what decides any training
  kImages = 8,    // which images of the data set are used
  kSource = 16,   // where those lie; what they are says their fingerprint
  kMachine = 32,  // who works, and where results go
  kPage = 64,     // what pages show
  kName = 128,    // what people call it
};

class Scopes {
 public:
  constexpr Scopes(Scope one) : bits_(unsigned(one)) {}  // NOLINT(google-explicit-constructor)
  constexpr Scopes operator|(Scopes other) const { return Scopes(bits_ | other.bits_); }
  constexpr bool contains(Scope scope) const { return (bits_ & unsigned(scope)) != 0; }

 private:
  constexpr explicit Scopes(unsigned bits) : bits_(bits) {}
  unsigned bits_;
};
constexpr Scopes operator|(Scope a, Scope b) {
  return Scopes(a) | Scopes(b);
}

struct Field {
  std::string path;  // dotted, relative to the struct: "epochs", or "train.epochs" once prefixed
  FieldTarget target;
  std::string help;                                       // one phrase, with the unit
  double min = -std::numeric_limits<double>::infinity();  // inclusive, numbers only
  double max = std::numeric_limits<double>::infinity();   // inclusive, numbers only
  std::vector<std::string> choices = {};                  // strings only; empty = any text
  Scope scope = Scope::kTraining;                         // what nobody says otherwise of decides
  // Left out of what is written while it is as by default: experiments then keep the text, and the
  // digests, that they had before there was such an option.
  bool quiet = false;
};

using FieldList = std::vector<Field>;

// Puts `prefix.` before every path of `inner` and appends the result to `list`.
void append_fields(FieldList& list, std::string_view prefix, FieldList inner);

// The same list with another scope for the fields that have none of their own (kTraining).
FieldList scoped(FieldList list, Scope scope);

// The field with this exact path, or nullptr.
const Field* find_field(const FieldList& list, std::string_view path);

// What options are computed with are floats: beyond these magnitudes they are infinite or 0.
inline constexpr double kLeastFloat = 1.2e-38;
inline constexpr double kMostFloat = 3.4e38;

// Checks type, range and choices and stores. A double that is not 0 has a size from kLeastFloat to
// kMostFloat. An integer is welcome where a double is asked; a double with a fraction is not where
// an integer is. A bool is no number. Throws bad_input: "train.epochs must be at least 1, not 0".
void assign(const Field& field, const Value& value);
void assign(const Field& field, const std::vector<Value>& values);  // vector targets only

// The same from text as typed after --set: "32", "true", "[3, 3]", "relu".
void assign_text(const Field& field, std::string_view text);

// Takes over the value of another struct's field of the same type.
void copy_value(const Field& from, const Field& to);

// The current value as TOML would write it: 32, true, 0.4, "relu", [3, 3].
std::string to_toml(const Field& field);

// "int", "number", "true|false", "text", or the choices joined by "|".
std::string type_text(const Field& field);

// What an option takes, as a sentence goes on after "takes": "a whole number from 1 to 4096", "a
// number above 0", "true or false", "sgd, adam or adamw", "text".
std::string allowed_text(const Field& field);
std::string number_text(bool whole, double min, double max);
std::string choices_text(const std::vector<std::string>& choices);  // "a, b or c"

// The known name that somebody who typed `name` most likely meant: at most one letter in three is
// added, left out, changed or has changed places with its neighbour, or it is the only one that
// begins so. "" where none is so near: a wild guess is worse than none.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace tailor::internal
