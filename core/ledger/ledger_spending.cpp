// What the job's batches cost, or may: sums over the tally.

#include "core/ledger/ledger_impl.hpp"

namespace sluice {

namespace {

void add_to(batch_sums& sums, const sqlite::statement& row) {
  sums.batches += row.count(2);
  sums.urls += row.count(3);
}

/// One line of the tally.
void add_line(spending& sums, const sqlite::statement& row) {
  auto state = row.bytes(0);
  if (state == "in_flight" || state == "running" || state == "ended")
    return add_to(sums.open, row);
  if (state == "held" || state == "set_aside")
    return add_to(sums.unsure, row);
  if (state != "done")
    return;
  // A run that did not complete may have cost more than it reports.
  if (row.bytes(1) != "completed")
    return add_to(sums.unsure, row);
  sums.captured += row.count(4);
  sums.captures += row.count(5);
  sums.extras += row.count(6);
  sums.shortfall += row.count(7);
}

/// Batches that were held and then submitted again by the user's decision:
/// their first runs may exist. Those that were held have a reason.
caf::error add_resubmitted(sqlite::database& db, batch_sums& sums) {
  auto row = db.use("SELECT count(*), sum(url_count) FROM batch"
                    " WHERE state = 'split' AND reason IS NOT NULL");
  if (row.next()) {
    sums.batches += row.count(0);
    sums.urls += row.count(1);
  }
  return row.error();
}

} // namespace

caf::expected<spending> ledger::spent() {
  return impl_->sum_spent();
}

caf::expected<spending> ledger::impl::sum_spent() {
  spending result;
  auto row = db->use("SELECT state, outcome, batches, urls, captured, captures,"
                     " extras, shortfall FROM tally WHERE batches > 0");
  while (row.next())
    add_line(result, row);
  if (auto err = row.error())
    return err;
  if (auto err = add_resubmitted(*db, result.unsure))
    return err;
  return result;
}

} // namespace sluice
