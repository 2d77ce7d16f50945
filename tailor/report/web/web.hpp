// The scripts and stylesheets in tailor/report/web, built into the program.
#pragma once

#include <string_view>

namespace tailor::internal {

// "explorer.css", or "explorer.js" with all the modules that it imports as one classic script. A
// name that is not there is a mistake of ours: std::logic_error.
std::string_view web_file(std::string_view name);

}  // namespace tailor::internal
