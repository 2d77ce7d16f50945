#include "tailor/cli/dispatch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <system_error>

#include "tailor/cli/help.hpp"
#include "tailor/cli/last_words.hpp"
#include "tailor/core/descriptor.hpp"
#include "tailor/core/error.hpp"
#include "tailor/core/fields.hpp"
#include "tailor/core/text.hpp"
#include "tailor/core/version.hpp"
#include "tailor/ops/choices/kernel_choices.hpp"

namespace tailor::internal {
namespace {

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
      "unknown command {}; {}", excerpt(typed),
      nearest.empty() ? "tailor help lists them" : fmt::format("did you mean {}?", nearest)));
}

// Where all ranks but the first speak.
FileDescriptor open_silence(const Peers& peers) {
  return FileDescriptor(peers.rank() == 0 ? -1 : ::open("/dev/null", O_WRONLY | O_CLOEXEC));
}

void warn_of_kernels(Console& console) {
  const std::string& warning = machine_kernel_choices().warning;
  if (!warning.empty()) console.warn(warning);
}

// Of several ranks the launcher ends all where one ends by itself, so they stop together.
void begin_interruptible(Interruption& interruption, const Peers& peers) {
  if (peers.size() == 1) interruption.end_at_once("interrupted; nothing was written");
}

ExitStatus run_command(const std::vector<Command>& commands, const Typed& typed,
                       Interruption& interruption, Peers& peers, Console& speaker) {
  const std::vector<std::string>& words = typed.words;
  std::size_t used = 0;
  const Command& command = find_command(commands, words, used);
  if (peers.size() > 1 && command.needs != Needs::kKernelsAndPeers) {
    throw bad_input(
        fmt::format("tailor {} does not run on several processes; start it without "
                    "mpirun (tailor train does)",
                    command.name));
  }
  bool json = false;
  bool quiet = false;
  Options options;
  const Runner run = command.declare(options);
  add_common_options(options, &json, &quiet);
  if (!parse_options("tailor " + command.name, options,
                     {words.begin() + std::ptrdiff_t(used), words.end()})) {
    speaker.print(command_help(command, options));
    return ExitStatus::kDone;
  }
  const FileDescriptor silence = open_silence(peers);
  const bool speaks = silence.get() < 0;
  Console console(json, speaks ? STDOUT_FILENO : silence.get(),
                  speaks ? STDERR_FILENO : silence.get());
  if (quiet) console.be_quiet();
  std::vector<std::string> whole = {"tailor"};
  whole.insert(whole.end(), words.begin(), words.end());
  begin_interruptible(interruption, peers);
  console.busy(command.name);
  if (command.needs != Needs::kNothing) warn_of_kernels(console);
  Context context{console, interruption, std::move(whole), command_line(typed), peers};
  return run(context);
}

ExitStatus run_words(const std::vector<Command>& commands, const Typed& typed,
                     Interruption& interruption, Peers& peers, Console& console) {
  const std::vector<std::string>& words = typed.words;
  const bool on_group = words.size() == 2 && is_command_group(commands, words[0]);
  if (words.empty() || asks_for_help(words[0]) || (on_group && asks_for_help(words[1]))) {
    console.print(help_on(commands, words));
  } else if (words[0] == "--version") {
    console.print(fmt::format("tailor {}", version()));
  } else {
    return run_command(commands, typed, interruption, peers, console);
  }
  return ExitStatus::kDone;
}

// What one rank cannot do, the others mostly cannot either: then the first says so for all.
void say_once(Console& console, Peers& peers, std::string_view line) {
  if (!peers.all_failed() || peers.rank() == 0) console.error(line);
}

}  // namespace

ExitStatus dispatch(const std::vector<Command>& commands, const Typed& typed,
                    Interruption& interruption, Peers& peers) {
  Console console(false);
  try {
    return run_words(commands, typed, interruption, peers, console);
  } catch (const Error& error) {
    say_once(console, peers, one_line(error.what()));
    return error.kind() == ErrorKind::kBadInput ? ExitStatus::kBadUsage : ExitStatus::kFailed;
  } catch (const std::bad_alloc&) {
    say_once(console, peers, kOutOfMemory);
  } catch (const std::length_error&) {  // more than any memory has
    say_once(console, peers, kOutOfMemory);
  } catch (const std::system_error& error) {
    say_once(console, peers, fmt::format("the system refuses: {}", error.code().message()));
  } catch (const std::exception& error) {
    say_once(console, peers, fmt::format("unexpected failure: {}", one_line(error.what())));
  }
  return ExitStatus::kFailed;
}

}  // namespace tailor::internal
