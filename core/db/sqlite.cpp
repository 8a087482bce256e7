#include "core/db/sqlite.hpp"

#include <sqlite3.h>

#include <cassert>
#include <cstring>

namespace sluice::sqlite {

namespace {

bool is_disk_failure(int code) noexcept {
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return true;
    default:
      return false;
  }
}

const char* disk_advice(int code) noexcept {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return "free some space and run again";
    case SQLITE_IOERR:
      return "check the disk and run again";
    default:
      return "check that its directory exists and that both can be written";
  }
}

struct limit {
  int what;
  int most;
};

/// Far above what a ledger and our statements need. They limit what a hostile
/// file can make SQLite do (https://sqlite.org/security.html).
constexpr limit limits[] = {
  {SQLITE_LIMIT_LENGTH, 256 << 20},
  {SQLITE_LIMIT_SQL_LENGTH, 64 << 10},
  {SQLITE_LIMIT_COLUMN, 100},
  {SQLITE_LIMIT_EXPR_DEPTH, 100},
  {SQLITE_LIMIT_COMPOUND_SELECT, 10},
  {SQLITE_LIMIT_VDBE_OP, 25'000},
  {SQLITE_LIMIT_FUNCTION_ARG, 8},
  {SQLITE_LIMIT_ATTACHED, 1}, // VACUUM INTO attaches the copy
  {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000},
  {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
  {SQLITE_LIMIT_TRIGGER_DEPTH, 4},
  {SQLITE_LIMIT_WORKER_THREADS, 0},
};

void harden(sqlite3* db, bool has_our_schema) {
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (!has_our_schema)
    return;
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  for (auto& one : limits)
    sqlite3_limit(db, one.what, one.most);
}

} // namespace

const purpose& ledger_purpose() {
  static const purpose ledger{
    "the ledger",
    {ec::ledger_unusable, "it is damaged or no ledger: restore a copy, or name "
                          "another file (a new ledger submits every URL "
                          "again)"},
    {ec::ledger_locked,
     "another program is using it: close that and run again"},
    {ec::internal, "this is a fault in sluice, please report it"}};
  return ledger;
}

statement::statement(database& db, std::string_view sql) : db_{&db} {
  keep(db.prepare(sql, handle_));
}

statement::~statement() {
  if (handle_ == nullptr)
    return;
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
}

void statement::keep(int code) {
  if (code_ == SQLITE_OK)
    code_ = code;
}

bool statement::next() {
  if (code_ != SQLITE_OK)
    return false;
  auto code = sqlite3_step(handle_);
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE)
    keep(code);
  return false;
}

caf::error statement::error() const {
  return code_ == SQLITE_OK ? caf::error{} : db_->failure(code_);
}

std::optional<std::string> statement::refusal() const {
  switch (code_ & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_ERROR:
      return printable(sqlite3_errmsg(db_->handle_));
    default:
      return std::nullopt;
  }
}

caf::error statement::run() {
  while (next()) {
    // the rows that it returns are not needed
  }
  return error();
}

bool statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

int64_t statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

uint64_t statement::count(int column) const {
  auto value = integer(column);
  return value < 0 ? 0 : static_cast<uint64_t>(value);
}

std::string statement::text(int column) const {
  return std::string{bytes(column)};
}

std::string_view statement::bytes(int column) const {
  auto data = static_cast<const char*>(sqlite3_column_blob(handle_, column));
  auto size = sqlite3_column_bytes(handle_, column);
  return data == nullptr ? std::string_view{}
                         : std::string_view{data, static_cast<size_t>(size)};
}

void statement::bind_integer(int index, int64_t value) {
  if (handle_ != nullptr)
    keep(sqlite3_bind_int64(handle_, index, value));
}

void statement::bind_bytes(int index, std::string_view value, bool as_blob) {
  if (handle_ == nullptr)
    return;
  auto data = value.data() == nullptr ? "" : value.data(); // not NULL
  // Copied: a statement may outlive the expression its values came from.
  keep(as_blob ? sqlite3_bind_blob64(handle_, index, data, value.size(),
                                     SQLITE_TRANSIENT)
               : sqlite3_bind_text64(handle_, index, data, value.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8));
}

caf::expected<std::unique_ptr<database>>
database::open(const std::filesystem::path& file, purpose use) {
  std::unique_ptr<database> result{new database{file, std::move(use)}};
  auto flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  auto code = sqlite3_open_v2(file.c_str(), &result->handle_, flags, nullptr);
  if (code != SQLITE_OK)
    return result->failure(code);
  sqlite3_extended_result_codes(result->handle_, 1);
  sqlite3_busy_timeout(result->handle_,
                       static_cast<int>(result->purpose_.patience.count()));
  harden(result->handle_, result->purpose_.has_our_schema);
  // SQLite silently opens a write-protected file read-only.
  if (sqlite3_db_readonly(result->handle_, "main") == 1)
    return result->failure(SQLITE_READONLY);
  return result;
}

