// The stages together with the real limiter and pool. Exact numbers show how a
// sink that is stuck or slow affects the whole flow.

#include "tests/actors/stages_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(stages_fixture,
                 "a sink that is stuck stops submitting at exactly 33 runs and "
                 "paging at a full window") {
  store->plan_singles(1000);
  start();
  sink->acks = false;
  for (auto minute = 0; minute < 60; ++minute) {
    advance(1min);
    CHECK(api->submits.size() <= slots + unread);
    CHECK(counters->window_bytes <= window);
  }
  CHECK(api->submits.size() == slots + unread); // 33
  CHECK(api->pages.size() == window / page_bytes);
  CHECK(sink->pages.size() == window / page_bytes);
  CHECK(counters->window_bytes == window);
  CHECK(counters->unread_runs == slots + unread);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(stages_fixture,
                 "all runs complete once the sink accepts pages again") {
  store->plan_singles(100);
  start();
  sink->acks = false;
  advance(30min);
  REQUIRE(api->submits.size() == slots + unread);
  sink->acks = true;
  sink->answer();
  advance(30min);
  CHECK(api->submits.size() == 100);
  CHECK(sink->pages.size() == 100);
  CHECK(counters->runs_done == 100);
  CHECK(counters->window_bytes == 0);
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(
  stages_fixture,
  "a ledger that answers no commit stops submitting at the same number") {
  store->plan_singles(1000);
  start();
  advance(1s);
  sink->acks = true;
  // Everything has been read, and none of it is committed.
  store->failing.clear();
  auto stop_commits = [&] {
    for (auto& point : store->checkpoints)
      if (!point.runs.empty())
        return true;
    return false;
  };
  while (!stop_commits())
    advance(100ms);
  store->silent = true;
  advance(10min);
  CHECK(api->submits.size() <= slots + unread);
  store->silent = false;
  store->answer();
  advance(30min);
  CHECK(api->submits.size() > 100);
}

TEST_CASE_METHOD(stages_fixture,
                 "300 undisturbed runs cost exactly three requests each") {
  store->plan_singles(300);
  start();
  advance(1h);
  CHECK(boss->finished == 1);
  CHECK(api->submits.size() == 300);
  CHECK(api->polls.size() == 300);
  CHECK(api->pages.size() == 300);
}
