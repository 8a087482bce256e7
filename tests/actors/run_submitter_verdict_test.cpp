#include "tests/actors/submitter_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// -- refusals -----------------------------------------------------------------

TEST_CASE_METHOD(
  submitter_fixture,
  "a submit that created nothing is planned again and sent after a backoff") {
  store->plan_singles(1);
  answer_first_with(answered_with(submit_action::replan));
  start();
  CHECK(log().count("replanned 1") == 1);
  CHECK(api->submits.size() == 1);
  advance(499ms);
  CHECK(api->submits.size() == 1);
  advance(501ms);
  CHECK(api->submits.size() == 2);
  CHECK(log().count("begin 1") == 2);
  CHECK(stages->active.size() == 1);
  finish(1);
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(submitter_fixture,
                 "the server's hint is a minimum for the backoff") {
  store->plan_singles(1);
  auto refused = answered_with(submit_action::replan);
  refused.verdict.retry_after = 20s;
  answer_first_with(refused);
  start();
  advance(19s);
  CHECK(api->submits.size() == 1);
  advance(2s);
  CHECK(api->submits.size() == 2);
}

TEST_CASE_METHOD(submitter_fixture,
                 "submits that fail together back off once") {
  store->plan_singles(3);
  auto down = true;
  api->on_submit = [&](const submit_order&) {
    return down ? answered_with(submit_action::replan)
                : accepted_as("r" + std::to_string(api->submits.size()));
  };
  api->silent = true;
  start();
  REQUIRE(api->submits.size() == 3);
  api->silent = false;
  api->answer();
  run();
  down = false;
  advance(1s);
  CHECK(stages->active.size() == 3);
}

TEST_CASE_METHOD(submitter_fixture,
                 "a batch after a 429 is planned again without a backoff "
                 "because the bucket handles it") {
  store->plan_singles(1);
  answer_first_with(refused_429());
  start();
  CHECK(log().count("replanned 1") == 1);
  CHECK(api->submits.size() == 2);
  CHECK(stages->active.size() == 1);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(
  submitter_fixture,
  "a wrong key stops the job with the API's message and nothing else is sent") {
  store->plan_singles(10);
  answer_all_with(answered_with(submit_action::stop_job, "HTTP 401: no key"));
  config.canary_passed = false;
  start();
  CHECK(api->submits.size() == 1);
  REQUIRE(boss->failures.size() >= 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK_THAT(what_of(boss->failures[0]), Catch::Contains("HTTP 401: no key"));
  CHECK(log().count("replanned 1") == 1);
  CHECK(boss->finished == 0);
}

TEST_CASE_METHOD(submitter_fixture, "running out of credits stops submitting, "
                                    "finishes the runs, then fails the job") {
  store->plan_singles(10);
  api->on_submit = [this](const submit_order&) {
    auto number = api->submits.size();
    return number < 3 ? accepted_as("r" + std::to_string(number))
                      : answered_with(submit_action::no_credits);
  };
  start();
  CHECK(api->submits.size() == 3);
  CHECK(log().count("replanned 3") == 1);
  leave(1);
  commit(1);
  advance(1h);
  CHECK(boss->failures.empty());
  CHECK(api->submits.size() == 3);
  leave(2);
  commit(2);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK_THAT(what_of(boss->failures[0]), Catch::Contains("credits"));
  CHECK(boss->finished == 0);
}

// -- bad URLs -----------------------------------------------------------------

TEST_CASE_METHOD(submitter_fixture,
                 "a bad batch is divided until the bad URL is alone and "
                 "rejected while the others run") {
  store->plan(1, {"a", "b", "bad", "c", "d"});
  api->on_submit = [](const submit_order& order) {
    auto bad = std::count(order.urls->begin(), order.urls->end(), "bad") > 0;
    return bad ? answered_with(submit_action::narrow, "HTTP 422: bad url")
               : accepted_as("r" + std::string{order.urls->front()});
  };
  config.canary_passed = GENERATE(true, false);
  start();
  advance(10s);
  uint32_t running = 0;
  for (auto& run : stages->active)
    running += run.url_count;
  CHECK(running == 4);
  std::vector<submit_outcome> rejected;
  for (auto& outcome : store->outcomes)
    if (outcome.what == submit_result::rejected)
      rejected.push_back(outcome);
  REQUIRE(rejected.size() == 1);
  CHECK(store->content.find(rejected[0].batch)->batch.urls
        == std::vector<std::string>{"bad"});
  CHECK(rejected[0].text == "HTTP 422: bad url");
  CHECK(boss->failures.empty());
  CHECK(counters->urls_settled == 1);
}

TEST_CASE_METHOD(submitter_fixture, "a second refused URL without any accepted "
                                    "submit means that the request is wrong") {
  store->plan(1, {"a", "b", "c", "d"});
  config.canary_passed = false;
  answer_all_with(answered_with(submit_action::narrow, "HTTP 400: what?"));
  start();
  REQUIRE_FALSE(boss->failures.empty());
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK_THAT(what_of(boss->failures[0]), Catch::Contains("HTTP 400: what?"));
  CHECK(log().starting("rejected") == 1);
  CHECK(log().starting("all_replanned") == 1);
  auto sent = api->submits.size();
  advance(1h);
  CHECK(api->submits.size() == sent);
}

TEST_CASE_METHOD(submitter_fixture,
                 "any number of single URLs that are too large is rejected") {
  store->plan(1, {"a", "b", "c", "d"});
  config.canary_passed = false;
  answer_all_with(answered_with(submit_action::too_large, "HTTP 413"));
  start();
  CHECK(log().starting("rejected") == 4);
  CHECK(boss->failures.empty());
  CHECK(boss->finished == 1);
}

// -- ambiguous submits --------------------------------------------------------

TEST_CASE_METHOD(submitter_fixture,
                 "an ambiguous batch is held and never resent, and submitting "
                 "pauses until the API answers") {
  store->plan_singles(3);
  config.canary_passed = false; // one at a time
  answer_first_with(answered_with(submit_action::hold, "timeout"));
  auto up = false;
  api->on_probe = [&] {
    return read_as(up ? read_outcome::ok : read_outcome::retry);
  };
  start();
  CHECK(log().count("held 1") == 1);
  CHECK(store->outcomes[0].text == "timeout");
  CHECK(counters->held_batches == 1);
  CHECK(api->submits.size() == 1);
  CHECK(api->probes == 1);
  advance(1s);
  CHECK(api->probes == 2);
  CHECK(api->submits.size() == 1);
  up = true;
  advance(2s);
  CHECK(api->probes == 3);
  CHECK(api->submits.size() == 3);
  CHECK(log().count("begin 1") == 1);
  CHECK(permits->asked.size() == api->permits.size());
}

TEST_CASE_METHOD(submitter_fixture,
                 "three ambiguous submits in a row end submitting, finish the "
                 "runs, then stop the job, which can continue") {
  store->plan_singles(10);
  api->on_submit = [this](const submit_order&) {
    return api->submits.size() == 1
             ? accepted_as("r")
             : answered_with(submit_action::hold, "lost");
  };
  config.canary_passed = false;
  start();
  advance(1min);
  CHECK(api->submits.size() == 4);
  CHECK(log().starting("held") == 3);
  CHECK(boss->failures.empty());
  leave(1);
  CHECK(boss->failures.empty());
  commit(1);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::stopped);
  CHECK(boss->finished == 0);
}

TEST_CASE_METHOD(
  submitter_fixture,
  "a run of another batch proves nothing and the batch is held") {
  store->plan_singles(1);
  store->failing["accepted"] =
    make_error(ec::bad_reply, "run r is the run of batch 7 already");
  start();
  REQUIRE(store->outcomes.size() == 2);
  CHECK(store->outcomes[1].what == submit_result::held);
  CHECK_THAT(store->outcomes[1].text, Catch::Contains("batch 7"));
  CHECK(counters->held_batches == 1);
  CHECK(stages->active.empty());
  CHECK(boss->failures.empty());
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(submitter_fixture, "URLs waiting to be retried with a batch "
                                    "are planned once its outcome is unknown") {
  config.runs.retry_missing = 1;
  store->plan_singles(1);
  SECTION("because its submit was ambiguous") {
    answer_first_with(answered_with(submit_action::hold));
    api->silent = true;
    start();
    store->plan(2, {"again"});
    api->answer(1);
    api->silent = false;
    run();
    api->answer();
    run();
  }
  SECTION("because its run was given up") {
    start();
    store->plan(2, {"again"});
    leave(1, false);
  }
  CHECK(api->submits.size() == 2);
  CHECK(boss->finished == 0);
}

TEST_CASE_METHOD(submitter_fixture,
                 "an error that stops the job is left to the supervisor and "
                 "one that only ends submitting is reported at once") {
  store->plan_singles(3);
  auto before = recent_problems();
  SECTION("a wrong key") {
    answer_all_with(answered_with(submit_action::stop_job, "check api.key"));
    start();
    CHECK_FALSE(boss->failures.empty());
    CHECK(recent_problems().errors == before.errors);
  }
  SECTION("no credits") {
    answer_all_with(answered_with(submit_action::no_credits, "none left"));
    start();
    CHECK(recent_problems().errors == before.errors + 1);
    CHECK(recent_problems().latest.back().event == "submitting_stopped");
  }
}

TEST_CASE_METHOD(submitter_fixture, "held URLs are not settled") {
  store->plan_singles(1);
  answer_all_with(answered_with(submit_action::hold, "HTTP 502"));
  start();
  CHECK(counters->held_batches == 1);
  CHECK(counters->urls_settled == 0);
}
