#include "actors/sinks/sqlite_store.hpp"

#include "actors/sinks/load_advice.hpp"
#include "core/base/disk_error.hpp"
#include "core/base/job_command.hpp"
#include "core/base/sync_folder.hpp"
#include "core/ledger/ledger_schema.hpp"

#include <sys/stat.h>

#include <cerrno>

namespace sluice {

namespace {

sqlite::purpose
purpose_of(const sink_context& context, const sqlite_options& options) {
  return {
    "the database of sink '" + printable(context.name) + "',",
    {ec::disk, "it is damaged or not an SQLite database: restore a copy, or "
               "name another file"},
    {ec::unavailable, "another program has it locked: end that program's "
                      "transaction"},
    {ec::refused, "correct the database, then run the same command again"},
    options.patience,
    false};
}

/// False for an older copy, and for another one that goes as far.
bool has_all(const stored_rows& found, const stored_rows& committed) {
  return found.delivery > committed.delivery || found == committed;
}

} // namespace

std::optional<stored_rows> stored_rows_in(const position_numbers& numbers) {
  auto delivery = numbers.find("delivery");
  if (delivery == numbers.end())
    return std::nullopt;
  return stored_rows{delivery->second, number_in(numbers, "rows")};
}

sqlite_store::sqlite_store(sink_context context, sqlite_options options)
    : context_(std::move(context)),
      options_(std::move(options)),
      table_(options_) {}

/// The error for a database that must be there and is not.
caf::error sqlite_store::absent(bool has_begun) const {
  auto name = "'" + printable(options_.path.native()) + "'";
  return has_begun
           ? make_error(ec::disk, name
                                    + ", to which this job has been adding "
                                      "rows, is gone."
                                    + ways_on())
           : make_error(
             ec::usage,
             name
               + " does not exist. Set 'create: true', or create a "
                 "database with these tables: `"
               + printable(table_.definitions(), sqlite_table::longest_sql)
               + "`");
}

caf::error sqlite_store::check_file(bool has_begun, bool& is_new) const {
  const auto& path = options_.path;
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT)
      return disk_error("open", path, errno);
    is_new = true;
    return has_begun || !options_.create ? absent(has_begun) : caf::error{};
  }
  is_new = found.st_size == 0;
  return S_ISREG(found.st_mode)
           ? caf::error{}
           : make_error(ec::usage,
                        "'" + printable(path.native())
                          + "' is not a regular file. Choose another "
                            "path.");
}

caf::error sqlite_store::connect(bool has_begun) {
  auto is_new = false;
  if (auto err = check_file(has_begun, is_new))
    return err;
  is_new = is_new && !has_begun && options_.create;
  auto opened =
    sqlite::database::open(options_.path, purpose_of(context_, options_));
  if (!opened)
    return opened.error();
  db_ = std::move(*opened);
  // Readers of a new database then never make the job wait.
  if (is_new)
    if (auto err = db_->use("PRAGMA journal_mode = WAL").run())
      return err;
  if (auto number = is_new ? sync_folder_of(options_.path) : 0;
      number != 0 && number != EINVAL)
    return disk_error("sync", options_.path.parent_path(), number);
  // FULL does not sync the folder after a rollback journal is deleted: a power
  // failure could bring it back, and it would undo committed rows.
  if (auto err = db_->use("PRAGMA synchronous = EXTRA").run())
    return err;
  return check_kind();
}

caf::error sqlite_store::check_kind() {
  auto application = db_->use("PRAGMA application_id");
  auto is_ledger =
    application.next() && application.integer(0) == ledger_application_id;
  if (auto err = application.error())
    return err;
  if (is_ledger)
    return make_error(ec::usage, db_->title()
                                   + " is a ledger of sluice. Choose another "
                                     "path.");
  auto encoding = db_->use("SELECT encoding = 'UTF-8' FROM pragma_encoding");
  if (encoding.next() && encoding.integer(0) == 0)
    return make_error(ec::usage, db_->title()
                                   + " has another encoding than UTF-8, which "
                                     "would change captures. Choose another "
                                     "path.");
  return encoding.error();
}

caf::error sqlite_store::begin() {
  return db_->begin();
}

