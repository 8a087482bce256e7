// A limiter of two tokens per second in virtual time, and its callers.

#pragma once

#include "actors/rate_limiter.hpp"
#include "core/base/log.hpp"
#include "tests/support/actor_fixture.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace sluice::test {

using namespace std::chrono_literals;

inline constexpr auto submit = request_kind::submit;
inline constexpr auto page = request_kind::page;
inline constexpr auto poll = request_kind::poll;

/// A store that can fail.
struct test_store final : bucket_store {
  bucket_state state;
  caf::error failure;

  caf::error update(const std::function<void(bucket_state&)>& change) override {
    if (!failure)
      change(state);
    return failure;
  }
};

struct limiter_fixture : actor_fixture {
  std::shared_ptr<test_store> store = std::make_shared<test_store>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  rate_limiter_actor limiter;

  /// A limiter of two tokens per second whose bucket has `level` tokens above
  /// the margin.
  void start(double level, uint32_t workers, double burst = 30) {
    // Equal delays leave no margin. Without any the margin is two tokens.
    store->state.level = level;
    store->state.at = now();
    bucket_limits limits{2, burst, 15s, 10min};
    limiter = spawn(rate_limiter, rate_limiter_config{limits, store, counters});
    for (auto i = 0; i < 8; ++i)
      tell(limiter, request_report{{poll, now()}, false, true, 100ms, 0s});
    tell(limiter, atoms::idle_atom::value, workers - 8);
  }

  answer_ptr<permit> want(request_kind kind) {
    return ask<permit>(limiter, atoms::permit_atom::value, kind);
  }

  void report(const permit& used, bool refused, bool answered = true) {
    tell(limiter, request_report{used, refused, answered, 100ms, 0s});
  }

  /// Requests these in order while there is no token, then lets tokens arrive
  /// one by one. Returns the kinds in the order of their grants.
  std::vector<request_kind>
  order_of_grants(const std::vector<request_kind>& wanted) {
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
};

/// How often an exhausted quota has been logged since `before`.
inline size_t told_of_quota(const problem_record& before) {
  auto kept = recent_problems();
  auto fresh = kept.warnings - before.warnings;
  REQUIRE(fresh <= kept.latest.size());
  auto is_told = [](auto& problem) { return problem.event == "quota_empty"; };
  return static_cast<size_t>(
    std::count_if(kept.latest.end() - static_cast<std::ptrdiff_t>(fresh),
                  kept.latest.end(), is_told));
}

} // namespace sluice::test
