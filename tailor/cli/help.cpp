#include "tailor/cli/help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/core/text.hpp"
#include "tailor/nn/layer.hpp"
#include "tailor/nn/layer_manual.hpp"
#include "tailor/study/experiment/option_manual.hpp"

namespace tailor::internal {
namespace {

constexpr std::size_t kHelpColumns = 80;
constexpr std::size_t kIndent = 24;  // where what an option is begins

constexpr const char* kExitText =
    "Exit statuses, the same for every command\n\n"
    "  0    done\n"
    "  1    the machine failed: a full disk, a file that cannot be read, no memory\n"
    "  2    something that you can mend: an option, an experiment, data, a model file\n"
    "  130  interrupted by Ctrl-C or a signal that asks to end; what was done is kept,\n"
    "       and a line says how to go on\n\n"
    "An error is one line on stderr that begins with \"tailor: \": what is wrong, where, and\n"
    "what to do. `predict` goes on after a bad image and ends with 2 or 1 for it.\n";

constexpr const char* kExitLine =
    "Exit status: 0 done, 1 the machine failed, 2 something to mend in what was typed or read, "
    "130 interrupted (tailor help exit).";

struct Topic {
  const char* name;
  const char* what;
  std::string (*text)(bool markdown);
};

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all = {
      {"experiment", "every option of an experiment, with range and default",
       [](bool markdown) {
         return markdown ? options_markdown() : all_options_text(kHelpColumns);
       }},
      {"layers", "every layer and its options",
       [](bool markdown) { return markdown ? layers_markdown() : layers_text(kHelpColumns); }},
      {"exit", "what the exit statuses mean", [](bool) { return std::string(kExitText); }}};
  return all;
}

std::string row(const std::string& left, const std::string& right) {
  const std::string start = fmt::format("  {:<{}}", left, kIndent - 2);
  const bool fits = left.size() + 4 <= kIndent;
  return (fits ? start : start + "\n" + std::string(kIndent, ' ')) +
         wrapped(right, kHelpColumns, kIndent) + "\n";
}

const char* name_of(Group group) {
  switch (group) {
    case Group::kMake:
      return "Make models";
    case Group::kUse:
      return "Use them";
    case Group::kData:
      return "Look at data";
    default:
      return "Measure the machine";
  }
}

std::string command_list(const std::vector<Command>& commands) {
  std::string out =
      "Tailor makes image classifiers to measure.\n\nUsage: tailor COMMAND [OPTIONS]\n";
  for (const Group group : {Group::kMake, Group::kUse, Group::kData, Group::kMeasure}) {
    std::string rows;
    for (const Command& command : commands) {
      if (command.group == group) rows += row(command.name, command.help);
    }
    if (!rows.empty()) out += fmt::format("\n{}\n{}", name_of(group), rows);
  }
  out += "\nHelp\n" + row("help COMMAND", "its options, with examples; also COMMAND --help");
  for (const Topic& topic : topics()) out += row(std::string("help ") + topic.name, topic.what);
  out += row("help conv2d", "one layer; any of help layers");
  out += row("help train.epochs", "one option; any of help experiment");
  out += row("--version", "print the version");
  return out +
         "\nEvery command takes --json (one JSON object on stdout, all else on stderr) and\n"
         "--quiet (nothing on stderr but warnings and errors).\n";
}

// "its value now", where the target holds one.
std::string default_of(const Option& option) {
  if (!option.rules.default_text.empty()) return option.rules.default_text;
  return std::visit(
      [&](auto* target) -> std::string {
        using Held = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<Held, std::string>) return *target;
        if constexpr (std::is_same_v<Held, std::vector<std::string>>) {
          return fmt::format("{}", fmt::join(*target, ","));
        }
        if constexpr (std::is_arithmetic_v<Held> && !std::is_same_v<Held, bool>) {
          return fmt::format("{}", *target);
        }
        return "";
      },
      option.target);
}

// What it is, what it takes where that says more, its default.
std::string option_row(const Option& option) {
  const bool named = option_name(option).starts_with("--");
  std::string left = option_name(option);
  if (named && *option.type != '\0') left += std::string(" ") + option.type;
  std::string right = option.help;
  if (option.rules.range) {
    const std::string takes = option_takes(option);
    right += "; " + takes.substr(takes.find(' ') + 1);  // without its article
  }
  const std::string value = default_of(option);
  if (!value.empty()) right += fmt::format(" [{}]", value);
  return row(left, right);
}

