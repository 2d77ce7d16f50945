// Where sets that were made ready are kept: a folder for each, under the key of all that made it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tailor/data/options.hpp"
#include "tailor/data/readers/source.hpp"

namespace tailor::internal {

// $XDG_CACHE_HOME/tailor or ~/.cache/tailor; empty where the environment names no place.
std::filesystem::path cache_folder();

// Where a set is kept, by names, sizes and times of all that is read and what becomes of it; empty
// where nothing can be kept.
std::filesystem::path set_folder(const DataOptions& options, const Source& source);

// The folder of a set, to be written into; `source` is where its images come from. Throws failure.
void make_set_folder(const std::filesystem::path& folder, const std::filesystem::path& source);

struct KeptSet {
  std::filesystem::path folder;
  std::string source;  // "" where nobody wrote it down
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;  // since 1970, of its newest file
};

// The oldest first. Throws what list_folder() does.
std::vector<KeptSet> kept_sets();

// Deletes it, and nothing that Tailor did not put there: false where such files keep the folder, or
// somebody writes into it just now. Whoever has mapped it keeps what it has. Throws failure.
bool forget(const KeptSet& set);

}  // namespace tailor::internal
