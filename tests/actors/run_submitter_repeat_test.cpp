#include "tests/actors/submitter_fixture.hpp"

#include <algorithm>
#include <set>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

submit_reply lost() {
  return answered_with(submit_action::hold, "timeout");
}

submit_reply
status_reply_of(int status, submit_action action, bool not_sent = false) {
  auto reply = answered_with(action, "HTTP " + std::to_string(status) + ": no");
  reply.verdict.status = status;
  reply.verdict.rate_limited = status == 429;
  reply.verdict.not_sent = not_sent;
  return reply;
}

/// An API that keeps idempotency keys for an hour, and a wall clock that can be
/// set.
struct repeat_fixture : submitter_fixture {
  std::chrono::milliseconds set_by{0};
  int tickets = 0;

  repeat_fixture() {
    config.wall_ms = [this] {
      return std::chrono::duration_cast<std::chrono::milliseconds>(
               now().time_since_epoch() + set_by)
        .count();
    };
    config.idempotent = idempotent_submits{
      submit_repeat{1h, 30s}, [this](const submit_order&, int64_t now_ms) {
        submit_ticket ticket;
        ticket.key = "key_" + std::to_string(++tickets);
        ticket.first_sent_at_ms = now_ms;
        return caf::expected<submit_ticket>{ticket};
      }};
  }

  /// Answers submits with these replies in turn, and later ones with runs.
  void answer_with(std::vector<submit_reply> replies) {
    api->on_submit = [=, this](const submit_order&) {
      auto number = api->submits.size();
      return number <= replies.size()
               ? replies[number - 1]
               : accepted_as("run_" + std::to_string(number));
    };
  }

  [[nodiscard]] std::vector<std::string> keys_sent() const {
    std::vector<std::string> keys;
    for (auto& order : api->submits)
      keys.push_back(order.ticket ? order.ticket->key : "none");
    return keys;
  }

  using texts = std::vector<std::string>;
};

} // namespace

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
    reply.retry_after = 20s;
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
  auto reply = GENERATE(status_reply_of(400, submit_action::halve),
                        status_reply_of(422, submit_action::halve),
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
      return status_reply_of(422, submit_action::halve);
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
    return bad ? status_reply_of(422, submit_action::halve) : accepted_as("r");
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
  "setting the clock while the first submit is written holds nothing") {
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
  // The first, two that were lost together, and each of those once more.
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
    answer_with({status_reply_of(422, submit_action::halve)});
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
