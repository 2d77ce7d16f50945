#include "tailor/store/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "tailor/core/error.hpp"
#include "tailor/core/file.hpp"

namespace tailor::internal {
namespace {

constexpr int kLockTimeoutMs = 10'000;
constexpr int kStepsBetweenLooks = 10'000;
constexpr std::int64_t kFewSteps = 1'000'000;

// The one place that says whose fault an error of SQLite's is: the file's, or the machine's.
Error error_of(const std::filesystem::path& path, int code, const std::string& message) {
  const std::string file = path.string();
  switch (code & 0xff) {  // the primary code of an extended one
    case SQLITE_NOMEM:
      return failure(fmt::format("out of memory for reading {}", file));
    case SQLITE_INTERRUPT:
      return bad_input(fmt::format(
          "{} asks for more work than a study of its size; remove it to start the search anew",
          file));
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_FORMAT:
      return bad_input(
          fmt::format("{} was changed by another program ({}); remove it to start the search anew",
                      file, message));
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
          fmt::format("cannot open or write {} ({}); choose another --out", file, message));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return failure(fmt::format("{} is locked by another program; close it and run again", file));
    default:
      return failure(fmt::format("cannot use {}: {}", file, message));
  }
}

// SQLite wants to write beside a database with a write-ahead log even to read it, which nobody can
// in a read-only folder; where the log is empty or gone, the file alone says everything and is
// opened as one that never changes.
std::string uri_for_reading(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    const bool plain = c != '%' && c != '?' && c != '#';
    uri +=
        plain ? std::string(1, c) : fmt::format("%{:02X}", unsigned{static_cast<unsigned char>(c)});
  }
  const auto has_bytes = [&](const char* ending) {
    const std::filesystem::path log = path.string() + ending;
    return path_exists(log) && size_of_file(log) > 0;
  };
  return has_bytes("-wal") || has_bytes("-journal") ? uri : uri + "?immutable=1";
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const {
  sqlite3_close_v2(handle);
}

Database::Database(const std::filesystem::path& path, Access access) : path_(path) {
  sqlite3* handle = nullptr;
  const bool reads = access == Access::kRead;
  const int flags = (reads ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                           : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_FULLMUTEX;
  const std::string name = reads ? uri_for_reading(path) : path.string();
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);  // SQLite makes one even where it fails, to hold the message
  if (handle == nullptr) throw failure("out of memory for SQLite");
  check(code);
  sqlite3_busy_timeout(handle, kLockTimeoutMs);
  distrust();
}

// What a stranger's file may make SQLite do, before the first byte of it is looked at.
void Database::distrust() {
  sqlite3* const handle = handle_.get();
  for (const auto& [option, value] :
       {std::pair(SQLITE_DBCONFIG_DEFENSIVE, 1), std::pair(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        std::pair(SQLITE_DBCONFIG_ENABLE_TRIGGER, 0), std::pair(SQLITE_DBCONFIG_ENABLE_VIEW, 0)}) {
    check(sqlite3_db_config(handle, option, value, nullptr));
  }
  for (const auto& [limit, value] :
       {std::pair(SQLITE_LIMIT_SQL_LENGTH, 100'000), std::pair(SQLITE_LIMIT_COLUMN, 100),
        std::pair(SQLITE_LIMIT_ATTACHED, 0), std::pair(SQLITE_LIMIT_EXPR_DEPTH, 100),
        std::pair(SQLITE_LIMIT_COMPOUND_SELECT, 10), std::pair(SQLITE_LIMIT_TRIGGER_DEPTH, 1)}) {
    sqlite3_limit(handle, limit, value);
  }
  const std::uint64_t bytes = path_exists(path_) ? size_of_file(path_) : 0;
  constexpr std::int64_t kStepsPerByte = 8;  // a row of 50 bytes takes 80 steps in all
  steps_left_ = kFewSteps + kStepsPerByte * std::int64_t(bytes);
  const auto look = [](void* left) {
    auto& steps = *static_cast<std::int64_t*>(left);
    steps -= kStepsBetweenLooks;
    return steps < 0 ? 1 : 0;
  };
  sqlite3_progress_handler(handle, kStepsBetweenLooks, look, &steps_left_);
  execute("PRAGMA cell_size_check = ON");
}

void Database::trust() {
  sqlite3_progress_handler(handle_.get(), 0, nullptr, nullptr);
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
  return statement.step() ? statement.text(0) : "";
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

void Statement::require(int column, int type, const char* what) const {
  const int found = sqlite3_column_type(handle_.get(), column);
  if (found == type || (type == SQLITE_FLOAT && found == SQLITE_INTEGER)) return;
  const char* const name = sqlite3_column_name(handle_.get(), column);
  throw bad_input(fmt::format(
      "{} was changed by another program: a {} is no {}; remove it to start the search anew",
      database_.path().string(), name == nullptr ? "value" : name, what));
}

std::int64_t Statement::integer(int column) const {
  require(column, SQLITE_INTEGER, "whole number");
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::number(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  require(column, SQLITE_FLOAT, "number");
  return sqlite3_column_double(handle_.get(), column);
}

std::string Statement::text(int column) const {
  require(column, SQLITE_TEXT, "text");
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  if (bytes == nullptr) return "";
  return {bytes, std::size_t(sqlite3_column_bytes(handle_.get(), column))};
}

std::vector<float> Statement::floats(int column) const {
  require(column, SQLITE_BLOB, "list of numbers");
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
