// How a job spends its time according to the stages, in jobs where one cause
// dominates.

#include "tests/actors/stages_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <numeric>

using namespace sluice;
using namespace sluice::test;

namespace {

struct time_fixture : stages_fixture {
  time_point begun, ended;

  /// Runs take this long, `max_concurrent` at a time, in order.
  void runs_take(duration time) {
    api->on_submit = [=, this](const submit_order&) {
      auto id = "run_" + std::to_string(api->submits.size());
      auto slot = std::min_element(slots_.begin(), slots_.end());
      *slot = std::max(*slot, now()) + time;
      ends_[id] = *slot;
      return accepted_as(id);
    };
    api->on_status = [this](const run_ref& run) {
      return status_of(now() < ends_.at(run.id) ? run_phase::active
                                                : run_phase::done);
    };
    slots_.assign(runs.max_concurrent, time_point{});
  }

  void begin() {
    begun = now();
    start();
  }

  /// Runs until everything is done, but at most `limit`.
  void go_on(duration limit) {
    while (boss->finished == 0 && now() < begun + limit)
      advance(100ms);
    ended = now();
  }

  void run_job(duration limit) {
    begin();
    go_on(limit);
  }

  [[nodiscard]] uint32_t share_of(bottleneck cause) {
    time_spent spent{};
    auto totals = counters->time.totals(ended);
    for (size_t i = 0; i < bottlenecks; ++i)
      spent[i] =
        std::chrono::duration_cast<std::chrono::milliseconds>(totals[i]);
    auto sum = std::accumulate(totals.begin(), totals.end(), duration{0});
    CHECK(sum == ended - begun);
    for (size_t i = 0; i < bottlenecks; ++i)
      UNSCOPED_INFO(name_of(static_cast<bottleneck>(i))
                    << ' ' << spent[i].count() << " ms");
    return per_cent(spent)[static_cast<size_t>(cause)];
  }

private:
  std::vector<time_point> slots_;
  std::map<std::string, time_point> ends_;
};

} // namespace

TEST_CASE_METHOD(time_fixture, "a job of many short runs waits for tokens") {
  runs.max_concurrent = 100;
  runs_take(5s);
  store->plan_singles(300);
  run_job(1h);
  CHECK(boss->finished == 1);
  // The rest are moments with nothing to request.
  CHECK(share_of(bottleneck::tokens) >= 75);
}

TEST_CASE_METHOD(time_fixture,
                 "a job of long runs in one slot waits for the slot "
                 "and at the end for the last runs") {
  runs.max_concurrent = 1;
  runs.queue_ahead = 1;
  runs_take(60s);
  store->plan_singles(20);
  run_job(2h);
  CHECK(boss->finished == 1);
  // The last two of twenty runs wait for no slot because nothing is left to
  // submit.
  CHECK(share_of(bottleneck::slots) >= 85);
  CHECK(share_of(bottleneck::runs) >= 8);
  CHECK(share_of(bottleneck::runs) <= 12);
}

TEST_CASE_METHOD(time_fixture,
                 "a job that fills its slots exactly waits for its "
                 "last runs from the start") {
  runs_take(10min);
  store->plan_singles(slots);
  run_job(2h);
  CHECK(boss->finished == 1);
  CHECK(share_of(bottleneck::runs) >= 98);
  CHECK(share_of(bottleneck::slots) == 0);
}

TEST_CASE_METHOD(time_fixture,
                 "a job whose sink accepts nothing waits for it, with "
                 "or without remaining batches") {
  auto left = GENERATE(true, false);
  store->plan_singles(left ? 100 : 5);
  begin();
  sink->acks = false;
  go_on(1h);
  CHECK(boss->finished == 0);
  CHECK(share_of(bottleneck::sinks) >= 95);
}

TEST_CASE_METHOD(
  time_fixture,
  "a job whose window is full waits for the sink even during a run") {
  store->plan_singles(2);
  api->on_status = [](const run_ref& run) {
    return status_of(run.id == "run_1" ? run_phase::done : run_phase::active);
  };
  // An endless listing.
  api->on_page = [](const page_order& order) {
    auto page = order.cursor.empty() ? 0 : std::stoi(order.cursor);
    return page_with({order.run.id + order.cursor}, std::to_string(page + 1),
                     page_bytes);
  };
  begin();
  sink->acks = false;
  go_on(10min);
  CHECK(counters->window_bytes == window);
  CHECK(share_of(bottleneck::sinks) >= 90);
}

TEST_CASE_METHOD(time_fixture,
                 "an API that answers 429 to everything costs time "
                 "in backoff") {
  store->plan_singles(10);
  api->on_submit = [](const submit_order&) { return refused_429(); };
  run_job(1h);
  CHECK(counters->rate_limited > 1);
  CHECK(share_of(bottleneck::backoff) >= 98);
}

TEST_CASE_METHOD(time_fixture,
                 "runs that cannot be polled cost time in backoff, "
                 "with or without remaining batches") {
  auto left = GENERATE(true, false);
  store->plan_singles(left ? 100 : 5);
  api->on_status = [](const run_ref&) {
    return status_failing(read_outcome::retry);
  };
  run_job(1h);
  CHECK(share_of(bottleneck::backoff) >= 90);
}

TEST_CASE_METHOD(time_fixture, "pages that cannot be fetched cost time in "
                               "backoff") {
  store->plan_singles(1);
  api->on_page = [](const page_order&) {
    return page_failing(read_outcome::retry);
  };
  run_job(1h);
  CHECK(share_of(bottleneck::backoff) >= 95);
}

TEST_CASE_METHOD(time_fixture,
                 "replies that do not arrive count as requests in progress") {
  store->plan_singles(1);
  api->silent = true;
  run_job(1h);
  CHECK(share_of(bottleneck::requests) == 100);
}

TEST_CASE_METHOD(time_fixture, "all time is committed with the checkpoints") {
  runs_take(30s);
  store->plan_singles(40);
  run_job(2h);
  REQUIRE(boss->finished == 1);
  CHECK(ask<atoms::ok_atom>(pager, atoms::drain_atom::value)->value);
  auto total = 0ms;
  for (auto& point : store->checkpoints) {
    auto sum = std::accumulate(point.spent.begin(), point.spent.end(), 0ms);
    CHECK(sum == point.elapsed);
    total += sum;
  }
  // Less than a millisecond per cause is not committed.
  CHECK(total <= ended - begun);
  CHECK(total > ended - begun - 6ms);
}
