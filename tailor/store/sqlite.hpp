// A study in one SQLite file (WAL, synchronous FULL at every result).
#pragma once

#include <filesystem>
#include <memory>

#include "tailor/search/study.hpp"

namespace tailor {

// Throws bad_input for a file that is no study of ours or of a newer version, failure when it
// cannot be opened or written (read-only, full disk, network file system: WAL does not work there).
std::unique_ptr<StudyStore> open_sqlite_store(const std::filesystem::path& path);

}  // namespace tailor
