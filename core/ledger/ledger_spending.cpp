// What the job's batches cost, or may cost: sums over the tally.

#include "core/ledger/ledger_impl.hpp"

namespace sluice {

namespace {

void add_to(batch_sums& sums, const sqlite::statement& row) {
  sums.batches += row.count(2);
  sums.urls += row.count(3);
}

/// One line of the tally.
void add_line(spending& sums, const batch_standing& of,
              const sqlite::statement& row) {
  switch (of.state) {
    case batch_state::in_flight:
    case batch_state::running:
    case batch_state::ended:
      return add_to(sums.open, row);
    case batch_state::held:
    case batch_state::set_aside:
      return add_to(sums.unsure, row);
    case batch_state::done:
      break;
    default:
      return;
  }
  // A run that did not complete may have cost more than it reports.
  if (of.outcome != run_outcome::completed)
    return add_to(sums.unsure, row);
  sums.captured += row.count(4);
  sums.captures += row.count(5);
  sums.unmatched += row.count(6);
  sums.shortfall += row.count(7);
}

/// Batches that were held and then resubmitted by the user: their first runs
/// may exist. A batch that was held has a reason.
caf::error add_resubmitted(sqlite::database& db, batch_sums& sums) {
  static const auto resubmitted =
    "SELECT count(*), sum(url_count) FROM batch WHERE "
    + state_is({batch_state::split}) + " AND reason IS NOT NULL";
  auto row = db.use(resubmitted);
  if (row.next()) {
    sums.batches += row.count(0);
    sums.urls += row.count(1);
  }
  return row.error();
}

} // namespace

caf::expected<spending> sqlite_ledger::spent() {
  return impl_->sum_spent();
}

caf::expected<spending> sqlite_ledger::impl::sum_spent() {
  spending result;
  auto row = db->use("SELECT state, outcome, batches, urls, captured, captures,"
                     " extras, shortfall FROM tally WHERE batches > 0");
  while (row.next()) {
    auto of = read_standing(*db, row.bytes(0), row.bytes(1));
    if (!of)
      return of.error();
    add_line(result, *of, row);
  }
  if (auto err = row.error())
    return err;
  if (auto err = add_resubmitted(*db, result.unsure))
    return err;
  return result;
}

} // namespace sluice