/// The row by its job alone: the sink may have another name now, and a file is
/// written by one sink of a job.
caf::expected<std::optional<stored_rows>> sqlite_store::find_rows() {
  auto table = db_->use("SELECT 1 FROM sqlite_schema WHERE name = ?1",
                        sqlite_table::position_table);
  if (!table.next()) {
    if (auto err = table.error())
      return err;
    return std::optional<stored_rows>{};
  }
  auto row = db_->use("SELECT delivery, rows FROM sluice_sink WHERE job = ?1",
                      context_.job_id);
  std::optional<stored_rows> found;
  if (row.next())
    found = stored_rows{row.count(0), row.count(1)};
  if (auto err = row.error())
    return err;
  return found;
}

/// The ways to continue if the database lacks rows.
std::string sqlite_store::ways_on() const {
  if (context_.in_load)
    return ways_on_in_load("newest copy");
  return " Put the newest copy back. If it was moved, write its new path in "
         "the "
         "config, then run `"
         + job_command("relocate") + "`. If it is lost, `"
         + job_command("relocate", "--lost " + shell_word(context_.name))
         + "` reports what is lost and continues in a new file.";
}

caf::error sqlite_store::compare(const std::optional<stored_rows>& found,
                                 const std::optional<stored_rows>& committed) {
  auto upto = [](const stored_rows& rows) {
    return std::to_string(rows.rows) + " rows up to delivery "
           + std::to_string(rows.delivery);
  };
  if (!committed) {
    if (!found || found->delivery == 0)
      return {};
    return make_error(ec::usage,
                      db_->title() + " has " + upto(*found)
                        + " of this job, of which the ledger knows nothing: "
                          "the ledger is an old copy. Put the newest one back, "
                          "or choose another path.");
  }
  if (!found)
    return make_error(ec::disk, db_->title()
                                  + " has no position of this job: it is "
                                    "another database, or an older copy."
                                  + ways_on());
  if (!has_all(*found, *committed))
    return make_error(ec::disk, db_->title() + " has " + upto(*found)
                                  + " of this job, but the job has committed "
                                  + upto(*committed)
                                  + ": it is an older or another copy."
                                  + ways_on());
  return {};
}

caf::error sqlite_store::check(const std::optional<stored_rows>& committed) {
  auto found = find_rows();
  if (!found)
    return found.error();
  if (auto err = compare(*found, committed))
    return err;
  return table_.check(*db_);
}

caf::expected<bool> sqlite_store::keeps(const stored_rows& committed) {
  auto found = find_rows();
  if (!found)
    return found.error();
  return found->has_value() && has_all(**found, committed);
}

caf::error sqlite_store::prepare(const std::optional<stored_rows>& committed) {
  auto found = find_rows();
  if (!found)
    return found.error();
  if (auto err = compare(*found, committed))
    return err;
  if (auto err = committed ? table_.check(*db_) : table_.prepare(*db_))
    return err;
  if (auto err = db_->check(table_.insert()))
    return err;
  if (!committed)
    return create();
  saved_ = **found;
  return saved_ == *committed ? caf::error{} : cut_back(*committed);
}

caf::error sqlite_store::create() {
  if (auto err = db_->script(sqlite_table::position_definition))
    return err;
  saved_ = {};
  // A crash before the first checkpoint leaves a row behind.
  if (auto err =
        db_->use("DELETE FROM sluice_sink WHERE job = ?1", context_.job_id)
          .run())
    return err;
  return db_
    ->use("INSERT INTO sluice_sink (job, sink, delivery, rows) VALUES (?1, ?2, "
          "0, 0)",
          context_.job_id, context_.name)
    .run();
}

caf::error sqlite_store::cut_back(const stored_rows& committed) {
  return db_->use(table_.cut_back(), context_.job_id, committed.delivery).run();
}

caf::error sqlite_store::commit(const stored_rows& now) {
  if (!db_->in_transaction())
    return make_error(ec::disk, db_->title()
                                  + " undid what it had not written. Check the "
                                    "disk, then run the same command again.");
  if (db_->has_moved())
    return make_error(ec::disk,
                      db_->title()
                        + " was moved, replaced or deleted while this "
                          "job was writing it. Move it only after "
                          "the job has ended."
                        + ways_on());
  if (saved_ != now) {
    auto row = db_->use("UPDATE sluice_sink SET sink = ?2, delivery = ?3, rows "
                        "= ?4 WHERE job = ?1 AND delivery = ?5",
                        context_.job_id, context_.name, now.delivery, now.rows,
                        saved_.delivery);
    if (auto err = row.run())
      return err;
    if (db_->changes() != 1)
      return make_error(ec::disk, "the position of this job in " + db_->title()
                                    + " was changed by another program."
                                    + ways_on());
    saved_ = now;
  }
  return db_->use("COMMIT").run();
}

} // namespace sluice
