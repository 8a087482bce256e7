#include "tests/actors/run_poller_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(run_poller_fixture,
                 "a run still queued after max_pending is given up "
                 "and its batch held") {
  config.max_pending = 1h;
  always(status_of(run_phase::queued));
  start();
  add(1);
  advance(1h);
  CHECK(store->given_up.empty());
  advance(10min);
  REQUIRE(store->given_up.size() == 1);
  CHECK_THAT(store->given_up[0].reason, Catch::Contains("run_1"));
  CHECK_THAT(store->given_up[0].reason, Catch::Contains("max_pending"));
  CHECK(stages->ended.empty());
  REQUIRE(stages->left.size() == 1);
  CHECK_FALSE(stages->left[0].to_pager);
  CHECK(counters->held_batches == 1);
  CHECK(counters->urls_settled == 0);
  auto before = polls();
  advance(10h);
  CHECK(polls() == before);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "max_age counts from the start of the run and excludes its "
                 "time in the queue") {
  config.max_age = 1h;
  auto phase = run_phase::queued;
  api->on_status = [&](const run_ref&) { return status_of(phase); };
  start();
  add(1);
  advance(10h);
  phase = run_phase::active;
  advance(1h);
  CHECK(store->given_up.empty());
  advance(11min);
  REQUIRE(store->given_up.size() == 1);
  CHECK_THAT(store->given_up[0].reason, Catch::Contains("max_age"));
}

TEST_CASE_METHOD(run_poller_fixture,
                 "the API's own start time counts if it is reported") {
  config.max_age = 1h;
  api->on_status = [this, begin = now()](const run_ref&) {
    auto reply = status_of(run_phase::active);
    reply.run.running_for =
      59min + std::chrono::floor<std::chrono::seconds>(now() - begin);
    return reply;
  };
  start();
  add_earlier(1, 2h);
  advance(10s);
  CHECK(store->given_up.empty());
  advance(2min);
  CHECK(store->given_up.size() == 1);
}

TEST_CASE_METHOD(run_poller_fixture, "a restart with a clock that jumped ahead "
                                     "slows no polls and gives up no run") {
  auto phase = GENERATE(run_phase::active, run_phase::queued);
  config.max_pending = config.max_age = 24h;
  always(status_of(phase));
  start();
  add_earlier(1, 1'000h);
  CHECK(polls() == 1);
  advance(1min);
  if (phase == run_phase::active)
    CHECK(polls() == 7);
  advance(23h);
  CHECK(store->given_up.empty());
  advance(2h);
  CHECK(store->given_up.size() == 1);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "the lengths of an earlier process's runs do not affect the forecast") {
  start();
  always(status_of(run_phase::done));
  for (batch_key run = 1; run <= 20; ++run)
    add_earlier(run, 1'000h);
  advance(1s);
  REQUIRE(stages->ended.size() == 20);
  always(status_of(run_phase::active));
  add(21);
  advance(1min);
  CHECK(polls() == 20 + 6);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "a run whose status cannot be read is given up after both limits") {
  config.max_age = 1h;
  config.max_pending = 2h;
  status_reply unreadable;
  unreadable.verdict.message = "HTTP 500";
  always(unreadable);
  start();
  add(1);
  advance(179min);
  CHECK(store->given_up.empty());
  advance(3min);
  CHECK(store->given_up.size() == 1);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a start time before the submit is ignored") {
  auto reply = status_of(run_phase::active);
  reply.run.running_for = 1'000'000h;
  always(reply);
  start();
  add(1);
  advance(10min);
  CHECK(polls() > 0);
  CHECK(store->given_up.empty());
}
