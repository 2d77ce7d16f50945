#include "tailor/cli/command_line.hpp"

#include <cstdlib>

#include "tailor/core/shell.hpp"

namespace tailor::internal {

Typed typed(int argc, const char* const* argv) {
  Typed typed;
  if (argc > 0 && argv[0][0] != '\0') typed.program = argv[0];
  for (int i = 1; i < argc; ++i) typed.words.emplace_back(argv[i]);
  const char* const script = std::getenv("TAILOR_STARTED_AS");
  if (script != nullptr && !typed.words.empty() && typed.words[0] == "run") typed.script = script;
  return typed;
}

std::string command_line(const Typed& typed) {
  const bool by_script = !typed.script.empty();
  std::string line = shell_word(by_script ? typed.script : typed.program);
  for (std::size_t i = by_script ? 1 : 0; i < typed.words.size(); ++i) {
    line += " " + shell_word(typed.words[i]);
  }
  return line;
}

}  // namespace tailor::internal
