// The registry's entry for the sink `sqlite`: its page in the manual, and the
// checks of its files.

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/row_counts.hpp"
#include "actors/sinks/sink_list.hpp"
#include "actors/sinks/sqlite.hpp"
#include "actors/sinks/sqlite_store.hpp"

#include <filesystem>

namespace sluice {

namespace {

constexpr const char* sqlite_storage =
  R"(Each capture becomes a row with the `columns`, the capture itself, and `sluice_job` and `sluice_delivery`, which
tell the rows of a job and of a delivery. The table `sluice_sink` has the position of each job. It changes in the same
transaction as the rows, so a crash neither loses nor repeats a row.

| type of the column | stored as |
|---|---|
| `text`, `time` | TEXT |
| `integer`, `number` | INTEGER if the number is an integer of at most 64 bits, else TEXT with its own digits: 12.340 stays 12.340. Compare with `CAST(price AS REAL)` |
| `boolean` | INTEGER, 0 or 1 |
| `json`, and the capture as `text` | TEXT; a BLOB of the same bytes if they are not valid UTF-8 |

A table that is there may declare other types for numbers; SQLite then converts them (`REAL` stores 12.34). It may have
more columns, constraints and triggers. A row that they refuse goes to `dead_letter`. After a crash, the sink deletes the
rows of unfinished deliveries and adds them again: a trigger must not forbid that, and `UNIQUE … ON CONFLICT REPLACE`
replaces rows for good, those of other deliveries too. A text may contain U+0000. It is stored, but functions such as
`length`, and many programs, stop there.

A new database is in WAL mode, so that readers and the job do not wait for each other. While another program writes, the
job waits, and says so. The job's own transaction is open from one checkpoint to the next, and the next one begins at
once: other programs that write the database wait until a checkpoint, and may wait longer. Let only one busy job at a
time write a database.
)";

std::unique_ptr<sink>
make_sqlite(const sink_context& context, const config::section& fields) {
  return make_sqlite_sink(context, read_sqlite_options(fields));
}

std::unique_ptr<sink>
rehearse(const sink_context& context, const config::section& fields) {
  auto options = read_sqlite_options(fields);
  options.path += config::rehearsal_suffix;
  if (options.dead_letter)
    *options.dead_letter += config::rehearsal_suffix;
  options.replace = true;
  options.create = true;
  return make_sqlite_sink(context, std::move(options));
}

caf::error
check_sqlite(const sink_context& context, const config::section& fields) {
  return check_sqlite_options(context, read_sqlite_options(fields));
}

/// Checks a database as `open` would, and leaves it as it is. An absent one may
/// be created unless the job has rows in it.
caf::error check_database(const sink_context& context,
                          const config::section& fields,
                          const std::optional<stored_rows>& committed) {
  auto options = read_sqlite_options(fields);
  std::error_code failed;
  if (!committed && options.create
      && !std::filesystem::exists(options.path, failed))
    return {};
  sqlite_store store{context, std::move(options)};
  if (auto err = store.connect(committed.has_value()))
    return err;
  return store.check(committed);
}

caf::error check_first_start(const config::section& fields) {
  if (auto err = check_database({}, fields, std::nullopt))
    return err;
  return check_first_dead_letters(fields);
}

caf::error check_kept(const sink_context& context,
                      const config::section& fields,
                      const sink_position& committed) {
  auto numbers = read_sqlite_position(committed, context);
  if (!numbers)
    return numbers.error();
  if (auto err = check_database(context, fields, stored_rows_in(*numbers)))
    return err;
  return check_kept_dead_letters(context, fields, committed);
}

/// Deletes the job's rows after `committed`. Does nothing if the database is
/// gone or has not the rows before: then it is not the job's.
caf::error cut_back_database(const sink_context& context,
                             const sqlite_options& options,
                             const stored_rows& committed) {
  std::error_code failed;
  if (!std::filesystem::exists(options.path, failed) && !failed)
    return {};
  sqlite_store store{context, options};
  if (auto err = store.connect(true))
    return err;
  auto is_own = store.keeps(committed);
  if (!is_own)
    return is_own.error();
  if (!*is_own)
    return {};
  if (auto err = store.begin())
    return err;
  if (auto err = store.prepare(committed))
    return err;
  return store.commit(committed);
}

caf::error cut_back_sqlite(const sink_context& context,
                           const config::section& fields,
                           const sink_position& committed) {
  auto numbers = read_sqlite_position(committed, context);
  if (!numbers)
    return numbers.error();
  if (auto stored = stored_rows_in(*numbers))
    if (auto err =
          cut_back_database(context, read_sqlite_options(fields), *stored))
      return err;
  return cut_back_dead_letters(context, fields, committed);
}

/// Gives up those of the two files that are lost.
caf::expected<sink_position>
give_up(const sink_context& context, const config::section& fields,
        const sink_position& committed, uint64_t in_all) {
  auto numbers = read_sqlite_position(committed, context);
  if (!numbers)
    return numbers.error();
  auto position = committed;
  if (check_kept_dead_letters(context, fields, committed)) {
    auto without = give_up_dead_letters(context, fields, committed, in_all);
    if (!without)
      return without;
    position = *without;
    numbers = read_sqlite_position(position, context);
  }
  if (!check_database(context, fields, stored_rows_in(*numbers)))
    return position;
  if (auto err = check_database(context, fields, std::nullopt))
    return err;
  auto letters = numbers->at(dead_letters_entry);
  numbers->erase("delivery");
  numbers->erase(rows_entry);
  (*numbers)[rows_given_up_entry] = in_all - std::min(in_all, letters);
  return write_position(*numbers);
}

bool has_content(const sink_position& committed) {
  auto numbers = read_sqlite_position(committed, {});
  return has_content_by(committed)
         || (numbers && number_in(*numbers, rows_entry) > 0);
}

uint64_t given_up(const sink_position& committed) {
  auto numbers = read_sqlite_position(committed, {});
  return numbers ? number_in(*numbers, given_up_entry)
                     + number_in(*numbers, rows_given_up_entry)
                 : 0;
}

} // namespace

sink_type sqlite_sink_type() {
  return {{"sqlite",
           "Adds captures to a table of an SQLite database, one row each, each "
           "exactly once.",
           sqlite_fields(), sqlite_storage},
          make_sqlite,
          rehearse,
          check_sqlite,
          check_first_start,
          cut_back_sqlite,
          check_kept,
          give_up,
          has_content,
          given_up,
          committed_rows_in};
}

} // namespace sluice