database::~database() {
  for (auto& [sql, handle] : prepared_)
    sqlite3_finalize(handle);
  sqlite3_close(handle_);
}

caf::error database::script(const char* sql) {
  auto code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? caf::error{} : failure(code);
}

caf::error database::begin() {
  changes_before_ = sqlite3_total_changes64(handle_);
  return use("BEGIN IMMEDIATE").run();
}

bool database::has_changed() const {
  return sqlite3_total_changes64(handle_) != changes_before_;
}

caf::error database::commit() {
  auto accompanied = hooks_.before && has_changed();
  auto err = accompanied ? hooks_.before() : caf::error{};
  if (!err)
    err = use("COMMIT").run();
  if (err)
    rollback();
  else if (accompanied && hooks_.after)
    hooks_.after();
  return err;
}

void database::rollback() noexcept {
  // Some failures (a full disk) have already rolled it back.
  if (in_transaction())
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

caf::error database::begin_group() {
  auto err = begin();
  grouped_ = !err;
  return err;
}

caf::error database::end_group() {
  notice_rollback();
  grouped_ = false;
  return group_lost_ ? std::exchange(group_lost_, {}) : commit();
}

caf::error database::lost_group() {
  notice_rollback();
  return group_lost_;
}

/// Some failures, even of reads, roll back the whole transaction.
void database::notice_rollback() {
  if (grouped_ && !group_lost_ && !in_transaction())
    group_lost_ =
      make_error(ec::disk, title() + " undid what it had not written: "
                             + disk_advice(SQLITE_IOERR));
}

void database::lose_group(const caf::error& reason) {
  rollback();
  group_lost_ = reason;
}

caf::error database::write_in_group(const std::function<caf::error()>& body) {
  notice_rollback();
  if (group_lost_)
    return group_lost_;
  auto changes_before = sqlite3_total_changes64(handle_);
  caf::error err;
  try {
    err = body();
  } catch (...) {
    lose_group(
      make_error(ec::internal, "a change of " + title() + " ended half done"));
    throw;
  }
  if (err && sqlite3_total_changes64(handle_) != changes_before)
    lose_group(err);
  return err;
}

caf::error database::write(const std::function<caf::error()>& body) {
  if (grouped_)
    return write_in_group(body);
  if (auto err = begin())
    return err;
  if (auto err = body()) {
    rollback();
    return err;
  }
  return commit();
}

caf::error database::read(const std::function<caf::error()>& body) {
  if (auto err = use("SAVEPOINT reading").run())
    return err;
  // Some failures roll back the savepoint, and then RELEASE fails, too.
  auto err = body();
  auto released = script("RELEASE reading");
  return err ? err : released;
}

caf::error database::check(std::string_view sql) const {
  sqlite3_stmt* handle = nullptr;
  auto code = sqlite3_prepare_v2(
    handle_, sql.data(), static_cast<int>(sql.size()), &handle, nullptr);
  sqlite3_finalize(handle);
  return code == SQLITE_OK ? caf::error{} : failure(code);
}

bool database::has_moved() const {
  auto moved = 0;
  return sqlite3_file_control(handle_, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
           == SQLITE_OK
         && moved != 0;
}

int64_t database::changes() const {
  return sqlite3_changes64(handle_);
}

int64_t database::last_key() const {
  return sqlite3_last_insert_rowid(handle_);
}

std::string database::name() const {
  return "'" + printable(file_.native()) + "'";
}

std::string database::title() const {
  return purpose_.name + " " + name();
}

purpose::answer database::answer_to(int code) const {
  if (is_disk_failure(code))
    return {ec::disk, disk_advice(code)};
  switch (code & 0xFF) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_TOOBIG:
      return purpose_.damaged;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return purpose_.busy;
    default:
      return purpose_.other;
  }
}

caf::error database::failure(int code) const {
  auto answer = answer_to(code);
  auto what = title() + " failed (" + sqlite3_errstr(code);
  if (auto number = handle_ ? sqlite3_system_errno(handle_) : 0;
      number != 0 && is_disk_failure(code))
    what.append(", ").append(std::strerror(number));
  else if (answer.code == purpose_.other.code && handle_)
    what.append(", ").append(printable(sqlite3_errmsg(handle_)));
  return make_error(answer.code, what + "): " + answer.advice);
}

int database::prepare(std::string_view sql, sqlite3_stmt*& out) {
  auto found = prepared_.find(sql);
  if (found == prepared_.end()) {
    sqlite3_stmt* handle = nullptr;
    auto code =
      sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (code != SQLITE_OK)
      return code;
    found = prepared_.emplace(sql, handle).first;
  }
  assert(!sqlite3_stmt_busy(found->second) && "statement in use twice");
  out = found->second;
  return SQLITE_OK;
}

} // namespace sluice::sqlite
