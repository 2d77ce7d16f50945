// Which pages are looked at, and what they are made of.
#pragma once

#include <string>
#include <vector>

namespace tailor::internal::browser {

// "report-grey", "explorer-hostile", "comparison-colour": every kind of page of every small set,
// and of the large ones where TAILOR_BROWSER_LARGE is set.
std::vector<std::string> page_names();

// Throws std::out_of_range for a name that is none of them.
std::string page_text(const std::string& name);

}  // namespace tailor::internal::browser
