// Retries in the memory ledger: URLs are submitted again because of
// runs.retry_missing, or in a round begun with --retry.

#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::test {

/// Batches whose waiting URLs may share a run.
struct memory_ledger::pool {
  std::vector<memory_batch*> batches;
  bool own = false; ///< submitted by this process before
};

caf::error memory_ledger::retry_missing_by(retry_rule rule) {
  rule_ = rule;
  return change([&]() -> caf::error {
    if (std::exchange(job_->retry_times, rule_.times) == rule_.times)
      return {};
    for (auto& [key, run] : job_->batches) {
      if (run.next_retries > 0) // the user's decisions stay
        run.to_retry = 0;
      if (run.state == batch_state::done && run.may_retry
          && run.retries < rule_.times && run.to_retry == 0)
        run.wait_for(run.round, run.retries + 1);
    }
    return {};
  });
}

bool memory_ledger::waits(bool decided_only) const {
  return std::any_of(
    job_->batches.begin(), job_->batches.end(), [&](auto& entry) {
      auto& run = entry.second;
      return run.to_retry > 0 && (!decided_only || run.next_retries == 0);
    });
}

/// A pool of the rule needs `least` URLs; one of a decision is ready at once.
std::optional<memory_ledger::pool>
memory_ledger::ready_pool(std::optional<bool> own, uint64_t least) {
  std::map<std::tuple<std::string, uint64_t, uint32_t, std::string_view>, pool>
    pools;
  for (auto& [key, run] : job_->batches)
    if (run.to_retry > 0 && (!own || *own == (run.worker == worker_)))
      pools[{run.batch.robot, run.next_round, run.next_retries,
             name_of(run.state)}]
        .batches.push_back(&run);
  for (auto& [with, found] : pools) {
    uint64_t urls = 0;
    for (auto* run : found.batches)
      urls += run->to_retry;
    if (urls >= least || std::get<2>(with) == 0)
      return pool{found.batches, own.value_or(false)};
  }
  return std::nullopt;
}

/// A small pool waits while a run may add to it. Batches that the limit keeps
/// back add nothing in this start.
std::optional<memory_ledger::pool> memory_ledger::ready_pool() {
  auto used_up = limits_.urls_used_up();
  if (used_up && rule_.times == 0)
    return std::nullopt;
  auto all_kept = used_up && submitted_before_.empty() && handed_out_.empty();
  auto busy = count_in(batch_state::in_flight) + count_in(batch_state::running)
              + count_in(batch_state::ended)
              + (all_kept ? 0 : count_in(batch_state::planned));
  auto least = busy > 0 ? rule_.urls_per_run : 1;
  if (!limits_.counts_urls())
    return ready_pool(std::nullopt, least);
  if (!used_up)
    if (auto found = ready_pool(false, least))
      return found;
  return ready_pool(true, least);
}

bool memory_ledger::plan_retry() {
  auto ready = ready_pool();
  if (!ready)
    return false;
  std::vector<std::string> urls;
  memory_batch origin;
  origin.batch.robot = ready->batches[0]->batch.robot;
  origin.round = ready->batches[0]->next_round;
  origin.retries = ready->batches[0]->next_retries;
  for (auto* run : ready->batches) {
    auto missed = run->urls_that(false);
    while (run->to_retry > 0 && urls.size() < rule_.urls_per_run) {
      urls.push_back(missed[run->retried++]);
      --run->to_retry;
    }
  }
  auto key = add_part(origin, 0, urls);
  if (ready->own)
    submitted_before_.insert(key);
  return true;
}

std::set<uint64_t> memory_ledger::unfinished_rounds() const {
  std::set<uint64_t> result;
  for (auto& [key, run] : job_->batches) {
    if (run.state != batch_state::split
        && run.uncaptured() == url_state::pending)
      result.insert(run.round);
    if (run.to_retry > 0)
      result.insert(run.next_round);
  }
  result.erase(0);
  return result;
}

namespace {

/// nullptr for URLs that cannot be submitted again.
uint64_t* count_of(retry_counts& counts, const memory_batch& run) {
  if (run.state == batch_state::rejected)
    return &counts.rejected;
  if (run.state != batch_state::done)
    return nullptr;
  return run.uncaptured() == url_state::missing ? &counts.missing
                                                : &counts.failed;
}

bool is_wanted(const retry_kinds& kinds, const memory_batch& run) {
  return run.state == batch_state::rejected       ? kinds.rejected
         : run.uncaptured() == url_state::missing ? kinds.missing
                                                  : kinds.failed;
}

} // namespace

caf::expected<begun_round>
memory_ledger::begin_round(const retry_kinds& kinds, int64_t now_ms) {
  begun_round result;
  auto err = change([&]() -> caf::error {
    auto unfinished = unfinished_rounds();
    auto round = job_->rounds.size() + 1;
    for (auto& [key, run] : job_->batches) {
      auto* count = count_of(result.taken, run);
      auto left = run.left();
      if (count == nullptr || left == 0 || !is_wanted(kinds, run)
          || unfinished.contains(run.round))
        continue;
      *count += left;
      if (count == &result.taken.missing && run.paging.unmatched > 0)
        result.beside_unmatched += left;
      run.again += left;
      run.wait_for(round, 0);
    }
    if (result.taken.total() > 0)
      job_->rounds.push_back({now_ms, result.taken});
    return {};
  });
  if (err)
    return err;
  return result;
}

} // namespace sluice::test
