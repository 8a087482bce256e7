// One batch whose submit is repeated.

#include "tests/actors/repeat_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(
  repeat_fixture,
  "an ambiguous submit is repeated with its key until a run id arrives") {
  store->plan_singles(1);
  answer_with({lost(), lost()});
  start();
  advance(10s);
  CHECK(keys_sent() == texts{"key_1", "key_1", "key_1"});
  CHECK(log().count("begin 1") == 1);
  CHECK(log().count("repeat 1") == 2);
  CHECK(log().starting("held") == 0);
  REQUIRE(stages->active.size() == 1);
  CHECK(stages->active[0].run.id == "run_3");
  CHECK(counters->held_batches == 0);
  finish(1);
  CHECK(boss->finished == 1);
  CHECK(permits->asked.size() == api->permits.size());
}

TEST_CASE_METHOD(repeat_fixture, "the key is in the ledger before the first "
                                 "POST, and each repeat before its POST") {
  config.canary_passed = false;
  store->plan_singles(1);
  answer_with({lost()});
  store->silent = true;
  start();
  store->answer(1); // the batch
  run();
  REQUIRE(store->intents.size() == 1);
  REQUIRE(store->intents[0].ticket);
  CHECK(store->intents[0].ticket->key == "key_1");
  CHECK_FALSE(store->intents[0].again);
  CHECK(api->submits.empty());
  store->answer(); // it is on disk
  run();
  CHECK(api->submits.size() == 1);
  advance(10s);
  REQUIRE(store->intents.size() == 2);
  CHECK(store->intents[1].again);
  CHECK(api->submits.size() == 1);
  store->answer();
  run();
  CHECK(api->submits.size() == 2);
}

TEST_CASE_METHOD(
  repeat_fixture,
  "a repeat waits for its pause and until the API answers a read") {
  store->plan_singles(1);
  answer_with({lost()});
  auto up = false;
  api->on_probe = [&] {
    return read_as(up ? read_outcome::ok : read_outcome::retry);
  };
  SECTION("the pause is longer") {
    up = true;
    start();
    advance(499ms);
    CHECK(api->submits.size() == 1);
    advance(501ms);
    CHECK(api->submits.size() == 2);
  }
  SECTION("the API is down for longer") {
    start();
    advance(5min);
    CHECK(api->submits.size() == 1);
    up = true;
    advance(1min);
    CHECK(api->submits.size() == 2);
  }
  SECTION("the server's hint is longer") {
    up = true;
    auto reply = lost();
    reply.verdict.retry_after = 20s;
    answer_with({reply});
    start();
    advance(19s);
    CHECK(api->submits.size() == 1);
    advance(2s);
    CHECK(api->submits.size() == 2);
  }
  CHECK(stages->active.size() == 1);
}

