// Repeats next to other batches, at a drain and after a restart.

#include "tests/actors/repeat_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(repeat_fixture,
                 "three ambiguous submits in a row end submitting and leave "
                 "their repeats for the next start") {
  store->plan_singles(10);
  api->on_submit = [this](const submit_order&) {
    return api->submits.size() == 1 ? accepted_as("r") : lost();
  };
  config.canary_passed = false;
  start();
  advance(10min);
  // The first submit, two that were lost at the same time, and one repeat of
  // each of the two.
  CHECK(api->submits.size() == 5);
  CHECK(log().starting("held") == 0);
  CHECK(log().starting("replanned") == 0);
  CHECK(counters->held_batches == 0);
  CHECK(boss->failures.empty());
  leave(1);
  commit(1);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::stopped);
  CHECK_THAT(what_of(boss->failures[0]),
             Catch::Contains("are repeated when the job is continued"));
  CHECK(boss->finished == 0);
}

TEST_CASE_METHOD(
  repeat_fixture,
  "submits lost together count as one failure and are all repeated") {
  store->plan_singles(3);
  api->on_submit = [this](const submit_order&) {
    auto number = api->submits.size();
    return number <= 3 ? lost() : accepted_as("r" + std::to_string(number));
  };
  api->silent = true;
  api->on_probe = [] { return read_as(read_outcome::retry); };
  start();
  REQUIRE(api->submits.size() == 3);
  api->answer();
  run();
  api->silent = false;
  api->answer();
  run();
  api->on_probe = [] { return read_as(read_outcome::ok); };
  advance(1min);
  CHECK(boss->failures.empty());
  CHECK(stages->active.size() == 3);
  CHECK(log().starting("repeat") == 3);
}

TEST_CASE_METHOD(repeat_fixture, "a batch waiting for its repeat does not "
                                 "block others once the API has answered") {
  store->plan_singles(3);
  auto busy = status_reply_of(409, submit_action::stop_job);
  auto tries = 0;
  api->on_submit = [&](const submit_order& order) {
    if (order.urls->front() != "u1")
      return accepted_as("r" + std::string{order.urls->front()});
    return ++tries == 1 ? lost() : busy;
  };
  config.canary_passed = false;
  start();
  advance(5min);
  CHECK(stages->active.size() == 2);
  CHECK(log().starting("held") == 0);
  CHECK(tries > 3);
}

TEST_CASE_METHOD(repeat_fixture,
                 "a drain leaves pending repeats to the next start") {
  store->plan_singles(1);
  answer_with({lost()});
  SECTION("after the reply") {
    start();
    auto drained = drain();
    CHECK_FALSE(drained->pending());
  }
  SECTION("before the reply") {
    api->silent = true;
    start();
    auto drained = drain();
    CHECK(drained->pending());
    api->silent = false;
    api->answer();
    run();
    CHECK_FALSE(drained->pending());
  }
  advance(1h);
  CHECK(api->submits.size() == 1);
  CHECK(store->outcomes.empty());
  CHECK(permits->asked.size()
        == api->permits.size() + permits->released.size());
}

TEST_CASE_METHOD(
  repeat_fixture,
  "a submit that an earlier start left in flight is repeated with its ticket") {
  store->plan_singles(1);
  submit_ticket ticket;
  ticket.key = "earlier";
  ticket.first_sent_at_ms = config.wall_ms() - 60'000;
  SECTION("and its run continues") {
    store->interrupt({{1, ticket}});
    start();
    CHECK(keys_sent() == texts{"earlier"});
    CHECK(log().count("repeat 1") == 1);
    CHECK(log().starting("begin") == 0);
    CHECK(log().count("accepted 1") == 1);
  }
  SECTION("and held if it is refused") {
    answer_with({status_reply_of(422, submit_action::narrow)});
    store->interrupt({{1, ticket}});
    start();
    CHECK(log().count("held 1") == 1);
  }
  SECTION("and held if its key may be forgotten") {
    ticket.first_sent_at_ms -= 3'600'000;
    store->interrupt({{1, ticket}});
    start();
    CHECK(api->submits.empty());
    CHECK(log().count("held 1") == 1);
    CHECK(boss->finished == 1);
  }
}

TEST_CASE_METHOD(repeat_fixture, "requests that differ from the first ones are "
                                 "held and submitting continues") {
  store->plan_singles(5);
  submit_ticket ticket{"k", {}, config.wall_ms()};
  store->interrupt({{1, ticket}, {2, ticket}, {3, ticket}, {4, ticket}});
  auto changed = answered_with(submit_action::hold, "settings have changed");
  changed.verdict.not_sent = true;
  changed.verdict.changed = true;
  api->on_submit = [=](const submit_order& order) {
    return order.urls->front() == "u5" ? accepted_as("r") : changed;
  };
  start();
  CHECK(log().starting("held") == 4);
  CHECK(store->outcomes[0].text == "settings have changed");
  CHECK(api->probes == 0);
  CHECK(stages->active.size() == 1);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(repeat_fixture,
                 "a repeat that returns another batch's run is held") {
  store->plan_singles(1);
  answer_with({lost()});
  store->failing["accepted"] =
    make_error(ec::bad_reply, "run r is the run of batch 7 already");
  start();
  advance(10s);
  CHECK(log().count("held 1") == 1);
  CHECK_THAT(store->outcomes.back().text, Catch::Contains("batch 7"));
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(repeat_fixture, "nothing is sent without a ticket") {
  store->plan_singles(1);
  config.idempotent->new_ticket = [](const submit_order&, int64_t) {
    return caf::expected<submit_ticket>{
      make_error(ec::internal, "no randomness")};
  };
  start();
  CHECK(api->submits.empty());
  CHECK(store->intents.empty());
  REQUIRE_FALSE(boss->failures.empty());
  CHECK(what_of(boss->failures[0]) == "no randomness");
  CHECK(permits->released.size() == permits->asked.size());
}
