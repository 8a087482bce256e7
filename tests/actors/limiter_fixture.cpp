#include "tests/actors/limiter_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace sluice::test {

caf::error
test_store::update(const std::function<void(bucket_state&)>& change) {
  if (!failure)
    change(state);
  return failure;
}

void limiter_fixture::start(double level, uint32_t workers, double burst) {
  // Equal delays leave no margin. Without any delays, the margin is two tokens.
  store->state.level = level;
  store->state.at = now();
  bucket_limits limits{2, burst, 15s, 10min};
  limiter = spawn(rate_limiter, rate_limiter_config{limits, store, counters});
  for (auto i = 0; i < 8; ++i)
    tell(limiter, request_report{{poll, now()}, false, true, 100ms, 0s});
  tell(limiter, atoms::idle_atom::value, workers - 8);
}

answer_ptr<permit> limiter_fixture::want(request_kind kind) {
  return ask<permit>(limiter, atoms::permit_atom::value, kind);
}

void limiter_fixture::report(const permit& used, bool refused, bool answered) {
  tell(limiter, request_report{used, refused, answered, 100ms, 0s});
}

std::vector<request_kind>
limiter_fixture::order_of_grants(const std::vector<request_kind>& wanted) {
  std::vector<answer_ptr<permit>> open;
  for (auto kind : wanted)
    open.push_back(want(kind));
  std::vector<request_kind> order;
  for (size_t i = 0; i < wanted.size(); ++i) {
    advance(500ms);
    for (auto& entry : open)
      if (entry && entry->value) {
        order.push_back(entry->value->kind);
        entry.reset();
      }
  }
  return order;
}

size_t told_of_quota(const problem_record& before) {
  auto kept = recent_problems();
  auto fresh = kept.warnings - before.warnings;
  REQUIRE(fresh <= kept.latest.size());
  auto is_told = [](auto& problem) { return problem.event == "quota_empty"; };
  return static_cast<size_t>(
    std::count_if(kept.latest.end() - static_cast<std::ptrdiff_t>(fresh),
                  kept.latest.end(), is_told));
}

} // namespace sluice::test
