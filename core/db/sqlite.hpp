// SQLite as the ledger and sinks use it: one connection, statements prepared
// once, errors as caf::error, worded for the user.
//
// Not thread-safe; one owner at a time.

#pragma once

#include "core/base/error.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::sqlite {

class database;

/// What a database is for: how errors name it and what they advise, and how far
/// its file is trusted.
struct purpose {
  /// An error's code, and the advice that ends its sentence.
  struct answer {
    ec code;
    std::string advice;
  };
  std::string name; ///< before the file's name: "the ledger"
  answer damaged;   ///< the file is not a database, or is damaged
  answer busy;      ///< another connection holds its lock
  answer other;     ///< SQLite refuses a statement
  std::chrono::milliseconds patience{5'000}; ///< for a lock
  /// Only sluice writes the schema. SQLite then keeps to limits that ours is
  /// far below, and refuses expressions that ours has not, such as json_valid
  /// in a constraint.
  bool has_our_schema = true;
};

[[nodiscard]] const purpose& ledger_purpose();

/// Bytes to bind as a BLOB; text is bound as TEXT.
struct blob {
  std::string_view bytes;
};

/// One use of a prepared statement, with its values bound. It remembers a
/// failure of any step (preparing, binding, stepping): `next` then returns
/// false and `error` says why. Must not outlive its database. The same SQL must
/// not be in use twice at the same time.
class statement {
public:
  statement(statement&& other) noexcept
      : db_{other.db_},
        handle_{std::exchange(other.handle_, nullptr)},
        code_{other.code_} {}
  statement& operator=(statement&&) = delete;
  ~statement();

  /// Steps to the next row; false at the end and after a failure.
  bool next();
  [[nodiscard]] caf::error error() const;
  /// SQLite's words, printable, if a constraint, a trigger or a type refuses
  /// the values of this statement. nullopt if it has not failed, or if the
  /// cause may be another one.
  [[nodiscard]] std::optional<std::string> refusal() const;
  /// Steps to the end and ignores rows; for statements that change the data.
  [[nodiscard]] caf::error run();

  // Values of the current row, by column from 0; NULL reads as 0 and "".
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] uint64_t count(int column) const; ///< negative reads as 0
  [[nodiscard]] std::string text(int column) const;
  /// TEXT or BLOB; valid until the next step.
  [[nodiscard]] std::string_view bytes(int column) const;

  /// Binds a value to ?index. REQUIRES: `next` has not been called.
  template <class T>
  void bind(int index, const T& value) {
    if constexpr (std::is_same_v<T, blob>)
      bind_bytes(index, value.bytes, true);
    else if constexpr (std::is_same_v<T, bool>)
      bind_integer(index, value ? 1 : 0);
    else if constexpr (std::is_integral_v<T>)
      bind_integer(index, std::in_range<int64_t>(value)
                            ? static_cast<int64_t>(value)
                            : INT64_MAX);
    else
      bind_bytes(index, value, false);
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) // unset stays NULL
      bind(index, *value);
  }

private:
  friend class database;
  statement(database& db, std::string_view sql);

  void bind_integer(int index, int64_t value);
  void bind_bytes(int index, std::string_view value, bool as_blob);
  void keep(int code);

  database* db_;
  sqlite3_stmt* handle_ = nullptr;
  int code_ = 0;
};

class database {
public:
  /// Opens or creates `file`. Reads nothing yet.
  [[nodiscard]] static caf::expected<std::unique_ptr<database>>
  open(const std::filesystem::path& file, purpose use = ledger_purpose());
  ~database();
  database(const database&) = delete;
  database& operator=(const database&) = delete;

  /// Returns the statement `sql` with `values` bound to ?1, ?2, … Each text is
  /// prepared once and cached, so texts must be constants.
  template <class... Ts>
  [[nodiscard]] statement use(std::string_view sql, const Ts&... values) {
    statement result{*this, sql};
    int index = 0;
    (result.bind(++index, values), ...);
    return result;
  }

  /// Runs several statements that take no values and are used once.
  [[nodiscard]] caf::error script(const char* sql);

  [[nodiscard]] caf::error begin();
  [[nodiscard]] caf::error commit(); ///< rolls back when it fails
  void rollback() noexcept;          ///< no effect if no transaction is open
  /// False also after a failure that has undone the whole transaction.
  [[nodiscard]] bool in_transaction() const;

  /// Runs `body` as one transaction. If this returns no error, the changes are
  /// durable; otherwise nothing has changed.
  [[nodiscard]] caf::error write(const std::function<caf::error()>& body);

  /// Runs `body`, which only reads, on one snapshot of the database, whatever
  /// others write meanwhile. May be called within a transaction.
  [[nodiscard]] caf::error read(const std::function<caf::error()>& body);

  /// All `write`s between these two calls form a group, which `end_group` makes
  /// durable as a whole. A body that fails before it has changed anything fails
  /// alone. One that fails later, or throws, undoes the group: later writes and
  /// `end_group` return its error. REQUIRES: no
  /// transaction is open.
  [[nodiscard]] caf::error begin_group();
  [[nodiscard]] caf::error end_group();
  /// Why the changes of the open group were undone. No error if they were not,
  /// or if no group is open.
  [[nodiscard]] caf::error lost_group();

  /// Called for every transaction that has changed a row.
  struct commit_hooks {
    /// Called within the transaction, before it is committed: its changes are
    /// committed with the rest, and its failure undoes them all.
    std::function<caf::error()> before;
    std::function<void()> after; ///< once the transaction is durable
  };
  void accompany_commits(commit_hooks hooks) { hooks_ = std::move(hooks); }

  /// The error that a statement with this text would have now, whatever its
  /// values are: the schema may have changed.
  [[nodiscard]] caf::error check(std::string_view sql) const;
  /// Whether the file no longer has its name: it was moved, replaced or
  /// deleted.
  [[nodiscard]] bool has_moved() const;

  /// Rows changed by the last statement that changes rows.
  [[nodiscard]] int64_t changes() const;
  /// Key of the last inserted row.
  [[nodiscard]] int64_t last_key() const;

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  /// The file's name as messages show it.
  [[nodiscard]] std::string name() const;
  /// The same, after what it is: "the ledger 'job.sluice'".
  [[nodiscard]] std::string title() const;
  /// An error for an SQLite result code, with advice.
  [[nodiscard]] caf::error failure(int code) const;

private:
  friend class statement;
  database(const std::filesystem::path& file, purpose use)
      : file_{file}, purpose_{std::move(use)} {}
  int prepare(std::string_view sql, sqlite3_stmt*& out);
  [[nodiscard]] caf::error
  write_in_group(const std::function<caf::error()>& body);
  [[nodiscard]] bool has_changed() const;
  void notice_rollback();
  void lose_group(const caf::error& reason);
  [[nodiscard]] purpose::answer answer_to(int code) const;

  std::filesystem::path file_;
  purpose purpose_;
  sqlite3* handle_ = nullptr;
  commit_hooks hooks_;
  int64_t changes_before_ = 0; ///< the open transaction
  bool grouped_ = false;
  caf::error group_lost_; ///< why the group's changes were undone
  std::map<std::string, sqlite3_stmt*, std::less<>> prepared_;
};

} // namespace sluice::sqlite
