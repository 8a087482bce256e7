#include "actors/sinks/postgres_probe.hpp"

#include "actors/sinks/postgres_table.hpp"

namespace sluice {

probe_result probe_postgres(const postgres_options& options,
                            std::chrono::milliseconds limit) {
  auto where = dsn_of(options);
  if (!where)
    return {probe_state::failure, what_of(where.error())};
  auto db = postgres::connection::open(*where, {limit, limit, limit});
  if (!db)
    return {probe_state::failure,
            what_of(db.error())
              + "; check that the database is running, and check 'dsn'"};
  auto missing = postgres_table{options}.missing_sql(**db);
  if (!missing)
    return {probe_state::failure, what_of(missing.error())};
  if (!missing->empty() && !options.create)
    return {probe_state::failure,
            "the database has not all that the sink writes to; set 'create: "
            "true', or run: "
              + *missing};
  auto found =
    (*db)->name() + " can be reached and "
    + (missing->empty() ? "has the table" : "the job will run: " + *missing);
  if ((*db)->is_exposed())
    return {probe_state::warning,
            found
              + "; the connection does not check whom it talks to: write "
                "sslmode=verify-full into 'dsn'"};
  return {probe_state::ok, found + "; nothing was changed"};
}

} // namespace sluice
