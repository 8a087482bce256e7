// The search for bad URLs, as core/ledger/ledger_search.cpp does it.

#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>

namespace sluice::test {

bool memory_ledger::any_run() const {
  return std::any_of(job_->batches.begin(), job_->batches.end(),
                     [](auto& entry) { return !entry.second.run_id.empty(); });
}

caf::error memory_ledger::narrow(batch_key batch, const std::string& message) {
  return test_part(batch_change::split, batch, message, !any_run());
}

caf::error memory_ledger::divide_bad() {
  while (auto bad = search_.to_divide())
    if (auto err = test_part(batch_change::regroup, *bad, {}, false))
      return err;
  return {};
}

caf::error memory_ledger::test_part(batch_change by, batch_key batch,
                                    std::string_view message, bool is_first) {
  auto* whole = find(batch);
  if (whole == nullptr)
    return wrong_state(batch, origin_of(by));
  if (whole->urls() < 2)
    return misused("a bad URL is searched for in a batch of one");
  std::optional<bad_url_search::kinship> kin;
  if (!whole->is_resubmitted)
    kin = {whole->batch.robot, whole->round, whole->retries};
  auto urls = whole->urls();
  auto tested = search_.part_to_test(whole->batch.urls, message, is_first);
  auto parts = divide(by, batch, tested.begin, tested.end);
  if (!parts)
    return parts.error();
  submitted_before_.erase(batch);
  submitted_before_.insert({parts->first, parts->second});
  search_.divided(batch, parts->first,
                  {parts->second, urls - tested.size(), std::move(kin)},
                  tested.is_named);
  return {};
}

bool memory_ledger::share_left_over(bool all) {
  auto parts = search_.to_share(rule_.urls_per_run, all);
  if (parts.size() > 1)
    pool_parts(parts);
  search_.release(parts);
  return !parts.empty();
}

void memory_ledger::pool_parts(const std::vector<bad_url_search::part>& parts) {
  std::vector<std::string> urls;
  memory_batch origin;
  origin.batch.robot = parts.front().kin->robot;
  origin.round = parts.front().kin->round;
  origin.retries = parts.front().kin->retries;
  for (auto& part : parts) {
    auto& pooled = *find(part.key);
    pooled.state = target_of(batch_change::regroup);
    for (auto url : pooled.batch.urls)
      urls.emplace_back(url);
    submitted_before_.erase(part.key);
  }
  submitted_before_.insert(add_part(origin, 1, urls));
}

} // namespace sluice::test
