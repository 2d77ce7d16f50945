#include "tailor/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "tailor/core/error.hpp"

namespace tailor::internal {
namespace {

constexpr int kLockTimeoutMs = 10'000;

Error error_of(const std::filesystem::path& path, int code, const std::string& message) {
  const std::string file = path.string();
  switch (code & 0xff) {  // the primary code of an extended one
    case SQLITE_NOTADB:
      return bad_input(fmt::format(
          "{} is no study: it is not an SQLite database; remove it or choose another --out", file));
    case SQLITE_CORRUPT:
      return bad_input(
          fmt::format("{} is damaged ({}); remove it to start the search anew", file, message));
    case SQLITE_FULL:
      return failure(
          fmt::format("cannot write {}: the disk is full; make room and run again", file));
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return failure(
          fmt::format("cannot open {} for writing ({}); choose another --out", file, message));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failure(fmt::format("{} is locked by another program; close it and run again", file));
    default:
      return failure(fmt::format("cannot use {}: {}", file, message));
  }
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Database::Database(const std::filesystem::path& path) : path_(path) {
  sqlite3* handle = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, kFlags, nullptr);
  handle_.reset(handle);  // SQLite makes one even where it fails, to hold the message
  if (handle == nullptr) throw failure("out of memory for SQLite");
  check(code);
  sqlite3_busy_timeout(handle, kLockTimeoutMs);
}

void Database::use_synced_log() {
  if (text("PRAGMA journal_mode = WAL") != "wal") {
    throw failure(fmt::format(
        "{} cannot have a write-ahead log in this folder; choose another --out", path_.string()));
  }
  execute("PRAGMA synchronous = FULL");
}

void Database::check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  throw error_of(path_, code, sqlite3_errmsg(handle_.get()));
}

void Database::execute(const std::string& sql) {
  check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement(*this, sql);
  statement.step();
  return statement.integer(0);
}

std::string Database::text(const std::string& sql) {
  Statement statement(*this, sql);
  statement.step();
  return statement.text(0);
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(const Database& database, const std::string& sql) : database_(database) {
  sqlite3_stmt* handle = nullptr;
  database.check(
      sqlite3_prepare_v2(database.handle_.get(), sql.c_str(), int(sql.size()), &handle, nullptr));
  handle_.reset(handle);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  database_.check(sqlite3_bind_int64(handle_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  database_.check(sqlite3_bind_double(handle_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, const std::string& value) {
  database_.check(sqlite3_bind_text64(handle_.get(), parameter, value.data(), value.size(),
                                      SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int parameter, std::span<const float> values) {
  database_.check(sqlite3_bind_blob64(handle_.get(), parameter, values.data(), values.size_bytes(),
                                      SQLITE_TRANSIENT));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  database_.check(code);
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) continue;
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::number(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(handle_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  if (bytes == nullptr) return "";
  return {bytes, std::size_t(sqlite3_column_bytes(handle_.get(), column))};
}

std::vector<float> Statement::floats(int column) const {
  const void* bytes = sqlite3_column_blob(handle_.get(), column);
  std::vector<float> values(std::size_t(sqlite3_column_bytes(handle_.get(), column)) /
                            sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes, values.size() * sizeof(float));
  return values;
}

Transaction::Transaction(Database& database) : database_(&database) {
  database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  try {
    database_->execute("ROLLBACK");
  } catch (...) {  // out of memory, too
    // SQLite has rolled back by itself after an error that ends a transaction.
  }
}

void Transaction::commit() {
  database_->execute("COMMIT");
  database_ = nullptr;
}

}  // namespace tailor::internal
