// Handing out batches in the memory ledger: first those to repeat, then planned
// ones within the limits, cut if need be. ledger_handing_out.cpp does the same
// in SQL.

#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>

namespace sluice::test {

caf::expected<std::optional<url_batch>> memory_ledger::next_planned() {
  if (!job_->imported)
    return std::optional<url_batch>{};
  if (lost_)
    return lost_;
  limited_by_.clear();
  if (!to_repeat_.empty())
    return std::optional{take_repeat()};
  if (auto err = divide_bad())
    return err;
  share_left_over(false);
  auto* next = first_free();
  while (next == nullptr && (share_left_over(true) || plan_retry()))
    next = first_free();
  if (next != nullptr)
    return within_limits(*next);
  if (limits_.urls_used_up() && (free_batches() > 0 || waits(false)))
    limited_by_ = limits_.text(submit_limit::urls, {});
  return std::optional<url_batch>{};
}

caf::expected<uint64_t> memory_ledger::planned_left() {
  auto used_up = limits_.urls_used_up();
  auto decided = !used_up && waits(true);
  return to_repeat_.size() + free_batches(used_up) + (decided ? 1 : 0);
}

void memory_ledger::limit_submits(submit_limits limits) {
  limits_ = std::move(limits);
}

const std::string& memory_ledger::limited_by() const noexcept {
  return limited_by_;
}

url_batch memory_ledger::take_repeat() {
  auto key = to_repeat_.front();
  to_repeat_.pop_front();
  return find(key)->batch;
}

bool memory_ledger::is_free(const memory_batch& found,
                            bool submitted_only) const {
  auto key = found.batch.key;
  return found.state == batch_state::planned && handed_out_.count(key) == 0
         && !search_.keeps(key)
         && (!submitted_only || submitted_before_.count(key) > 0);
}

uint64_t memory_ledger::free_batches(bool submitted_only) const {
  return static_cast<uint64_t>(
    std::count_if(job_->batches.begin(), job_->batches.end(), [&](auto& entry) {
      auto& [key, found] = entry;
      auto is_kept = found.state == batch_state::planned && search_.keeps(key);
      return is_free(found, submitted_only) || (is_kept && !submitted_only);
    }));
}

/// The one that was divided most often; of several, that with the lowest key.
memory_batch* memory_ledger::first_free() {
  memory_batch* result = nullptr;
  for (auto& [key, found] : job_->batches)
    if (is_free(found, limits_.urls_used_up())
        && (result == nullptr || found.batch.depth > result->batch.depth))
      result = &found;
  return result;
}

spending memory_ledger::committed() const {
  auto sums = sum_spent();
  sums.open.batches += handed_out_.size();
  for (auto key : handed_out_)
    sums.open.urls += job_->batches.at(key).urls();
  return sums;
}

caf::expected<std::optional<url_batch>>
memory_ledger::within_limits(const memory_batch& next) {
  auto key = next.batch.key;
  auto size = next.urls();
  auto counts = submitted_before_.count(key) == 0;
  auto sums = limits_.credits() ? committed() : spending{};
  auto share = limits_.share_of(size, counts, sums);
  limited_by_ = limits_.text(share.kept_by, sums);
  if (share.urls == 0)
    return std::optional<url_batch>{};
  if (share.urls < size) {
    auto parts = divide(batch_change::cut, key, 0, share.urls);
    if (!parts)
      return parts.error();
    search_.ended(key);
    if (submitted_before_.erase(key) > 0)
      submitted_before_.insert({parts->first, parts->second});
    key = parts->first;
  }
  handed_out_.insert(key);
  if (counts)
    limits_.took(share.urls);
  auto batch = find(key)->batch;
  batch.ticket.reset(); // of an earlier submit, which created nothing
  return std::optional{std::move(batch)};
}

} // namespace sluice::test
