// The pages under test as files, each rendered once for the whole program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tailor::internal::browser {

// "report-grey", "explorer-hostile", "comparison-colour": every kind of page of every small set.
std::vector<std::string> page_names();

std::filesystem::path page_file(const std::string& name);

}  // namespace tailor::internal::browser
