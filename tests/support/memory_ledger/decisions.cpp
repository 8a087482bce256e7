// Decisions of the user in the memory ledger: adopt, abandon, submit again.

#include "tests/support/memory_ledger/memory_ledger.hpp"

namespace sluice::test {

caf::expected<url_batch> memory_ledger::held_batch(batch_key batch) {
  auto* held = find(batch);
  if (held == nullptr || held->state != batch_state::held)
    return wrong_state(batch, name_of(batch_state::held), ec::usage);
  auto& [key, robot, urls, depth, ticket] = held->batch;
  return url_batch{key, robot, urls, depth};
}

caf::expected<std::vector<held_submit>>
memory_ledger::held_submits(size_t limit) {
  std::vector<held_submit> result;
  for (auto& [key, held] : job_->batches)
    if (held.state == batch_state::held && held.run_id.empty()
        && result.size() < limit)
      result.push_back(
        {key, held.batch.robot, held.batch.urls, held.submitted_at_ms});
  return result;
}

caf::expected<bool> memory_ledger::knows_run(const std::string& run_id) {
  for (auto& [key, run] : job_->batches)
    if (run.run_id == run_id)
      return true;
  return false;
}

caf::error memory_ledger::adopt(batch_key batch, const std::string& run_id,
                                int64_t now_ms) {
  if (auto err = taken_run(batch, run_id, ec::usage))
    return err;
  auto apply = [&](memory_batch& run) {
    run.run_id = run_id;
    run.aged_from_ms = now_ms;
    run.reason.reset();
    job_->adopted.insert(batch);
  };
  return move(batch_change::adopt, batch, apply, ec::usage);
}

caf::expected<bool> memory_ledger::adopt_found(batch_key batch,
                                               const std::string& run_id,
                                               int64_t now_ms) {
  if (count_in(batch_state::in_flight) > 0)
    return false;
  auto err = adopt(batch, run_id, now_ms);
  if (err && code_of(err) != ec::usage)
    return err;
  return !err;
}

caf::error memory_ledger::resubmit(batch_key batch) {
  auto apply = [&](memory_batch& held) {
    auto part = add_part(held, held.batch.depth,
                         {held.batch.urls.begin(), held.batch.urls.end()});
    find(part)->is_resubmitted = true;
  };
  return move(batch_change::resubmit, batch, apply, ec::usage);
}

caf::error memory_ledger::abandon(batch_key batch) {
  auto apply = [](memory_batch& run) {
    auto extracted = run.end ? run.end->extracted : std::nullopt;
    run.end = run_result{run_outcome::lost, "abandoned by the user", extracted};
    run.seen.clear();
    run.saved.clear();
  };
  return move(batch_change::abandon, batch, apply, ec::usage);
}

caf::error memory_ledger::read_again(batch_key batch, int64_t now_ms) {
  auto apply = [&](memory_batch& run) {
    run.reason.reset();
    run.paging.listings = 0;
    run.aged_from_ms = now_ms;
    job_->adopted.insert(batch);
  };
  return move(batch_change::read_again, batch, apply, ec::usage);
}

caf::expected<bool> memory_ledger::changed_beside() {
  auto of_others = job_->changes - own_changes_;
  return std::exchange(seen_changes_, of_others) != of_others;
}

} // namespace sluice::test
