// A limiter of two tokens per second in virtual time, and its callers.

#pragma once

#include "actors/rate_limiter.hpp"
#include "core/base/log.hpp"
#include "tests/support/actor_fixture.hpp"

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

  caf::error update(const std::function<void(bucket_state&)>& change) override;
};

struct limiter_fixture : actor_fixture {
  std::shared_ptr<test_store> store = std::make_shared<test_store>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  rate_limiter_actor limiter;

  /// A limiter of two tokens per second whose bucket has `level` tokens above
  /// the margin.
  void start(double level, uint32_t workers, double burst = 30);

  answer_ptr<permit> want(request_kind kind);

  void report(const permit& used, bool refused, bool answered = true);

  /// Requests these in order while there is no token, then lets tokens arrive
  /// one by one. Returns the kinds in the order of their grants.
  std::vector<request_kind>
  order_of_grants(const std::vector<request_kind>& wanted);
};

/// How many times an exhausted quota was logged since `before`.
[[nodiscard]] size_t told_of_quota(const problem_record& before);

} // namespace sluice::test
