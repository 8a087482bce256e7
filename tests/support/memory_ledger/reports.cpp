// What the memory ledger reports: the account, rounds and places.

#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>

namespace sluice::test {

namespace {

void add_run(account& sums, const memory_batch& run) {
  auto has_run = !run.run_id.empty();
  sums.runs += has_run ? 1 : 0;
  switch (run.state) {
    case batch_state::running:
    case batch_state::ended:
      ++sums.open_runs;
      break;
    case batch_state::held:
      ++sums.held_batches;
      break;
    case batch_state::set_aside:
      ++sums.set_aside_runs;
      break;
    default:
      break;
  }
  if (has_run && run.state != batch_state::held
      && run.state != batch_state::split)
    sums.bought += run.urls();
  sums.captures += run.paging.captures;
  sums.unmatched += run.paging.unmatched;
  sums.repeated += run.paging.repeated;
  sums.shortfall += run.shortfall();
}

void add(batch_sums& sums, const memory_batch& run) {
  ++sums.batches;
  sums.urls += run.urls();
}

std::string name_of_run(const memory_batch& run) {
  return run.run_id.empty() ? "batch " + std::to_string(run.batch.key)
                            : run.run_id;
}

} // namespace

caf::expected<account> memory_ledger::report() {
  account sums;
  if (!job_->imported)
    return sums;
  sums.invalid = job_->counts.invalid;
  sums.duplicate = job_->counts.duplicates;
  sums.requests = job_->requests;
  sums.dead_letters = job_->dead_letters;
  sums.elapsed = job_->elapsed;
  sums.spent = job_->spent;
  for (auto& [key, run] : job_->batches) {
    add_run(sums, run);
    if (run.state == batch_state::split)
      continue; // its URLs are those of other batches
    sums.captured += run.captured();
    sums.pending += run.to_retry;
    sum_of(sums, run.uncaptured()) += run.left();
  }
  sums.rounds = rounds();
  return sums;
}

std::vector<round_report> memory_ledger::rounds() const {
  std::vector<round_report> result;
  if (job_->rounds.empty())
    return result;
  result.emplace_back().urls = job_->counts.urls;
  for (auto& begun : job_->rounds) {
    auto& round = result.emplace_back();
    round.number = result.size() - 1;
    round.begun_at_ms = begun.begun_ms;
    round.taken = begun.taken;
    round.urls = begun.taken.total();
  }
  for (auto& [key, run] : job_->batches) {
    auto& round = result[run.round];
    round.runs += run.run_id.empty() ? 0 : 1;
    round.captures += run.paging.captures;
    if (run.state == batch_state::split)
      continue;
    round.captured += run.captured();
    sum_of(round, run.uncaptured()) += run.left() + run.again;
  }
  for (auto& round : result)
    round.pending = round.urls
                    - (round.captured + round.missing + round.failed
                       + round.rejected + round.held + round.set_aside);
  return result;
}

spending memory_ledger::sum_spent() const {
  spending sums;
  for (auto& [key, run] : job_->batches)
    switch (run.state) {
      case batch_state::in_flight:
      case batch_state::running:
      case batch_state::ended:
        add(sums.open, run);
        break;
      case batch_state::held:
      case batch_state::set_aside:
        add(sums.unsure, run);
        break;
      case batch_state::split:
        if (run.reason) // it was held, so its run may exist
          add(sums.unsure, run);
        break;
      case batch_state::done:
        if (run.end->outcome != run_outcome::completed) {
          add(sums.unsure, run);
          break;
        }
        sums.captured += run.captured();
        sums.captures += run.paging.captures;
        sums.unmatched += run.paging.unmatched;
        sums.shortfall += run.shortfall();
        break;
      default:
        break;
    }
  return sums;
}

caf::expected<spending> memory_ledger::spent() {
  return sum_spent();
}

caf::expected<bought_work> memory_ledger::work_in_hand(size_t named) {
  bought_work work;
  std::map<batch_state, bought_batches*> by_state{
    {batch_state::running, &work.open},
    {batch_state::ended, &work.unread},
    {batch_state::in_flight, &work.unsure},
    {batch_state::held, &work.held},
    {batch_state::set_aside, &work.set_aside}};
  for (auto& [key, run] : job_->batches) {
    auto found = by_state.find(run.state);
    if (found == by_state.end())
      continue;
    auto& sums = *found->second;
    ++sums.batches;
    sums.urls += run.urls();
    auto reported = run.end ? run.end->extracted : std::nullopt;
    sums.captures += reported.value_or(run.urls());
    if (sums.names.size() < named)
      sums.names.push_back(name_of_run(run));
  }
  return work;
}

caf::expected<bought_batches> memory_ledger::delivered_runs(size_t named) {
  bought_batches sums;
  for (auto& [key, run] : job_->batches) {
    if (run.run_id.empty() || run.paging.captures == 0)
      continue;
    ++sums.batches;
    sums.urls += run.urls();
    sums.captures += run.paging.captures;
    if (sums.names.size() < named)
      sums.names.push_back(run.run_id);
  }
  return sums;
}

} // namespace sluice::test
