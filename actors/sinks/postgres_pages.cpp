#include "actors/sinks/postgres_pages.hpp"

#include <algorithm>
#include <array>
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

/// A random UUID.
std::string new_uuid() {
  std::random_device device;
  std::array<uint32_t, 4> words{};
  for (auto& word : words)
    word = device();
  words[1] = (words[1] & 0xFFFF0FFFU) | 0x4000U;
  words[2] = (words[2] & 0x3FFFFFFFU) | 0x80000000U;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20)
      out += '-';
    out += digits[words[i / 8] >> (28 - 4 * (i % 8)) & 0xF];
  }
  return out;
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
         + " (job text, sink text, holder uuid NOT NULL,"
           " delivery bigint NOT NULL, rows bigint NOT NULL,"
           " PRIMARY KEY (job, sink))";
}

postgres_pages::postgres_pages(options opts)
    : options_{std::move(opts)}, holder_{new_uuid()} {}

caf::error postgres_pages::connect() {
  auto made = options_.connect();
  if (!made)
    return made.error();
  connection_ = std::move(*made);
  return {};
}

caf::error postgres_pages::begin() {
  return connection_->script(begin_sql);
}

/// Ends the open transaction; what it did is undone.
caf::error postgres_pages::abandon(caf::error reason) {
  if (connection_->is_usable())
    std::ignore = connection_->script("ROLLBACK");
  return reason;
}

caf::error
postgres_pages::open(const std::optional<stored_position>& committed,
                     const std::function<caf::error(connection&)>& prepare) {
  if (auto err = connect())
    return err;
  if (auto err = prepare(*connection_))
    return err;
  if (auto err = begin())
    return err;
  if (auto err = committed ? take_over(*committed) : make_row())
    return abandon(err);
  return end(committed.value_or(stored_position{}));
}

/// A row without pages is left from a start that ended before the job's first
/// checkpoint.
caf::error postgres_pages::make_row() {
  auto made = connection_->run(
    "INSERT INTO " + table()
      + " AS t (job, sink, holder, delivery, rows) VALUES ($1, $2, $3, 0, 0)"
        " ON CONFLICT (job, sink) DO UPDATE SET holder = excluded.holder"
        " WHERE t.delivery = 0",
    options_.job, options_.sink, holder_);
  if (!made)
    return made.error();
  if (made->touched() == 1)
    return {};
  return make_error(ec::usage,
                    "the table " + printable(table())
                      + " already has pages of this job and its sink '"
                      + printable(options_.sink)
                      + "', although the ledger knows of none. Use the ledger "
                        "that was written with them.");
}

caf::error postgres_pages::take_over(const stored_position& committed) {
  auto& db = *connection_;
  auto taken = db.run("UPDATE " + table()
                        + " SET holder = $3 WHERE job = $1 AND sink = $2"
                          " RETURNING delivery",
                      options_.job, options_.sink, holder_);
  if (!taken)
    return taken.error();
  if (taken->rows() != 1)
    return gone();
  if (auto found = taken->count(0, 0); found < committed.delivery)
    return behind(found, committed.delivery);
  db.limit_statements(undo_limit);
  auto undone = db.run(options_.undo, options_.job, committed.delivery);
  db.limit_statements(std::nullopt);
  if (!undone)
    return undone.error();
  auto set =
    db.run("UPDATE " + table()
             + " SET delivery = $3, rows = $4"
               " WHERE job = $1 AND sink = $2",
           options_.job, options_.sink, committed.delivery, committed.rows);
  return set ? caf::error{} : set.error();
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

caf::error postgres_pages::behind(uint64_t found, uint64_t expected) const {
  return make_error(
    ec::disk, "the database at " + connection_->name() + " has delivery "
                + std::to_string(found) + " of the sink '"
                + printable(options_.sink) + "', but this job has stored "
                + std::to_string(expected)
                + ": a restored backup or a failover lost captures. Nothing "
                  "was changed. Restore the database as it was, or begin a "
                  "new job.");
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
    auto former = connection_ ? connection_->session() : postgres::session_id{};
    must_look_ = true;
    if (auto err = connect())
      return err;
    // The server may still carry out what the former session asked for.
    if (!former.process.empty())
      std::ignore =
        connection_->run("SELECT pg_catalog.pg_terminate_backend(pid)"
                         " FROM pg_catalog.pg_stat_activity"
                         " WHERE pid = $1 AND backend_start = $2",
                         former.process, former.started);
  }
  return must_look_ ? look() : caf::error{};
}

/// A plain read proves nothing while another transaction is about to end.
/// Locking the row waits for that, and committing the lock waits until the
/// stand-bys have what it read.
caf::error postgres_pages::look() {
  if (auto err = begin())
    return err;
  auto row = connection_->run("SELECT holder, delivery FROM " + table()
                                + " WHERE job = $1 AND sink = $2 FOR UPDATE",
                              options_.job, options_.sink);
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
  if (row.text(0, 0) != holder_)
    return make_error(
      ec::stopped,
      "another process has taken over the sink '" + printable(options_.sink)
        + "' in the database at " + connection_->name()
        + ": the same job runs twice, from a copy of its ledger or its "
          "folder. End one of them; only the one with the newer ledger can go "
          "on.");
  auto found = row.count(0, 1);
  if (in_doubt_ && found == in_doubt_->delivery)
    at_ = *in_doubt_;
  else if (found != at_.delivery)
    return behind(found, at_.delivery);
  in_doubt_.reset();
  must_look_ = false;
  return {};
}

caf::error
postgres_pages::store_page(uint64_t delivery, uint64_t rows, const store& put) {
  auto& db = *connection_;
  if (auto err = begin())
    return err;
  auto taken =
    db.run("UPDATE " + table()
             + " SET delivery = $5, rows = rows + $6 WHERE job = $1 AND"
               " sink = $2 AND holder = $3 AND delivery = $4",
           options_.job, options_.sink, holder_, at_.delivery, delivery, rows);
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
                        + " SET rows = $3 WHERE job = $1 AND sink = $2",
                      options_.job, options_.sink, at_.rows + *stored);
    if (!set)
      return abandon(set.error());
  }
  return end({delivery, at_.rows + *stored});
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
