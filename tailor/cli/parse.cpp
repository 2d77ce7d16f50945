// From options as data to what was typed. The only file that knows CLI11, which sorts words into
// options and their values; what a value may be, and every word about it, is ours.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>
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

bool is_flag(const Option& option) {
  return std::holds_alternative<bool*>(option.target);
}

// --- The values -------------------------------------------------------------------------------

[[noreturn]] void refuse_value(const Option& option, const std::string& takes,
                               const std::string& text) {
  throw bad_input(fmt::format("{} takes {}, not '{}'", option_name(option), takes, excerpt(text)));
}

template <class Number>
Number number_of(const Option& option, const std::string& typed) {
  const std::string_view text = std::string_view(typed).substr(typed.starts_with('+') ? 1 : 0);
  const char* const end = text.data() + text.size();
  Number number = {};
  const auto [stop, status] = std::from_chars(text.data(), end, number);
  const bool is_number = status == std::errc() && stop == end && !text.empty();
  if (!is_number || !std::isfinite(double(number))) {
    if (status != std::errc::result_out_of_range || option.rules.range) {
      refuse_value(option, option_takes(option), typed);
    }
    using Limits = std::numeric_limits<Number>;
    refuse_value(option,
                 number_text(Limits::is_integer, double(Limits::lowest()), double(Limits::max())),
                 typed);
  }
  const auto& range = option.rules.range;
  bool outside = range && (double(number) < range->least || double(number) > range->most);
  if constexpr (std::is_integral_v<Number>) {
    // Beyond 2^53 a double stands for its neighbours, too.
    using Limits = std::numeric_limits<Number>;
    if (range && range->most < double(Limits::max())) outside |= number > Number(range->most);
  }
  if (outside) refuse_value(option, option_takes(option), typed);
  return number;
}

std::string text_of(const Option& option, const std::string& text) {
  if (option.rules.one_of.empty()) return text;
  const std::vector<std::string> choices = split(option.rules.one_of, '|');
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    refuse_value(option, option_takes(option), text);
  }
  return text;
}

struct StoreValue {
  const Option& option;
  const std::string& text;

  void operator()(bool*) const {}
  void operator()(std::string* target) const { *target = text_of(option, text); }
  void operator()(std::optional<std::string>* target) const { *target = text_of(option, text); }
  void operator()(std::vector<std::string>*) const {}
  template <class Number>
  void operator()(Number* target) const {
    *target = number_of<Number>(option, text);
  }
  template <class Number>
  void operator()(std::optional<Number>* target) const {
    *target = number_of<Number>(option, text);
  }
};

void store(const Option& option, const std::vector<std::string>& typed) {
  if (typed.empty()) return;
  if (auto* const* list = std::get_if<std::vector<std::string>*>(&option.target)) {
    (*list)->clear();
    for (const std::string& word : typed) {
      const auto parts = option.rules.separator == '\0' ? std::vector<std::string>{word}
                                                        : split(word, option.rules.separator);
      (*list)->insert((*list)->end(), parts.begin(), parts.end());
    }
    return;
  }
  if (typed.size() > 1) {
    throw bad_input(fmt::format("{} is given {} times: '{}' and '{}'", option_name(option),
                                typed.size(), excerpt(typed[0]), excerpt(typed[1])));
  }
  std::visit(StoreValue{option, typed.front()}, option.target);
}

// --- The words --------------------------------------------------------------------------------

// An option as CLI11 sees it: a flag, or a number of words.
CLI::Option* declare(CLI::App& app, const Option& option, std::vector<std::string>& words) {
  if (is_flag(option)) return app.add_flag(option.name);
  CLI::Option* const made = app.add_option(option.name, words);
  made->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  if (!takes_many(option)) made->expected(1);
  if (!takes_many(option) || option.rules.one_value_each) made->allow_extra_args(false);
  return made;
}

// "; did you mean --set train.learning_rate=VALUE?" for --learning-rate.
std::string meant_path(const std::string& typed, const Options& options) {
  std::string name = typed.substr(std::min<std::size_t>(2, typed.size()));
  std::replace(name.begin(), name.end(), '-', '_');
  for (const std::string& path : options.paths) {
    if (path == name || path.ends_with("." + name)) {
      return fmt::format("did you mean --set {}=VALUE?", path);
    }
  }
  return "";
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

// In "--out --json" the value was forgotten; CLI11 would take the word that follows.
void refuse_options_as_values(const std::vector<std::string>& words, const Options& options) {
  const auto option_of = [&](const std::string& word) {
    return std::ranges::find_if(options.list, [&](const Option& option) {
      return word.starts_with("--") && option_name(option) == word;
    });
  };
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto option = option_of(words[i]);
    if (option == options.list.end() || is_flag(*option)) continue;
    if (option_of(words[i + 1]) != options.list.end() || words[i + 1] == "--help") {
      throw bad_input(
          fmt::format("{0} has no value, since {1} is an option; if {1} is meant: {0}={1}",
                      words[i], words[i + 1]));
    }
    ++i;
  }
}

