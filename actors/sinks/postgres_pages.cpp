#include "actors/sinks/postgres_pages.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <tuple>

namespace sluice {

namespace {

/// Whatever the role's default is: at a higher level, a statement does not see
/// what the transaction that it waited for has stored.
constexpr const char* begin_sql =
  "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
  "SET CONSTRAINTS ALL IMMEDIATE";

/// Undoing rows reads the whole table if somebody dropped its index.
constexpr std::chrono::hours undo_limit{1};

uint64_t random_number() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

/// The full name of the table that parameter $`number` names; NULL if there is
/// none.
std::string full_name_of(const std::string& number) {
  return "(SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)"
         " FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n"
         " ON n.oid = c.relnamespace"
         " WHERE c.oid = pg_catalog.to_regclass($"
         + number + "))";
}

/// What the server warns of when a commit is durable on this server alone,
/// although a stand-by should have it, too.
bool is_local_only(const std::vector<std::string>& warnings) {
  return std::any_of(warnings.begin(), warnings.end(), [](const auto& state) {
    return state == "01000" || state == "57P01";
  });
}

} // namespace

std::string positions_ddl(const postgres::table_name& positions) {
  return "CREATE TABLE " + positions.sql()
         + " (job text, sink text, place bigint NOT NULL,"
           " table_name text NOT NULL, holder uuid NOT NULL,"
           " opened_from uuid, delivery bigint NOT NULL, rows bigint NOT NULL,"
           " PRIMARY KEY (job, sink))";
}

row_holder row_holder::random() {
  return {(random_number() & ~0xF000ULL) | 0x4000ULL,
          (random_number() >> 2) | 1ULL << 63};
}

std::string row_holder::text() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20)
      out += '-';
    out += digits[(i < 16 ? high : low) >> (60 - 4 * (i % 16)) & 0xF];
  }
  return out;
}

postgres_pages::postgres_pages(options opts)
    : options_{std::move(opts)}, holder_{row_holder::random()} {}

caf::error postgres_pages::connect() {
  auto made = options_.connect();
  if (!made)
    return made.error();
  connection_ = std::move(*made);
  return {};
}

/// A stand-by, which this server may have become, refuses to begin with 0A000.
caf::error postgres_pages::begin() {
  auto err = connection_->script(begin_sql);
  if (!err)
    return err;
  if (connection_->last_failure().sqlstate == "0A000")
    err = make_error(ec::unavailable, what_of(err));
  return abandon(err);
}

/// Ends the open transaction; what it did is undone.
caf::error postgres_pages::abandon(caf::error reason) {
  if (connection_->is_usable())
    std::ignore = connection_->script("ROLLBACK");
  return reason;
}

caf::error
postgres_pages::open(const std::optional<stored_position>& committed,
                     const std::function<caf::error(connection&)>& prepare,
                     const std::function<caf::error()>& agree) {
  if (auto err = connect())
    return err;
  if (auto err = prepare(*connection_))
    return err;
  if (auto err = begin())
    return err;
  auto next = committed ? take_over(*committed, agree) : make_row(agree);
  if (!next)
    return abandon(next.error());
  at_ = *next;
  return end(*next);
}

/// A row without pages is left from a start that ended before the job's first
/// checkpoint.
caf::expected<stored_position>
postgres_pages::make_row(const std::function<caf::error()>& agree) {
  auto made = connection_->run(
    "INSERT INTO " + table()
      + " AS t (job, sink, place, table_name, holder, delivery, rows)"
        " VALUES ($1, $2, $3, "
      + full_name_of("4")
      + ", $5, 0, 0) ON CONFLICT (job, sink) DO UPDATE SET"
        " holder = excluded.holder, opened_from = NULL, table_name = "
        "excluded.table_name"
        " WHERE t.delivery = 0 RETURNING place",
    options_.job, options_.sink, random_number() >> 1, options_.table.sql(),
    holder_.text());
  if (!made)
    return made.error();
  if (made->rows() != 1)
    return make_error(ec::usage,
                      "the table " + printable(table())
                        + " already has pages of this job and its sink '"
                        + printable(options_.sink)
                        + "', although the ledger knows of none. Use the "
                          "ledger that was written with them.");
  if (auto err = agree())
    return err;
  return stored_position{0, 0, made->count(0, 0), holder_};
}

