// A command as somebody may type it again.
#pragma once

#include <string>
#include <vector>

namespace tailor::internal {

// How the program was started: its own name as typed, or that of a script that stands for
// `tailor run` and says so in the environment (TAILOR_STARTED_AS).
struct Typed {
  std::string program = "tailor";
  std::string script = {};         // "./run", or empty
  std::vector<std::string> words;  // behind the program's name: what the commands are found by
};

// From main's arguments and the environment.
Typed typed(int argc, const char* const* argv);

// For a shell: words that it would take apart are quoted.
std::string command_line(const Typed& typed);

}  // namespace tailor::internal
