// The options of a command, as data: what a command declares and parse.cpp turns into CLI11. Light
// on purpose, since every command includes it: with <CLI/CLI.hpp> in each of them, a command took
// 6 s of compiler time more.
//
//     options.list = {{"RUN", &flags->run, "", "a run's folder", required()},
//                     {"--split", &flags->split, "TEXT", "test or train", {.one_of =
//                     "test|train"}},
//                     {"--force", &flags->force, "", "also where it costs accuracy"}};
//     options.examples = {{"tailor evaluate runs/quick", "how good the final model is"}};
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

// Made by the functions below: an option names one of them.
struct OptionRules {
  bool required = false;
  std::optional<OptionRange> range = {};  // of a number
  std::string one_of = {};                // "test|train": no other text
  std::string default_text = {};          // where the target shows none: an optional one
  bool one_value_each = false;            // a vector's --set A --set B, but not --set A B
  bool hidden = false;                    // taken, but not in the help: it means nothing here
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

struct Option {
  const char* name;  // "--data"; "FILE" is a positional; "dir,--data" may be typed either way
  OptionTarget target;
  const char* type;  // what the help calls the value: "DIR", "N"; "" for nothing, as for flags
  std::string help;
  OptionRules rules = {};
};

// A command as it is typed, and what it does.
struct Example {
  const char* command;
  const char* what;
};

struct Options {
  std::vector<Option> list;        // in the order of the help
  std::vector<Example> examples;   // two or three that work as written
  std::string files;               // what it reads and writes, one sentence
  std::string footer = {};         // below the options
  std::vector<std::string> paths;  // what its --set knows

  Options& add(const std::vector<Option>& more);
  Option& named(std::string_view name);  // one of the list
};

// --threads, of the commands that take it alone.
Option threads_option(int* threads);

// --no-cache, of the commands that make images ready.
Option no_cache_option(bool* no_cache);

// How people call it: "--data", "FILE", "DIR" of "dir,--data" where `positional`.
std::string option_name(const Option& option, bool positional = false);
bool is_positional(const Option& option);  // may be typed without a name
bool takes_many(const Option& option);     // values

// "a whole number from 1 to 1000", "test or train", "text"; "" for a flag.
std::string option_takes(const Option& option);

// Stores what was typed. False where --help was among it. Throws bad_input: an unknown option names
// the nearest known one, a wrong value what is allowed. `program` as in "tailor data info".
bool parse_options(const std::string& program, const Options& options,
                   std::vector<std::string> words);

}  // namespace tailor::internal
