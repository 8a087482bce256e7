// Runs end, their captures are read, and checkpoints are committed.

#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>
#include <bit>

namespace sluice::test {

caf::error
memory_ledger::record_end(batch_key batch, const run_result& end,
                          const std::map<std::string, std::string>& saved) {
  return move(batch_change::end, batch, [&](memory_batch& run) {
    run.end = end;
    run.saved = saved;
  });
}

caf::error memory_ledger::give_up(batch_key batch, const std::string& reason) {
  auto* run = find(batch);
  auto is_read_in_part = run != nullptr && run->paging.next_page > 0;
  auto by = is_read_in_part ? batch_change::set_aside : batch_change::give_up;
  return move(by, batch,
              [&](memory_batch& given_up) { given_up.reason = reason; });
}

caf::error
memory_ledger::set_aside(batch_key batch, const std::string& reason) {
  return move(batch_change::set_aside, batch,
              [&](memory_batch& run) { run.reason = reason; });
}

std::vector<open_run> memory_ledger::take_runs(
  const std::function<bool(const memory_batch&)>& wanted) {
  std::vector<open_run> result;
  for (auto& [key, run] : job_->batches) {
    auto has_ended = run.state == batch_state::ended;
    if (wanted(run))
      result.push_back({key, run_ref{run.run_id, run.saved},
                        run.aged_from_ms.value_or(run.submitted_at_ms),
                        static_cast<uint32_t>(run.urls()),
                        has_ended ? run.end : std::nullopt});
  }
  job_->adopted.clear();
  return result;
}

caf::expected<std::vector<open_run>> memory_ledger::open_runs() {
  return take_runs([](const memory_batch& run) {
    return run.state == batch_state::running || run.state == batch_state::ended;
  });
}

caf::expected<std::vector<open_run>> memory_ledger::take_adopted() {
  return take_runs([&](const memory_batch& run) {
    return run.state == batch_state::running
           && job_->adopted.contains(run.batch.key);
  });
}

caf::expected<paging_start> memory_ledger::start_paging(batch_key batch) {
  auto* run = find(batch);
  if (run == nullptr || run->state != batch_state::ended)
    return wrong_state(batch, name_of(batch_state::ended));
  return paging_start{run->batch.urls, run->paging, run->seen,
                      run->batch.robot};
}

caf::error memory_ledger::commit(const checkpoint& point) {
  return change([&]() -> caf::error {
    if (point.delivery < job_->delivery)
      return misused("a checkpoint goes back to delivery "
                     + std::to_string(point.delivery));
    for (auto& run : point.runs)
      if (auto err = check(run))
        return lose_group(err);
    job_->delivery = point.delivery;
    job_->requests.polls += point.requests.polls;
    job_->requests.pages += point.requests.pages;
    job_->requests.rate_limited += point.requests.rate_limited;
    job_->dead_letters = std::max(job_->dead_letters, point.dead_letters);
    job_->elapsed += point.elapsed;
    for (size_t i = 0; i < bottlenecks; ++i)
      job_->spent[i] += point.spent[i];
    for (auto& [name, position] : point.sinks)
      job_->sinks[name] = position;
    for (auto& run : point.runs)
      record(run);
    return {};
  });
}

caf::error memory_ledger::check(const run_progress& progress) {
  auto* run = find(progress.batch);
  auto expected = "ended, with a bit of coverage for each URL";
  if (run == nullptr || run->state != batch_state::ended)
    return wrong_state(progress.batch, expected);
  auto& covered = progress.state.covered;
  size_t ones = 0;
  for (auto byte : covered)
    ones += static_cast<size_t>(std::popcount(byte));
  auto fits = covered.empty() || covered.size() == (run->urls() + 7) / 8;
  return fits && ones <= run->urls() ? caf::error{}
                                     : wrong_state(progress.batch, expected);
}

void memory_ledger::record(const run_progress& progress) {
  auto& run = *find(progress.batch);
  run.paging = progress.state;
  if (progress.done)
    return finish(run, *progress.done);
  auto& added = progress.new_identities;
  run.seen.insert(run.seen.end(), added.begin(), added.end());
  if (!progress.set_aside)
    return;
  run.state = target_of(batch_change::stop_reading);
  run.reason = *progress.set_aside;
}

/// A run that stopped at its budget, or has captures of other URLs, may have
/// captured what it seems to miss.
void memory_ledger::finish(memory_batch& run, const run_result& end) const {
  run.state = target_of(batch_change::finish);
  run.end = end;
  run.seen.clear();
  run.saved.clear();
  auto captures = std::max(run.paging.captures, end.extracted.value_or(0));
  auto budget = rule_.budget_is_urls ? run.urls() : rule_.budget;
  run.may_retry = end.outcome != run_outcome::lost && run.paging.unmatched == 0
                  && captures < budget;
  if (run.may_retry && run.retries < rule_.times)
    run.wait_for(run.round, run.retries + 1);
}

caf::expected<std::optional<sink_position>>
memory_ledger::position_of(const std::string& sink) {
  auto found = job_->sinks.find(sink);
  return found == job_->sinks.end() ? std::optional<sink_position>{}
                                    : std::optional{found->second};
}

caf::expected<uint64_t> memory_ledger::last_delivery() {
  return job_->delivery;
}

} // namespace sluice::test
