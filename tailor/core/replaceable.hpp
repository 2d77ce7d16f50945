// Whether a file that somebody named for a result may be written over what is there.
#pragma once

#include <filesystem>
#include <string_view>

namespace tailor::internal {

// Throws bad_input where a file is there, is not empty, and does not have `mark` at byte `offset`,
// as every file of this kind (`kind`, for the message: "a PNG") has: a model, a study or somebody's
// images that were named by mistake stay as they are.
void check_replaceable(const std::filesystem::path& path, std::string_view kind,
                       std::string_view mark, std::size_t offset = 0);

}  // namespace tailor::internal
