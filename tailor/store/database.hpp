// SQLite's C API with owners and exceptions: a Database, its Statements, a Transaction. Every error
// becomes one line that names the file: bad_input for a file that is damaged, changed by others or
// no database, failure for a disk that is full, read-only or broken, or a database locked for too
// long.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tailor::internal {

enum class Access {
  kWrite,  // makes the file where there is none
  kRead,   // changes nothing, and works in a folder where nothing can be changed
};

class Database {
 public:
  // Waits up to 10 s for locks of others. Nothing is written yet, and a file that is no database is
  // noticed at the first query only. Nothing in the file may run code, and all queries together may
  // take no more steps than suit its size, until trust().
  explicit Database(const std::filesystem::path& path, Access access = Access::kWrite);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Queries may take as long as they want: the file was looked at, and may grow.
  void trust();

  // Write-ahead log, synced to the disk at every commit.
  void use_synced_log();

  void execute(const std::string& sql);
  std::int64_t integer(const std::string& sql);  // the first column of the first row
  std::string text(const std::string& sql);      // "" where there is no row
  const std::filesystem::path& path() const { return path_; }

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  void distrust();
  void check(int code) const;  // throws unless it is SQLITE_OK, SQLITE_ROW or SQLITE_DONE
  std::filesystem::path path_;
  std::int64_t steps_left_ = 0;  // a callback's; outlives the handle
  std::unique_ptr<sqlite3, Close> handle_;
};

// Parameters are numbered from 1, columns from 0, as in SQLite. SQLite takes any value in any
// column; here a value of another type than is asked for is bad_input.
class Statement {
 public:
  Statement(const Database& database, const std::string& sql);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);  // NaN becomes NULL: SQLite has none
  Statement& bind(int parameter, const std::string& value);
  Statement& bind(int parameter, std::span<const float> values);  // a blob of their bytes

  bool step();  // true while there is a row
  void run();   // for a statement without rows

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;  // NULL becomes NaN
  std::string text(int column) const;
  std::vector<float> floats(int column) const;  // of a blob; a broken last number is left out

 private:
  void require(int column, int type, const char* what) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

// BEGIN IMMEDIATE ... COMMIT; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database* database_;
};

}  // namespace tailor::internal
