// A study in one SQLite file (WAL, synchronous FULL at every result). Tables that a person can
// read with the sqlite3 program at any time, also while the search runs:
//
//     study       key, folds
//     candidates  candidate, params (JSON, types as drawn: 1 and 1.0 differ)
//     results     candidate, fold, test_score, train_score, train_scored,
//                 fit_seconds, score_seconds, error
//     predictions candidate, fold, probabilities (of the fold's held-out images: image after image,
//                 class after class, 4-byte little-endian floats; in the end only the best
//                 candidate's. Files of older versions lack this table and get it.)
//
// A score that is NaN is NULL; train_scored is 0 where no train score was asked for. Numbers come
// back bit for bit, but for the sign of -0.0.
//
// `PRAGMA application_id` is 0x5461696c ("Tail"), `PRAGMA user_version` the version of this schema.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "tailor/search/study.hpp"

namespace tailor::internal {

// Opens or creates the file; its folder must exist, and the caller holds that folder's lock
// (core/folder_lock.hpp) as long as the store. Throws bad_input for a file that is no study of
// ours, damaged or of a newer version; failure when it cannot be opened or written (read-only, full
// disk, network file system: WAL does not work there).
//
// The store's open() throws bad_input where the file holds a study of another key or folds, or one
// that starts with other candidates.
std::unique_ptr<StudyStore> open_sqlite_store(const std::filesystem::path& path);

// Throws bad_input for a file that is missing or no study of ours. Works beside a running search.
struct StoredStudy;
StoredStudy read_sqlite_study(const std::filesystem::path& path);

// Whether statfs's f_type names a file system shared over a network (NFS, SMB, AFS, Ceph, Lustre).
bool is_network_file_system(std::uint32_t type);

}  // namespace tailor::internal
