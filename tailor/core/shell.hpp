// Commands that a person may paste into a shell.
#pragma once

#include <string>

namespace tailor::internal {

// The word as a shell takes it: quoted where the shell would take it apart.
std::string shell_word(const std::string& word);

}  // namespace tailor::internal