TEST_CASE_METHOD(repeat_fixture, "a 409, a 429, a 5xx and an unsent request "
                                 "are repeated after an ambiguous attempt") {
  store->plan_singles(1);
  auto reply = GENERATE(status_reply_of(409, submit_action::stop_job),
                        status_reply_of(429, submit_action::replan),
                        status_reply_of(503, submit_action::replan),
                        status_reply_of(500, submit_action::hold),
                        status_reply_of(0, submit_action::replan, true));
  CAPTURE(reply.verdict.message);
  answer_with({lost(), reply});
  start();
  advance(20s);
  CHECK(keys_sent() == texts{"key_1", "key_1", "key_1"});
  REQUIRE(store->outcomes.size() == 1);
  CHECK(store->outcomes[0].what == submit_result::accepted);
  CHECK(boss->failures.empty());
  finish(1);
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(
  repeat_fixture,
  "a refusal after an ambiguous attempt proves nothing and the batch is held") {
  store->plan(1, {"a", "b"});
  store->plan(2, {"c"});
  config.canary_passed = GENERATE(true, false);
  auto reply = GENERATE(status_reply_of(400, submit_action::narrow),
                        status_reply_of(422, submit_action::narrow),
                        status_reply_of(413, submit_action::too_large),
                        status_reply_of(401, submit_action::stop_job),
                        status_reply_of(404, submit_action::stop_job),
                        status_reply_of(402, submit_action::no_credits),
                        status_reply_of(307, submit_action::stop_job));
  CAPTURE(reply.verdict.message);
  auto tries = 0;
  api->on_submit = [&](const submit_order& order) {
    if (order.urls->front() != "a")
      return accepted_as("r");
    return ++tries == 1 ? lost() : reply;
  };
  start();
  advance(20s);
  CHECK(tries == 2);
  CHECK(log().count("held 1") == 1);
  CHECK(counters->held_batches == 1);
  CHECK(log().starting("split") == 0);
  CHECK(log().starting("replanned") == 0);
  CHECK(boss->failures.empty());
  auto held = std::find_if(store->outcomes.begin(), store->outcomes.end(),
                           [](auto& outcome) { return outcome.batch == 1; });
  REQUIRE(held != store->outcomes.end());
  CHECK_THAT(held->text, Catch::Contains(reply.verdict.message));
  CHECK(log().count("accepted 2") == 1);
}

TEST_CASE_METHOD(
  repeat_fixture,
  "a submit that created nothing is planned again with a new key") {
  store->plan_singles(1);
  auto reply = GENERATE(status_reply_of(429, submit_action::replan),
                        status_reply_of(503, submit_action::replan),
                        status_reply_of(0, submit_action::replan, true));
  answer_with({reply});
  start();
  advance(10s);
  CHECK(log().count("replanned 1") == 1);
  CHECK(log().count("begin 1") == 2);
  CHECK(log().starting("repeat") == 0);
  CHECK(keys_sent() == texts{"key_1", "key_2"});
}

TEST_CASE_METHOD(repeat_fixture,
                 "while a part is repeated, the rest of its batch is "
                 "submitted") {
  store->plan(1, {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"});
  api->on_submit = [this](const submit_order& order) {
    if (order.urls->size() == 10)
      return status_reply_of(422, submit_action::narrow);
    if (order.urls->size() == 9)
      return accepted_as("run_rest");
    return api->submits.size() == 2
             ? lost()
             : status_reply_of(409, submit_action::stop_job);
  };
  start();
  advance(1min);
  REQUIRE(stages->active.size() == 1);
  CHECK(stages->active[0].run.id == "run_rest");
}

TEST_CASE_METHOD(repeat_fixture, "halves get new keys") {
  store->plan(1, {"a", "bad"});
  api->on_submit = [](const submit_order& order) {
    auto bad = std::count(order.urls->begin(), order.urls->end(), "bad") > 0;
    return bad ? status_reply_of(422, submit_action::narrow) : accepted_as("r");
  };
  start();
  advance(10s);
  auto keys = keys_sent();
  CHECK(keys.size() == 3);
  CHECK(std::set<std::string>(keys.begin(), keys.end()).size() == 3);
}

TEST_CASE_METHOD(repeat_fixture,
                 "a batch is held once the API may have forgotten its key") {
  store->plan_singles(1);
  SECTION("while the API answers that the first attempt is being processed") {
    auto busy = status_reply_of(409, submit_action::stop_job);
    answer_with({lost()});
    api->on_submit = [=, this](const submit_order&) {
      return api->submits.size() == 1 ? lost() : busy;
    };
    start();
    advance(1h - 31s - 1min);
    CHECK(log().starting("held") == 0);
    // The pause between repeats is at most a minute.
    auto sent = api->submits.size();
    CHECK(sent > 50);
    CHECK(sent < 130);
    advance(2min);
  }
  SECTION("while the API does not answer") {
    answer_with({lost()});
    auto up = false;
    api->on_probe = [&] {
      return read_as(up ? read_outcome::ok : read_outcome::retry);
    };
    start();
    advance(1h);
    CHECK(log().starting("held") == 0);
    up = true;
    advance(1min);
    CHECK(api->submits.size() == 1);
  }
  SECTION("while the repeat is written to disk") {
    answer_with({lost()});
    start();
    store->silent = true;
    advance(10s);
    CHECK(log().count("repeat 1") == 1);
    advance(1h);
    store->silent = false;
    store->answer();
    run();
    CHECK(api->submits.size() == 1);
  }
  SECTION("according to a wall clock that was set forward") {
    answer_with({lost()});
    start();
    set_by = 1h;
    advance(1min);
    CHECK(api->submits.size() == 1);
  }
  SECTION("because a wall clock that was set back gives no age") {
    answer_with({lost()});
    start();
    set_by = -1min;
    advance(10s);
    CHECK(api->submits.size() == 1);
  }
  CHECK(log().count("held 1") == 1);
  CHECK(counters->held_batches == 1);
  CHECK_THAT(store->outcomes.back().text, Catch::Contains("valid_for"));
  CHECK(permits->asked.size()
        == api->permits.size() + permits->released.size());
  CHECK(boss->failures.empty());
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(
  repeat_fixture,
  "setting the clock while the first submit is written holds no batch") {
  store->plan_singles(1);
  store->silent = true;
  start();
  store->answer(1); // the batch
  run();
  set_by = GENERATE(std::chrono::minutes{-1}, std::chrono::minutes{120});
  store->silent = false;
  store->answer();
  run();
  CHECK(api->submits.size() == 1);
  CHECK(log().count("accepted 1") == 1);
}

TEST_CASE_METHOD(
  repeat_fixture,
  "the process's own clock outweighs a wall clock set back a little") {
  store->plan_singles(1);
  auto busy = status_reply_of(409, submit_action::stop_job);
  api->on_submit = [=, this](const submit_order&) {
    return api->submits.size() == 1 ? lost() : busy;
  };
  start();
  advance(50min);
  CHECK(log().starting("held") == 0);
  set_by = -30min;
  advance(11min);
  CHECK(log().count("held 1") == 1);
}
