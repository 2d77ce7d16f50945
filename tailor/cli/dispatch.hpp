// From what was typed to a running command, and from whatever goes wrong to one line and a status.
#pragma once

#include <string>
#include <vector>

#include "tailor/cli/command.hpp"

namespace tailor::internal {

// `words` is argv without the program's name. Never throws. An unknown command or option names the
// nearest known one; every error is one line on stderr. Of several
// ranks only the first speaks, but for errors, and only commands made for it run at all.
ExitStatus dispatch(const std::vector<Command>& commands, const std::vector<std::string>& words,
                    const StopFlag& stop, Peers& peers);

}  // namespace tailor::internal