caf::expected<stored_position>
postgres_pages::take_over(const stored_position& committed,
                          const std::function<caf::error()>& agree) {
  auto& db = *connection_;
  auto row = db.run("SELECT holder, delivery, opened_from, table_name,"
                    " table_name = "
                      + full_name_of("3") + " FROM " + table()
                      + " WHERE job = $1 AND place = $2 FOR UPDATE",
                    options_.job, committed.place, options_.table.sql());
  if (!row)
    return row.error();
  if (auto err = check_row(*row, committed))
    return err;
  if (auto err = undo_after(committed))
    return err;
  auto set =
    db.run("UPDATE " + table()
             + " SET holder = $3, opened_from = $4, delivery = $5,"
               " rows = $6 WHERE job = $1 AND place = $2",
           options_.job, committed.place, holder_.text(),
           committed.holder.text(), committed.delivery, committed.rows);
  if (!set)
    return set.error();
  if (auto err = agree())
    return err;
  auto next = committed;
  next.holder = holder_;
  return next;
}

caf::error postgres_pages::check_row(const postgres::result& row,
                                     const stored_position& committed) const {
  if (row.rows() != 1)
    return gone();
  if (row.text(0, 4) != "t")
    return make_error(
      ec::disk, "the table " + printable(table()) + " at " + connection_->name()
                  + " says that the sink '" + printable(options_.sink)
                  + "' of this job writes to " + printable(row.text(0, 3))
                  + ", not to " + printable(options_.table.sql())
                  + ". Nothing was changed. Name that table in the config, or "
                    "begin a new job.");
  auto found = row.count(0, 1);
  auto expected = committed.holder.text();
  auto is_ours = row.text(0, 0) == expected;
  auto is_opened = row.text(0, 2) == expected;
  if (is_ours ? found >= committed.delivery
              : is_opened && found == committed.delivery)
    return {};
  return differs(std::to_string(found)
                   + (is_ours ? "" : ", stored by another start of the job,"),
                 std::to_string(committed.delivery));
}

caf::error postgres_pages::undo_after(const stored_position& committed) {
  connection_->limit_statements(undo_limit);
  auto undone =
    connection_->run(options_.undo, options_.job, committed.delivery);
  connection_->limit_statements(std::nullopt);
  return undone ? caf::error{} : undone.error();
}

caf::error postgres_pages::gone() const {
  return make_error(
    ec::disk, "the table " + printable(table()) + " at " + connection_->name()
                + " has no row for this job and its sink '"
                + printable(options_.sink)
                + "', although this job has stored pages: it is another "
                  "database, or someone restored or emptied it. Nothing was "
                  "changed. Restore the database as it was, or begin a new "
                  "job.");
}

caf::error postgres_pages::differs(const std::string& found,
                                   const std::string& expected) const {
  return make_error(
    ec::disk,
    "the database at " + connection_->name() + " has delivery " + found
      + " of the sink '" + printable(options_.sink)
      + "', but this ledger has delivery " + expected
      + ". Either the ledger is an older copy, or the same job has run "
        "elsewhere from a copy; or the database is a restored backup, or lost "
        "captures in a failover. Nothing was changed. Use the newest ledger, "
        "or restore the database as it was, or begin a new job.");
}

caf::error
postgres_pages::commit(uint64_t delivery, uint64_t rows, const store& put) {
  if (auto err = settle())
    return err;
  return at_.delivery == delivery ? caf::error{}
                                  : store_page(delivery, rows, put);
}

/// Connects again if need be, and finds out what is stored.
caf::error postgres_pages::settle() {
  if (!connection_ || !connection_->is_usable()) {
    // A connection that was lost before it had ended the former session has
    // done nothing itself.
    if (connection_ && former_.process.empty())
      former_ = connection_->session();
    must_look_ = true;
    if (auto err = connect())
      return err;
  }
  if (auto err = end_former())
    return err;
  return must_look_ ? look() : caf::error{};
}

