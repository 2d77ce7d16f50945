// What a study's SQLite file is made of, and whether a file is one.
#pragma once

#include "tailor/store/database.hpp"

namespace tailor::internal {

// Whether nobody has put anything into it yet.
bool is_fresh(Database& database);

void create_study_tables(Database& database);  // in a fresh one
void add_later_tables(Database& database);     // that files of older versions lack

// Throws bad_input where the file is another program's or of another version, where anything but
// the tables of a study lies in it (a view or a trigger would run a stranger's code), where its
// pages are damaged, and where predictions belong to no result; failure where it cannot be read.
void check_study_file(Database& database);

}  // namespace tailor::internal
