// What the job's batches cost, or may: sums over the tally.

#include "core/ledger_impl.hpp"

namespace sluice {

namespace {

void add_to(batch_sums& sums, const sqlite::statement& row) {
  sums.batches += row.count(2);
  sums.urls += row.count(3);
}

/// One line of the tally.
void add_line(spending& sums, batch_sums& split, const sqlite::statement& row) {
  auto state = row.bytes(0);
  if (state == "in_flight" || state == "running" || state == "ended")
    return add_to(sums.open, row);
  if (state == "held" || state == "set_aside")
    return add_to(sums.unsure, row);
  if (state == "split")
    return add_to(split, row);
  if (state != "done")
    return;
  // Nobody knows what a run has cost that the API does not know, or that was
  // abandoned.
  if (row.bytes(1) == "lost")
    return add_to(sums.unsure, row);
  sums.captured += row.count(4);
  sums.captures += row.count(5);
  sums.extras += row.count(6);
  sums.shortfall += row.count(7);
}

} // namespace

caf::expected<spending> ledger::spent() {
  return impl_->sum_spent();
}

caf::expected<spending> ledger::impl::sum_spent() {
  spending result;
  batch_sums split;
  auto row = db->use("SELECT state, outcome, batches, urls, captured, captures,"
                     " extras, shortfall FROM tally WHERE batches > 0");
  while (row.next())
    add_line(result, split, row);
  if (auto err = row.error())
    return err;
  if (auto err = count_resubmitted(split.batches))
    return err;
  result.unsure.batches += resubmitted.batches;
  result.unsure.urls += resubmitted.urls;
  result.open.batches += handed_out.size();
  for (auto& [key, urls] : handed_out)
    result.open.urls += urls;
  return result;
}

/// Those that were held have a reason. They are looked for only when batches
/// were split in another way than by `divide`.
caf::error ledger::impl::count_resubmitted(uint64_t all_splits) {
  if (splits == all_splits)
    return {};
  auto row = db->use("SELECT count(*), sum(url_count) FROM batch"
                     " WHERE state = 'split' AND reason IS NOT NULL");
  if (row.next()) {
    resubmitted = {row.count(0), row.count(1)};
    splits = all_splits;
  }
  return row.error();
}

} // namespace sluice
