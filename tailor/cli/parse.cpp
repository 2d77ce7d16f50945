// From options as data to what was typed. The only file that knows CLI11.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "tailor/cli/options.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/core/text.hpp"

namespace tailor::internal {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// What CLI11 says of a range names the type of its ends. It lets nan pass, which is neither below
// nor above.
CLI::Validator in_range(const OptionRange& range, const OptionTarget& target) {
  if (!std::holds_alternative<double*>(target)) {
    return CLI::Range(int(range.least), int(range.most));
  }
  const auto is_number = [](const std::string& text) {
    double number = 0;
    const bool nan = CLI::detail::lexical_cast(text, number) && std::isnan(number);
    return nan ? text + " is not a number" : std::string();
  };
  return CLI::Range(range.least, range.most) & CLI::Validator(is_number, "");
}

CLI::Option* declare(CLI::App& app, const Option& option) {
  return std::visit(
      [&](auto* target) {
        if constexpr (std::is_same_v<decltype(target), bool*>) {
          return app.add_flag(option.name, *target, option.help);
        } else {
          return app.add_option(option.name, *target, option.help)->type_name(option.type);
        }
      },
      option.target);
}

void add_option(CLI::App& app, const Option& option) {
  CLI::Option* const made = declare(app, option);
  const OptionRules& rules = option.rules;
  if (rules.required) made->required();
  if (rules.range) made->check(in_range(*rules.range, option.target));
  if (rules.one_of) made->check(CLI::IsMember(split(rules.one_of, '|')));
  if (rules.shows_default) made->capture_default_str();
  if (rules.one_value_each) made->allow_extra_args(false);
  if (rules.separator != '\0') made->delimiter(rules.separator);
}

// What is behind the = of "--out=" or is an empty word of its own; CLI11 would take the next one.
void refuse_empty_values(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool option = word.starts_with("--");
    if (option && word.find('=') == word.size() - 1) {
      throw bad_input(fmt::format("{} has no value", excerpt(word)));
    }
    if (!word.empty()) continue;
    const std::string before = i > 0 ? words[i - 1] : "";
    throw bad_input(before.starts_with("--") ? fmt::format("{} has an empty value", excerpt(before))
                                             : "an argument is empty");
  }
}

// Options nobody declared come first, so that a misspelt --kernels is named as such.
void refuse_extras(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining();
  if (extras.empty()) return;
  const auto option = std::find_if(extras.begin(), extras.end(),
                                   [](const std::string& word) { return word.starts_with("-"); });
  if (option == extras.end()) {
    throw bad_input(fmt::format("unexpected argument '{}'; {} --help says what is taken",
                                extras.front(), app.get_name()));
  }
  std::vector<std::string> known;
  for (const CLI::Option* declared : app.get_options()) {
    for (const std::string& name : declared->get_lnames()) known.push_back("--" + name);
  }
  const std::string typed = option->substr(0, option->find('='));
  const std::string nearest = nearest_name(typed, known);
  throw bad_input(fmt::format("unknown option {}; {}", typed,
                              nearest.empty() ? app.get_name() + " --help lists them"
                                              : fmt::format("did you mean {}?", nearest)));
}

// The help where that was asked for, otherwise "".
std::string parse(CLI::App& app, std::vector<std::string> words) {
  refuse_empty_values(words);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    refuse_extras(app);
    throw bad_input(fmt::format("{}; {} --help says more", one_line(error.what()), app.get_name()));
  }
  refuse_extras(app);
  return "";
}

}  // namespace

Options& Options::add(const std::vector<Option>& more) {
  list.insert(list.end(), more.begin(), more.end());
  return *this;
}

Option& Options::named(std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Option& option) { return option.name == name; });
  if (found == list.end()) throw std::logic_error("no option " + std::string(name));
  return *found;
}

Option threads_option(int* threads) {
  return {"--threads", threads, "N", "0 = all cores", between(0, 1024)};
}

std::string parse_options(const std::string& program, const std::string& help,
                          const Options& options, std::vector<std::string> words) {
  CLI::App app(help, program);
  app.allow_extras();
  for (const Option& option : options.list) add_option(app, option);
  app.footer(options.footer);
  return parse(app, std::move(words));
}

}  // namespace tailor::internal
