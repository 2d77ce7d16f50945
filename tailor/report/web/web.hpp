// The scripts and stylesheets in tailor/report/web, built into the program.
#pragma once

#include <string_view>

namespace tailor::internal {

// "report.js", "explorer.css". A name that is not there is a mistake of ours: std::logic_error.
std::string_view web_file(std::string_view name);

}  // namespace tailor::internal
