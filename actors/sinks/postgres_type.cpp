// The registry's entry for the sink `postgres`: its page in the manual, and its
// checks.

#include "actors/sinks/dead_letter_log.hpp"
#include "actors/sinks/null.hpp"
#include "actors/sinks/postgres.hpp"
#include "actors/sinks/postgres_probe.hpp"
#include "actors/sinks/row_counts.hpp"
#include "actors/sinks/sink_list.hpp"

namespace sluice {

namespace {

constexpr const char* postgres_storage =
  R"(Each capture becomes a row with the `columns`, the capture itself, and `sluice_job` and `sluice_delivery`, which
tell the rows of a job and of a delivery. The table `sluice_sink` in the same schema has the position of each job and
sink. It changes in the same transaction as the rows of a page, so a crash neither loses nor repeats a row. A job does
not continue in a database that has lost rows of it, such as a restored backup, nor with a ledger that is older than the
start that wrote the rows. Of two processes that run the same job, the one that began first stops with exit code 5.

| type of the column | column that `create` makes | columns that are accepted |
|---|---|---|
| `text` | `text` | strings, enumerations, `uuid` |
| `integer`, `number` | `numeric` | numbers, strings |
| `boolean` | `boolean` | `boolean`, strings |
| `time` | `timestamptz` | `timestamptz`, strings |
| `json` | `json` | `json`, `jsonb`, strings |

A capture of type `json`, `text` or `bytea` is stored byte for byte; `bytea` also takes invalid UTF-8. `jsonb` reorders
members, drops all but the last of those with one name, and refuses `\u0000`. A number with more than 1,000 digits or an
exponent beyond -16,383 to 131,071 is refused before it is sent, with the code `refused`.

| the database answers | what follows |
|---|---|
| SQLSTATE 22…, 23…, 44000, 54000, 54001 or P0001 to a row | the row alone goes to `dead_letter`, with the SQLSTATE; without that file, the job stops with exit code 5 |
| 08…, 25006, 25P03, 40001, 40P01, 53…, 55P03, 57P0…, or not at all | the page is stored again after growing pauses, once |
| anything else, such as 42P01 (no such table) or 28P01 (wrong password) | the job stops with exit code 5; nothing is lost, and the same command continues the job |

With `mode: upsert`, the rows of a job that a crash left behind are replaced by what is delivered next. Among jobs that
write the same keys, the last one to deliver wins.
)";

std::unique_ptr<sink>
make_postgres(const sink_context& context, const config::section& fields) {
  return make_postgres_sink(context, read_postgres_options(fields));
}

caf::error
check_postgres(const sink_context& context, const config::section& fields) {
  return check_postgres_options(context, read_postgres_options(fields));
}

/// A database that is not the job's, or not any more, is left alone.
caf::error cut_back_postgres(const sink_context& context,
                             const config::section& fields,
                             const sink_position& committed) {
  auto err = cut_back_rows(context, read_postgres_options(fields), committed);
  if (err && code_of(err) != ec::disk)
    return err;
  return cut_back_dead_letters(context, fields, committed);
}

probe_result probe_postgres_sink(const sink_context&,
                                 const config::section& fields,
                                 std::chrono::milliseconds limit) {
  return probe_postgres(read_postgres_options(fields), limit);
}

} // namespace

sink_type postgres_sink_type() {
  return {{"postgres",
           "Adds captures to a table of a PostgreSQL database, one row each, "
           "each exactly once.",
           postgres_fields(), postgres_storage},
          make_postgres,
          make_null_sink,
          check_postgres,
          check_first_dead_letters,
          cut_back_postgres,
          check_kept_dead_letters,
          give_up_dead_letters,
          has_content_by,
          given_up_in,
          committed_rows_in,
          probe_postgres_sink};
}

} // namespace sluice
