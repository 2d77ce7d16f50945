// Images as the net sees them, with all that was found out about them, in a file that is mapped
// and not read: what a folder of pictures is made into once. Tailor's own format, for this machine
// and this version; a file that is not just so is as if it were not there.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tailor/core/mapped_file.hpp"
#include "tailor/data/dataset.hpp"

namespace tailor::internal {

struct BadFile {
  std::string path, reason;
};

struct ReadyPart {
  Dataset set;                     // groups included
  std::vector<std::string> files;  // of pictures: one for each image, below the source's root
  std::vector<BadFile> bad;        // that were left out
  std::string fingerprint;         // of the set
};

// The pixels' place in a file that is being made: `count` images of `shape`.
std::uint64_t bytes_of_ready_file(const ReadyPart& part, std::size_t count);
std::span<std::uint8_t> pixels_in(FileInTheMaking& file, std::size_t count, const Shape& shape);

// Writes all but the pixels, which are there already, and finishes the file.
void finish_ready_file(FileInTheMaking& file, const ReadyPart& part);

// Nothing where there is no such file, or it is not whole.
std::optional<ReadyPart> map_ready_file(const std::filesystem::path& path);

}  // namespace tailor::internal
