// Where studies are kept, by URL: "sqlite:PATH", or a plain path, which means the same. Another
// kind of store is a row in the table of store.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tailor/search/study.hpp"

namespace tailor::internal {

// Opens or makes the store that `url` names. Whoever works on a study holds the lock of its folder
// (core/folder_lock.hpp) as long as the store. Throws bad_input for a kind of store that nobody
// knows, naming the known ones, and whatever that kind throws.
std::unique_ptr<StudyStore> open_store(const std::string& url);

struct StoredStudy {
  std::vector<Settings> candidates;
  int folds = 0;
  std::vector<FoldResult> results;  // candidates outer, folds inner
};

// A look into a study that changes nothing and locks nobody out: for comparing runs. Throws
// bad_input for one that is missing or not ours.
StoredStudy read_study(const std::string& url);

// "sqlite:PATH": what to open where all there is is a path, which may hold a ':' of its own.
std::string sqlite_url(const std::filesystem::path& path);

}  // namespace tailor::internal
