#include "tests/actors/run_poller_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// -- unreadable statuses ------------------------------------------------------

namespace {

status_reply unreadable_status() {
  auto reply = status_failing(read_outcome::unreadable);
  reply.verdict.status = 200;
  return reply;
}

} // namespace

TEST_CASE_METHOD(run_poller_fixture, "a run whose status stays unreadable is "
                                     "set aside while others are readable") {
  api->on_status = [](const run_ref& run) {
    return run.id == "run_1" ? unreadable_status()
                             : status_of(run_phase::active);
  };
  start();
  add(1);
  add(2);
  advance(10s);
  CHECK(store->set_aside.empty());
  advance(20s);
  REQUIRE(store->set_aside.size() == 1);
  CHECK(store->set_aside[0].batch == 1);
  CHECK(store->set_aside[0].reason == "its status cannot be read: no status");
  REQUIRE(stages->left.size() == 1);
  CHECK_FALSE(stages->left[0].to_pager);
  CHECK(store->given_up.empty());
  CHECK(stages->readable.empty());
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "a run whose status is above api.max_body is set aside at once") {
  api->on_status = [](const run_ref& run) {
    return run.id == "run_1" ? status_failing(read_outcome::too_large)
                             : status_of(run_phase::active);
  };
  start();
  add(1);
  add(2);
  advance(1min);
  REQUIRE(store->set_aside.size() == 1);
  CHECK(store->set_aside[0].reason == "its status cannot be read: no status");
  CHECK(stages->left.size() == 1);
  CHECK(stages->readable.empty());
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a job whose every status is above api.max_body stops before "
                 "it buys more") {
  always(status_failing(read_outcome::too_large));
  start();
  for (batch_key key = 1; key <= 4; ++key)
    add(key);
  advance(1min);
  CHECK(store->set_aside.size() == 2);
  REQUIRE_FALSE(boss->failures.empty());
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "three unreadable statuses in a row are blamed on the API and "
                 "two runs return once it recovers") {
  always(unreadable_status());
  start();
  for (batch_key key = 1; key <= 4; ++key)
    add(key);
  advance(2min);
  CHECK(store->set_aside.size() == 2);
  CHECK(stages->readable == std::vector<bool>{false});
  advance(10min);
  CHECK(store->set_aside.size() == 2);
  always(status_of(run_phase::active));
  advance(2min);
  CHECK(stages->readable == std::vector<bool>{false, true});
  CHECK(store->read_again.size() == 2);
  CHECK(stages->decisions.size() == 1);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "the end of the last run ends the wait for a readable status") {
  config.max_age = 1min;
  config.max_pending = 1min;
  always(unreadable_status());
  start();
  for (batch_key key = 1; key <= 3; ++key)
    add(key);
  advance(1min);
  CHECK(stages->readable == std::vector<bool>{false});
  advance(5min);
  CHECK(store->given_up.size() == 1);
  CHECK(stages->readable == std::vector<bool>{false, true});
  CHECK(store->read_again.size() == 2);
}
