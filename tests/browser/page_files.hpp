// The pages under test as files, each rendered once for the whole program.
#pragma once

#include <filesystem>
#include <string>

#include "tests/browser/page_recipes.hpp"

namespace tailor::internal::browser {

std::filesystem::path page_file(const std::string& name);

}  // namespace tailor::internal::browser
