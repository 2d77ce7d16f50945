// From what was typed to a running command, and from whatever goes wrong to one line and a status.
#pragma once

#include <vector>

#include "tailor/cli/command.hpp"
#include "tailor/cli/command_line.hpp"

namespace tailor::internal {

// Never throws but bad_alloc. An unknown command or option names the nearest known one; every error
// is one line on stderr. Of several ranks only the first speaks, but for errors, and only commands
// made for it run at all.
ExitStatus dispatch(const std::vector<Command>& commands, const Typed& typed,
                    Interruption& interruption, Peers& peers);

}  // namespace tailor::internal
