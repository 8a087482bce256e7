// The database of a sqlite sink: its file, and the row in `sluice_sink` that
// says how far the job's rows go. That row changes in the same transaction as
// the rows themselves.

#pragma once

#include "actors/sinks/position.hpp"
#include "actors/sinks/sqlite_options.hpp"
#include "actors/sinks/sqlite_table.hpp"
#include "core/db/sqlite.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sluice {

/// How far the rows of a job go.
struct stored_rows {
  uint64_t delivery = 0; ///< the last one with rows
  uint64_t rows = 0;
  bool operator==(const stored_rows&) const = default;
};

/// According to a position; nullopt if the sink begins a database.
[[nodiscard]] std::optional<stored_rows>
stored_rows_in(const position_numbers& numbers);

/// Not thread-safe.
class sqlite_store {
public:
  sqlite_store(sink_context context, sqlite_options options);

  /// Opens the database. Creates an absent one unless the job has begun or the
  /// options forbid it. Errors: ec::usage (not a regular file, a ledger, not in
  /// UTF-8, must not be created), ec::unavailable, ec::disk.
  [[nodiscard]] caf::error connect(bool has_begun);

  /// Begins a transaction that may change the database. Errors: ec::unavailable
  /// while another connection has it locked.
  [[nodiscard]] caf::error begin();

  /// Whether the job can continue at `committed`, nullopt if it begins. Changes
  /// nothing. Errors: ec::usage (what the table lacks, rows of the job before
  /// it begins), ec::disk (the database has lost rows of the job).
  [[nodiscard]] caf::error check(const std::optional<stored_rows>& committed);

  /// Whether the database has the rows of the job up to `committed`. Changes
  /// nothing. Errors: those of the database.
  [[nodiscard]] caf::expected<bool> keeps(const stored_rows& committed);

  /// Checks as `check` does; then creates what is absent, or deletes the rows
  /// after `committed`. REQUIRES: a transaction.
  [[nodiscard]] caf::error prepare(const std::optional<stored_rows>& committed);

  /// Makes the open transaction durable, with `now` in the job's row. On
  /// ec::unavailable, the transaction stays open, and a call with the same
  /// `now` tries again. Other errors: ec::disk.
  [[nodiscard]] caf::error commit(const stored_rows& now);

  /// REQUIRES: `connect`.
  [[nodiscard]] sqlite::database& db() { return *db_; }
  [[nodiscard]] const sqlite_table& table() const { return table_; }

  /// Drops what is not committed. Safe at any time.
  void close() { db_.reset(); }

private:
  [[nodiscard]] caf::error check_file(bool has_begun, bool& is_new) const;
  [[nodiscard]] caf::error absent(bool has_begun) const;
  [[nodiscard]] caf::error check_kind();
  [[nodiscard]] caf::expected<std::optional<stored_rows>> find_rows();
  [[nodiscard]] caf::error compare(const std::optional<stored_rows>& found,
                                   const std::optional<stored_rows>& committed);
  [[nodiscard]] caf::error create();
  [[nodiscard]] caf::error cut_back(const stored_rows& committed);
  [[nodiscard]] std::string ways_on() const;

  sink_context context_;
  sqlite_options options_;
  sqlite_table table_;
  std::unique_ptr<sqlite::database> db_;
  stored_rows saved_; ///< what the job's row says
};

} // namespace sluice
