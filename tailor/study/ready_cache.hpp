// Where sets that were made ready are kept: a folder for each, under the key of all that made it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tailor::internal {

// $XDG_CACHE_HOME/tailor or ~/.cache/tailor; empty where the environment names no place.
std::filesystem::path cache_folder();

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

// Deletes it, and nothing that Tailor did not put there. Whoever has mapped it keeps what it has.
// Throws failure.
void forget(const KeptSet& set);

}  // namespace tailor::internal
