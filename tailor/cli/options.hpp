// The options of a command, as data: what a command declares and parse.cpp turns into CLI11. Light
// on purpose, since every command includes it: with <CLI/CLI.hpp> in each of them, a command took
// 6 s of compiler time more.
//
//     options.list = {{"RUN", &flags->run, "", "a run's folder", required()},
//                     {"--split", &flags->split, "TEXT", "test or train", {.one_of =
//                     "test|train"}},
//                     {"--force", &flags->force, "", "also where it costs accuracy"}};
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tailor::internal {

// Where the typed value goes; what is there before is the default. A bool makes a flag, a vector an
// option that takes several values, an optional one that shows whether it was given.
using OptionTarget =
    std::variant<bool*, int*, std::uint32_t*, std::uint64_t*, double*, std::string*,
                 std::vector<std::string>*, std::optional<std::string>*, std::optional<int>*,
                 std::optional<std::int64_t>*>;

struct OptionRange {
  double least, most;  // both allowed
};

// Made by the functions below: an option names one of them, or default_shown(of one).
struct OptionRules {
  bool required = false;
  std::optional<OptionRange> range = {};  // of a number
  const char* one_of = nullptr;           // "test|train": no other text
  bool shows_default = false;             // in the help
  bool one_value_each = false;            // a vector's --set A --set B, but not --set A B
  char separator = '\0';                  // a vector's values within one word: --formats npy,csv
};

inline OptionRules required() {
  return {.required = true};
}
inline OptionRules between(double least, double most) {
  return {.range = OptionRange{least, most}};
}
inline OptionRules one_of(const char* choices) {
  return {.one_of = choices};
}
inline OptionRules one_value_each() {
  return {.one_value_each = true};
}
inline OptionRules separated_by(char separator) {
  return {.separator = separator};
}
inline OptionRules default_shown(OptionRules rules = {}) {
  rules.shows_default = true;
  return rules;
}

// Cheap to copy and to list. The texts are literals, or outlive the parsing.
struct Option {
  const char* name;  // "--data"; "FILE" is a positional; "dir,--data" may be typed either way
  OptionTarget target;
  const char* type;  // what the help calls the value: "DIR", "N"; "" for nothing, as for flags
  const char* help;
  OptionRules rules = {};
};

struct Options {
  std::vector<Option> list;  // in the order of the help
  std::string footer = {};   // below them

  Options& add(const std::vector<Option>& more);
  Option& named(std::string_view name);  // one of the list
};

// --threads, of the commands that take it alone.
Option threads_option(int* threads);

// Stores what was typed, and returns "", or the text of the help where that was asked for. Throws
// bad_input: an unknown option names the nearest known one. `program` as in "tailor data info",
// `help` its line.
std::string parse_options(const std::string& program, const std::string& help,
                          const Options& options, std::vector<std::string> words);

}  // namespace tailor::internal