std::string usage(const Command& command, const Options& options) {
  std::string out = "tailor " + command.name;
  for (const Option& option : options.list) {
    if (!is_positional(option)) continue;
    std::string name = option_name(option, true);
    if (takes_many(option) && !name.ends_with("...")) name += "...";
    out += option.rules.required ? " " + name : " [" + name + "]";
  }
  return out + " [OPTIONS]";
}

std::string members(const std::vector<Command>& commands, const std::string& group) {
  std::string out;
  for (const Command& command : commands) {
    if (command.name.starts_with(group + " ")) out += row(command.name, command.help);
  }
  return fmt::format(
      "tailor {} COMMAND, where COMMAND is one of\n\n{}\ntailor help {} COMMAND "
      "says more.\n",
      group, out, group);
}

bool is_layer(const std::string& name) {
  const std::vector<std::string> types = layer_types();
  return std::find(types.begin(), types.end(), name) != types.end();
}

[[noreturn]] void refuse_topic(const std::vector<Command>& commands, const std::string& name) {
  std::vector<std::string> known = layer_types();
  for (const Command& command : commands) known.push_back(command.name);
  for (const Topic& topic : topics()) known.push_back(topic.name);
  const std::string nearest = nearest_name(name, known);
  throw bad_input(fmt::format(
      "there is no help on {}; {}", excerpt(name),
      nearest.empty() ? "tailor help lists what there is" : "did you mean " + nearest + "?"));
}

}  // namespace

bool asks_for_help(const std::string& word) {
  return word == "help" || word == "--help" || word == "-h";
}

void add_common_options(Options& options, bool* json, bool* quiet) {
  options.add({{"--json", json, "", "one JSON object on stdout, all else on stderr"},
               {"--quiet", quiet, "", "nothing on stderr but warnings and errors"}});
}

bool is_command_group(const std::vector<Command>& commands, const std::string& word) {
  return std::any_of(commands.begin(), commands.end(),
                     [&](const Command& command) { return command.name.starts_with(word + " "); });
}

std::string command_help(const Command& command, const Options& options) {
  std::string out = fmt::format("tailor {}: {}\n\nUsage: {}\n", command.name,
                                wrapped(command.help, kHelpColumns, 2), usage(command, options));
  if (!options.examples.empty()) out += "\nExamples:\n";
  for (const Example& example : options.examples) {
    out += fmt::format("  {}\n      {}\n", example.command, wrapped(example.what, kHelpColumns, 6));
  }
  std::string arguments, named;
  for (const Option& option : options.list) {
    if (option.rules.hidden) continue;
    (option_name(option).starts_with("--") ? named : arguments) += option_row(option);
  }
  if (!arguments.empty()) out += "\nArguments:\n" + arguments;
  out += "\nOptions (defaults in brackets):\n" + named + row("--help", "this");
  if (!options.footer.empty()) out += "\n" + options.footer;
  if (!options.files.empty()) out += "\n" + wrapped(options.files, kHelpColumns, 0) + "\n";
  return out + "\n" + wrapped(kExitLine, kHelpColumns, 0) + "\n";
}

std::string help_on(const std::vector<Command>& commands, std::vector<std::string> words) {
  const bool markdown = std::erase(words, "--markdown") > 0;
  std::erase_if(words, asks_for_help);
  if (words.empty()) return command_list(commands);
  const std::string name = fmt::format("{}", fmt::join(words, " "));
  for (const Command& command : commands) {
    if (command.name != name) continue;
    Options options;
    const Runner keeps_targets_alive = command.declare(options);
    bool json = false, quiet = false;
    add_common_options(options, &json, &quiet);
    return command_help(command, options);
  }
  for (const Topic& topic : topics()) {
    if (topic.name == name) return topic.text(markdown);
  }
  if (is_command_group(commands, name)) return members(commands, name);
  if (is_layer(name)) return layer_text(name, kHelpColumns);
  const std::string option = option_text(name, kHelpColumns);
  if (!option.empty()) return option;
  refuse_topic(commands, name);
}

}  // namespace tailor::internal
