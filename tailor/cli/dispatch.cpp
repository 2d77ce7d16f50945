#include "tailor/cli/dispatch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>

#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/version.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
namespace {

std::string help_text(const std::vector<Command>& commands) {
  std::string out =
      "Tailor makes image classifiers to measure.\n\nUsage: tailor COMMAND [OPTIONS]\n\n";
  for (const Command& command : commands) {
    out += fmt::format("  {:<12}  {}\n", command.name, command.help);
  }
  return out +
         "\n  --version     print the version\n  --help        this, or a command's own options "
         "after its name\n\nEvery command takes --json: one JSON object on stdout, all else on "
         "stderr.\n";
}

// A command is one word or two; `used` receives how many were taken.
const Command& find_command(const std::vector<Command>& commands,
                            const std::vector<std::string>& words, std::size_t& used) {
  std::vector<std::string> names;
  std::string members;  // of the group words[0], if it is one
  for (const Command& command : commands) {
    if (command.name == words[0]) return used = 1, command;
    if (words.size() > 1 && command.name == words[0] + " " + words[1]) return used = 2, command;
    names.push_back(command.name);
    if (command.name.starts_with(words[0] + " ")) {
      members += (members.empty() ? "" : ", ") + command.name.substr(words[0].size() + 1);
    }
  }
  const bool has_member = words.size() > 1 && !words[1].starts_with('-');
  if (!members.empty() && !has_member) {
    throw bad_input(fmt::format("{} what? one of {}", words[0], members));
  }
  const std::string typed = members.empty() ? words[0] : words[0] + " " + words[1];
  const std::string nearest = nearest_name(typed, names);
  throw bad_input(fmt::format(
      "unknown command {}; {}", typed,
      nearest.empty() ? "tailor --help lists them" : fmt::format("did you mean {}?", nearest)));
}

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Where all ranks but the first speak; null for that one.
std::unique_ptr<std::FILE, CloseFile> open_silence(const Peers& peers) {
  return std::unique_ptr<std::FILE, CloseFile>(peers.rank() == 0 ? nullptr
                                                                 : std::fopen("/dev/null", "w"));
}

void warn_of_kernels(Console& console) {
  const std::string& warning = machine_kernel_choices().warning;
  if (!warning.empty()) console.warn(warning);
}

ExitStatus run_command(const std::vector<Command>& commands, const std::vector<std::string>& words,
                       const StopFlag& stop, Peers& peers) {
  std::size_t used = 0;
  const Command& command = find_command(commands, words, used);
  if (peers.size() > 1 && command.needs != Needs::kKernelsAndPeers) {
    throw bad_input(
        fmt::format("tailor {} does not run on several processes; start it without "
                    "mpirun (tailor train does)",
                    command.name));
  }
  bool json = false;
  Options options;
  const Runner run = command.declare(options);
  options.add({{"--json", &json, "", "one JSON object on stdout"}});
  if (!parse_options("tailor " + command.name, command.help, options,
                     {words.begin() + std::ptrdiff_t(used), words.end()})) {
    return ExitStatus::kDone;
  }
  const auto silence = open_silence(peers);
  Console console =
      silence == nullptr ? Console(json) : Console(json, silence.get(), silence.get());
  std::vector<std::string> typed = {"tailor"};
  typed.insert(typed.end(), words.begin(), words.end());
  if (command.needs != Needs::kNothing) warn_of_kernels(console);
  Context context{console, stop, std::move(typed), peers};
  return run(context);
}

ExitStatus run_words(const std::vector<Command>& commands, const std::vector<std::string>& words,
                     const StopFlag& stop, Peers& peers, Console& console) {
  const bool help = words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help";
  if (!help && words[0] != "--version") return run_command(commands, words, stop, peers);
  console.print(help ? help_text(commands) : fmt::format("tailor {}", version()));
  return ExitStatus::kDone;
}

// What one rank cannot do, the others mostly cannot either: then the first says so for all.
void say_once(Console& console, Peers& peers, const std::string& line) {
  if (!peers.all_failed() || peers.rank() == 0) console.error(line);
}

}  // namespace

ExitStatus dispatch(const std::vector<Command>& commands, const std::vector<std::string>& words,
                    const StopFlag& stop, Peers& peers) {
  Console console(false);
  try {
    return run_words(commands, words, stop, peers, console);
  } catch (const Error& error) {
    say_once(console, peers, one_line(error.what()));
    return error.kind() == ErrorKind::kBadInput ? ExitStatus::kBadUsage : ExitStatus::kFailed;
  } catch (const std::bad_alloc&) {
    say_once(console, peers,
             "out of memory; a smaller batch, model or number of parallel trials needs less");
    return ExitStatus::kFailed;
  } catch (const std::exception& error) {
    say_once(console, peers, fmt::format("unexpected failure: {}", one_line(error.what())));
    return ExitStatus::kFailed;
  }
}

}  // namespace tailor::internal