// Options nobody declared come first, so that a misspelt --kernels is named as such.
void refuse_extras(const std::vector<std::string>& extras, const std::string& program,
                   const Options& options) {
  if (extras.empty()) return;
  const auto unknown = std::find_if(extras.begin(), extras.end(),
                                    [](const std::string& word) { return word.starts_with("-"); });
  if (unknown == extras.end()) {
    throw bad_input(fmt::format("unexpected argument '{}'; {} --help says what is taken",
                                excerpt(extras.front()), program));
  }
  std::vector<std::string> known = {"--help"};
  for (const Option& option : options.list) {
    if (option_name(option).starts_with("--")) known.push_back(option_name(option));
  }
  const std::string typed = unknown->substr(0, unknown->find('='));
  const std::string nearest = nearest_name(typed, known);
  std::string advice = meant_path(typed, options);
  if (!nearest.empty()) advice = fmt::format("did you mean {}?", nearest);
  if (advice.empty()) advice = program + " --help lists them";
  throw bad_input(fmt::format("unknown option {}; {}", excerpt(typed), advice));
}

// CLI11 found a value missing, or one where none belongs; its message begins with the option.
[[noreturn]] void refuse_words(const std::string& message, const std::string& program,
                               const Options& options) {
  for (const Option& option : options.list) {
    if (message.find(option_name(option)) == std::string::npos) continue;
    throw bad_input(is_flag(option) ? fmt::format("{} takes no value", option_name(option))
                                    : fmt::format("{} needs a value: {}", option_name(option),
                                                  option_takes(option)));
  }
  throw bad_input(fmt::format("cannot make sense of these words; {} --help says more", program));
}

void require_all(const std::vector<CLI::Option*>& made, const std::string& program,
                 const Options& options) {
  std::string missing;
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (!options.list[i].rules.required || made[i]->count() > 0) continue;
    missing += (missing.empty() ? "" : " and ") + option_name(options.list[i], true);
  }
  if (missing.empty()) return;
  throw bad_input(fmt::format("{} needs {}; {} --help says more", program, missing, program));
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
  return {"--threads", threads, "N", "that work together, 0 = all cores", between(0, 1024)};
}

Option no_cache_option(bool* no_cache) {
  return {"--no-cache", no_cache, "", "make images ready anew, and keep nothing for the next time"};
}

bool is_positional(const Option& option) {
  return !std::string_view(option.name).starts_with("-");
}

std::string option_name(const Option& option, bool positional) {
  const std::vector<std::string> names = split(option.name, ',');
  if (!positional && names.back().starts_with("--")) return names.back();
  std::string name = *option.type == '\0' ? names.front() : option.type;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return char(std::toupper(c)); });
  return name;
}

bool takes_many(const Option& option) {
  return std::holds_alternative<std::vector<std::string>*>(option.target);
}

std::string option_takes(const Option& option) {
  if (!option.rules.one_of.empty()) return choices_text(split(option.rules.one_of, '|'));
  const double infinity = std::numeric_limits<double>::infinity();
  const OptionRange range = option.rules.range.value_or(OptionRange{-infinity, infinity});
  return std::visit(
      [&](auto* target) -> std::string {
        using Held = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<Held, bool>) return "";
        if constexpr (std::is_same_v<Held, double>) {
          return number_text(false, range.least, range.most);
        }
        if constexpr (std::is_same_v<Held, int> || std::is_same_v<Held, std::optional<int>> ||
                      std::is_same_v<Held, std::optional<std::int64_t>>) {
          return number_text(true, range.least, range.most);
        }
        if constexpr (std::is_same_v<Held, std::uint32_t> || std::is_same_v<Held, std::uint64_t>) {
          return number_text(true, std::max(range.least, 0.0), range.most);
        }
        return *option.type == '\0' ? "text" : option.type;
      },
      option.target);
}

bool parse_options(const std::string& program, const Options& options,
                   std::vector<std::string> words) {
  CLI::App app("", program);
  app.allow_extras();
  std::deque<std::vector<std::string>> typed(options.list.size());
  std::vector<CLI::Option*> made;
  for (const Option& option : options.list) {
    made.push_back(declare(app, option, typed[made.size()]));
  }
  refuse_empty_values(words);
  refuse_options_as_values(words, options);
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ParseError& error) {
    refuse_extras(app.remaining(), program, options);
    refuse_words(error.what(), program, options);
  }
  refuse_extras(app.remaining(), program, options);
  for (std::size_t i = 0; i < made.size(); ++i) {
    if (auto* const* flag = std::get_if<bool*>(&options.list[i].target)) {
      for (const std::string& value : made[i]->results()) {
        if (value != "true") throw bad_input(option_name(options.list[i]) + " takes no value");
        **flag = true;
      }
    } else {
      store(options.list[i], typed[i]);
    }
  }
  require_all(made, program, options);
  return true;
}

}  // namespace tailor::internal