/// The server may still carry out what the former session asked for.
caf::error postgres_pages::end_former() {
  if (former_.process.empty())
    return {};
  auto ended = connection_->run("SELECT pg_catalog.pg_terminate_backend(pid)"
                                " FROM pg_catalog.pg_stat_activity"
                                " WHERE pid = $1 AND backend_start = $2",
                                former_.process, former_.started);
  if (!ended && is_retryable(ended.error()))
    return ended.error();
  former_ = {};
  return {};
}

/// A plain read proves nothing while another transaction is about to end.
/// Locking the row waits for that, and committing the lock waits until the
/// stand-bys have what it read.
caf::error postgres_pages::look() {
  if (auto err = begin())
    return err;
  auto row = connection_->run("SELECT holder, delivery FROM " + table()
                                + " WHERE job = $1 AND place = $2 FOR UPDATE",
                              options_.job, at_.place);
  if (!row)
    return abandon(row.error());
  auto ended = connection_->run("COMMIT");
  if (!ended)
    return ended.error();
  if (ended->tag() != "COMMIT" || is_local_only(connection_->take_warnings()))
    return make_error(ec::unavailable,
                      "the PostgreSQL server at " + connection_->name()
                        + " does not say whether a page is stored");
  return judge(*row);
}

caf::error postgres_pages::judge(const postgres::result& row) {
  if (row.rows() != 1)
    return gone();
  if (row.text(0, 0) != holder_.text())
    return make_error(
      ec::disk,
      "another process has taken over the sink '" + printable(options_.sink)
        + "' in the database at " + connection_->name()
        + ", or the server has failed over to one that does not know of this "
          "process. If the same job runs twice, from a copy of its ledger or "
          "its folder, end one of them. Then run the same command again: it "
          "continues if its ledger agrees with the database, and says so if it "
          "does not.");
  auto found = row.count(0, 1);
  if (in_doubt_ && found == in_doubt_->delivery)
    at_ = *in_doubt_;
  else if (found != at_.delivery)
    return differs(std::to_string(found), std::to_string(at_.delivery));
  in_doubt_.reset();
  must_look_ = false;
  return {};
}

caf::error
postgres_pages::store_page(uint64_t delivery, uint64_t rows, const store& put) {
  auto& db = *connection_;
  if (auto err = begin())
    return err;
  auto taken = db.run(
    "UPDATE " + table()
      + " SET delivery = $5, rows = rows + $6, opened_from = NULL"
        " WHERE job = $1 AND place = $2 AND holder = $3 AND delivery = $4",
    options_.job, at_.place, holder_.text(), at_.delivery, delivery, rows);
  if (!taken)
    return abandon(taken.error());
  if (taken->touched() != 1) {
    abandon({});
    must_look_ = true;
    auto err = look();
    return err ? err
               : make_error(ec::unavailable, "the row of the sink '"
                                               + printable(options_.sink)
                                               + "' was changed meanwhile");
  }
  auto stored = put(db);
  if (!stored)
    return abandon(stored.error());
  if (*stored != rows) {
    auto set = db.run("UPDATE " + table()
                        + " SET rows = $3 WHERE job = $1 AND place = $2",
                      options_.job, at_.place, at_.rows + *stored);
    if (!set)
      return abandon(set.error());
  }
  auto next = at_;
  next.delivery = delivery;
  next.rows += *stored;
  return end(next);
}

/// Commits. Unless the server says that it is done, it is in doubt.
caf::error postgres_pages::end(const stored_position& next) {
  in_doubt_ = next;
  must_look_ = true;
  auto ended = connection_->run("COMMIT");
  if (!ended)
    return ended.error();
  if (ended->tag() != "COMMIT")
    return make_error(ec::refused, "the PostgreSQL server at "
                                     + connection_->name()
                                     + " has undone a page instead of "
                                       "committing it. Look into its log, "
                                       "then run the same command again.");
  if (is_local_only(connection_->take_warnings()))
    return look();
  at_ = next;
  in_doubt_.reset();
  must_look_ = false;
  return {};
}

} // namespace sluice
