// Pages in PostgreSQL, each exactly once: one transaction stores a page's rows
// and, in the row of the table sluice_sink that belongs to this job and sink,
// the number of its delivery. A lost answer to COMMIT is settled by reading
// that row. Another process that takes the row over stops this one.
//
// A delivery's number alone does not tell two histories of one job apart: an
// older copy of its ledger has the same numbers. So each start of the job, the
// holder of the row, has a name of its own, which is part of the position.
// Until it stores a page, the row also says from whose position it was opened.
//
// Knows nothing of the rows: the caller stores them, within the transaction.
// Not thread-safe.

#pragma once

#include "core/db/postgres.hpp"
#include "core/db/postgres_names.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

/// A start of a job: a random UUID.
struct row_holder {
  uint64_t high = 0, low = 0;
  bool operator==(const row_holder&) const = default;

  [[nodiscard]] static row_holder random();
  /// As PostgreSQL writes it.
  [[nodiscard]] std::string text() const;
};

/// What the database has of a sink.
struct stored_position {
  uint64_t delivery = 0; ///< of the last page; 0 before the first
  uint64_t rows = 0;     ///< stored since the job began
  /// Which of the job's rows in sluice_sink is the sink's: random, as the
  /// sink's name may change.
  uint64_t place = 0;
  row_holder holder{}; ///< who has stored this
  bool operator==(const stored_position&) const = default;
};

class postgres_pages {
public:
  using connection = postgres::connection;
  struct options {
    std::function<caf::expected<std::unique_ptr<connection>>()> connect;
    postgres::table_name positions; ///< the table sluice_sink
    postgres::table_name table;     ///< the table of the rows
    std::string job, sink;
    /// SQL that undoes the rows of job $1 in deliveries after $2.
    std::string undo;
  };

  explicit postgres_pages(options opts);

  /// Connects, lets `prepare` see to the tables, and takes the sink's row over
  /// from whoever holds it, also from a process whose transaction is open: that
  /// ends first. Undoes what is stored after `committed`, which is nullopt at a
  /// job's first start; then it makes the row. `agree` is called once the row
  /// is known to be the job's; if it fails, nothing has changed. The caller
  /// commits the new `position` before it stores a page. Called once.
  ///
  /// The row is the job's if the holder in `committed` has written it, and no
  /// page is missing; or another start of the job has opened it from the same
  /// position and stored no page, as its own was not committed.
  /// Errors: ec::unavailable; ec::usage (a first start, and there is a row with
  /// pages); ec::disk (the row is not the job's: nothing has changed); those of
  /// `prepare` and `agree`.
  [[nodiscard]] caf::error
  open(const std::optional<stored_position>& committed,
       const std::function<caf::error(connection&)>& prepare,
       const std::function<caf::error()>& agree);

  /// Stores rows in the open transaction. Returns their number.
  using store = std::function<caf::expected<uint64_t>(connection&)>;

  /// Stores the page of `delivery` with `rows` rows, of which `put` may leave
  /// some out. Durable when this returns no error. After ec::unavailable, call
  /// it again with the same page: if the page turns out to be stored, `put` is
  /// not called. Errors: ec::unavailable; ec::disk (another process has taken
  /// the sink over, or the database has lost pages); those of `put`.
  [[nodiscard]] caf::error
  commit(uint64_t delivery, uint64_t rows, const store& put);

  [[nodiscard]] const stored_position& position() const { return at_; }

  void close() { connection_.reset(); }

private:
  [[nodiscard]] caf::error connect();
  [[nodiscard]] caf::error begin();
  [[nodiscard]] caf::expected<stored_position>
  take_over(const stored_position& committed,
            const std::function<caf::error()>& agree);
  [[nodiscard]] caf::expected<stored_position>
  make_row(const std::function<caf::error()>& agree);
  [[nodiscard]] caf::error check_row(const postgres::result& row,
                                     const stored_position& committed) const;
  [[nodiscard]] caf::error undo_after(const stored_position& committed);
  [[nodiscard]] caf::error settle();
  [[nodiscard]] caf::error end_former();
  [[nodiscard]] caf::error look();
  [[nodiscard]] caf::error judge(const postgres::result& row);
  [[nodiscard]] caf::error
  store_page(uint64_t delivery, uint64_t rows, const store& put);
  [[nodiscard]] caf::error end(const stored_position& next);
  caf::error abandon(caf::error reason);

  [[nodiscard]] caf::error
  differs(const std::string& found, const std::string& expected) const;
  [[nodiscard]] caf::error gone() const;
  [[nodiscard]] std::string table() const { return options_.positions.sql(); }

  options options_;
  row_holder holder_;
  std::unique_ptr<connection> connection_;
  stored_position at_;
  /// What the row says if the last COMMIT, which was not answered, is done.
  std::optional<stored_position> in_doubt_;
  bool must_look_ = false; ///< before the next page
  /// A lost session that the server may still carry out what it asked for; not
  /// set once it is ended.
  postgres::session_id former_;
};

/// SQL that makes the table sluice_sink.
[[nodiscard]] std::string positions_ddl(const postgres::table_name& positions);

} // namespace sluice
