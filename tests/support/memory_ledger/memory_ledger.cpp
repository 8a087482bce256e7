// The memory ledger as a whole: groups of changes, and a start of the job.

#include "tests/support/memory_ledger/memory_ledger.hpp"

#include <algorithm>

namespace sluice::test {

memory_batch& memory_ledger::put(batch_key key,
                                 const std::vector<std::string>& urls,
                                 batch_state state) {
  job_->imported = true;
  auto& added = job_->batches[key];
  added = {};
  added.batch.key = key;
  added.batch.robot = "robot";
  added.batch.urls = urls;
  added.state = state;
  return added;
}

caf::error memory_ledger::begin_group() {
  before_ = *job_;
  return {};
}

caf::error memory_ledger::end_group() {
  before_.reset();
  return std::exchange(lost_, {});
}

caf::error memory_ledger::lose_group(const caf::error& reason) {
  if (before_) {
    auto changes = job_->changes;
    *job_ = *before_;
    job_->changes = changes;
    lost_ = reason;
  }
  return reason;
}

std::string_view memory_ledger::origin_of(batch_change by) {
  for (auto& row : batch_transitions)
    if (row.by == by)
      return name_of(row.from);
  return {};
}

caf::error
memory_ledger::wrong_state(batch_key key, std::string_view expected, ec code) {
  auto* found = find(key);
  auto is = found == nullptr ? "unknown" : name_of(found->state);
  return make_error(code, "batch " + std::to_string(key) + " is "
                            + std::string{is} + " where it should be "
                            + std::string{expected});
}

caf::error memory_ledger::misused(const std::string& what) {
  return make_error(ec::internal, what);
}

uint64_t memory_ledger::count_in(batch_state state) const {
  return static_cast<uint64_t>(
    std::count_if(job_->batches.begin(), job_->batches.end(),
                  [&](auto& entry) { return entry.second.state == state; }));
}

} // namespace sluice::test
