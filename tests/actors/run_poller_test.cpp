#include "tests/actors/run_poller_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(run_poller_fixture,
                 "a run is polled at the times of its schedule") {
  start();
  add(1);
  CHECK(polls() == 0);
  advance(9999ms);
  CHECK(polls() == 0);
  advance(1ms);
  CHECK(polls() == 1);
  CHECK(api->polls[0].id == "run_1");
  advance(10s);
  CHECK(polls() == 2);
  advance(280s); // up to five minutes old
  CHECK(polls() == 30);
  advance(60s); // older, every 30 s
  CHECK(polls() == 32);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "an old run is polled at once after a restart") {
  start();
  add_earlier(1, 1h);
  CHECK(polls() == 1);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "a terminal run is durable before the pager gets it, then its slot is free") {
  start();
  add(1);
  auto reply =
    GENERATE(status_of(run_phase::done, 4), status_of(run_phase::failed, 2),
             status_of(run_phase::stopped));
  reply.run.saved["ds"] = "dataset-7";
  always(reply);
  store->silent = true;
  advance(10s);
  REQUIRE(store->ended.size() == 1);
  CHECK(stages->ended.empty());
  CHECK(stages->left.empty());
  store->answer();
  run();
  REQUIRE(stages->ended.size() == 1);
  auto& ended = stages->ended[0];
  CHECK(ended.batch == 1);
  CHECK(ended.end.state == reply.run.state);
  CHECK(ended.end.extracted == reply.run.extracted);
  CHECK(ended.url_count == 5);
  CHECK(ended.run.saved.at("ds") == "dataset-7");
  CHECK(store->ended[0].saved.at("ds") == "dataset-7");
  REQUIRE(stages->left.size() == 1);
  CHECK(stages->left[0].to_pager);
  advance(1h);
  CHECK(polls() == 1);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "each terminal phase has its own outcome") {
  start();
  struct row {
    run_phase phase;
    run_outcome outcome;
  };
  auto r = GENERATE(row{run_phase::done, run_outcome::completed},
                    row{run_phase::failed, run_outcome::failed},
                    row{run_phase::stopped, run_outcome::stopped});
  always(status_of(r.phase));
  add(1);
  advance(10s);
  REQUIRE(stages->ended.size() == 1);
  CHECK(stages->ended[0].end.outcome == r.outcome);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "a run unknown to the API for a minute is lost but its captures are kept") {
  always(status_failing(read_outcome::gone));
  start();
  add(1);
  advance(10s + 59s);
  CHECK(polls() > 1);
  CHECK(stages->ended.empty());
  advance(60s);
  REQUIRE(stages->ended.size() == 1);
  CHECK(stages->ended[0].end.outcome == run_outcome::lost);
  CHECK(stages->ended[0].end.state == "the API no longer knows it: no status");
  CHECK(recent_problems().latest.back().event == "run_lost");
  CHECK_THAT(recent_problems().latest.back().sentence,
             Catch::Contains("no status"));
  CHECK(stages->left[0].to_pager);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(run_poller_fixture,
                 "runs unknown to the API are reported at once with the time "
                 "until they are given up") {
  always(status_failing(read_outcome::gone));
  start();
  for (batch_key run = 1; run <= 3; ++run)
    add(run);
  advance(10s);
  CHECK(counters->gone.snapshot().runs == 3);
  CHECK(counters->gone.snapshot().status == 404);
  CHECK(counters->gone.snapshot().reason == "no status");
  CHECK(counters->gone.snapshot().given_up == now() + 60s);
  auto warnings = recent_problems().warnings;
  SECTION("in one line for all runs") {
    advance(40s);
    CHECK(recent_problems().warnings == warnings);
    CHECK(recent_problems().latest.back().event == "runs_gone");
  }
  SECTION("until the API knows them again") {
    always(status_of(run_phase::active));
    advance(20s);
    CHECK(counters->gone.snapshot().runs == 0);
  }
  SECTION("not if it refuses connections") {
    auto before = counters->gone.snapshot().given_up;
    always(status_failing(read_outcome::retry));
    advance(20s);
    CHECK(counters->gone.snapshot().runs == 3);
    CHECK(counters->gone.snapshot().given_up > before);
    CHECK(recent_problems().latest.back().event == "runs_gone");
  }
  SECTION("until they are lost") {
    advance(2min);
    CHECK(stages->ended.size() == 3);
    CHECK(counters->gone.snapshot().runs == 0);
  }
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a 404 that does not come from the API is reported") {
  config.max_pending = 2h;
  config.max_age = 1h;
  auto foreign = status_failing(read_outcome::retry);
  foreign.verdict.status = 404;
  always(foreign);
  start();
  auto begin = now();
  add(1);
  advance(10s);
  CHECK(counters->gone.snapshot().runs == 1);
  CHECK(counters->gone.snapshot().given_up == begin + 3h);
  advance(1h);
  CHECK(stages->ended.empty());
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a run that is found again within the minute is not lost") {
  start();
  add(1);
  auto gone = true;
  api->on_status = [&](const run_ref&) {
    return gone ? status_failing(read_outcome::gone)
                : status_of(run_phase::active);
  };
  advance(40s);
  gone = false;
  advance(40s);
  gone = true;
  advance(50s);
  CHECK(stages->ended.empty());
}

TEST_CASE_METHOD(run_poller_fixture,
                 "failed polls are repeated forever with backoff") {
  auto failure = GENERATE(read_outcome::retry, read_outcome::not_ready);
  always(status_failing(failure));
  start();
  add(1);
  advance(1h);
  CHECK(polls() > 60);
  CHECK(polls() < 140);
  CHECK(stages->ended.empty());
  CHECK(boss->failures.empty());
  always(status_of(run_phase::done));
  advance(1min);
  CHECK(stages->ended.size() == 1);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "a poll is repeated soon after a 429 because the limiter delays it") {
  always(status_failing(read_outcome::rate_limited));
  start();
  add(1);
  advance(10s);
  CHECK(polls() == 1);
  advance(2s);
  CHECK(polls() == 2);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a wrong key stops the job without further polls") {
  auto reply = status_failing(read_outcome::stop_job);
  reply.verdict.message = "HTTP 401";
  always(reply);
  start();
  add(1);
  advance(10s);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK(polls() == 1);
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a status that the profile does not list counts as running") {
  auto reply = status_of(run_phase::active);
  reply.run.known = false;
  reply.run.state = "resting";
  always(reply);
  start();
  add(1);
  advance(1min);
  CHECK(polls() == 6);
  CHECK(stages->ended.empty());
}

TEST_CASE_METHOD(run_poller_fixture,
                 "a queued run is polled when a run ahead of it has ended") {
  auto first_done = false;
  api->on_status = [&](const run_ref& run) {
    if (run.id == "run_1")
      return status_of(first_done ? run_phase::done : run_phase::active);
    return status_of(run_phase::queued);
  };
  start();
  add(1);
  add(2);
  advance(1min);
  CHECK(api->log->count("poll run_2") == 1);
  first_done = true;
  advance(10s);
  CHECK(api->log->count("poll run_2") == 1);
  advance(10s); // the run that took its slot is polled an interval later
  CHECK(api->log->count("poll run_2") == 2);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(
  run_poller_fixture,
  "draining waits for a reply in progress and for its consequences") {
  always(status_of(run_phase::done));
  start();
  add(1);
  api->silent = true;
  advance(10s);
  auto drained = drain();
  CHECK(drained->pending());
  store->silent = true;
  api->answer();
  run();
  CHECK(drained->pending());
  store->answer();
  run();
  CHECK(drained->value);
  CHECK(stages->ended.size() == 1);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "a draining poller does not wait for permits and returns late ones") {
  permits->silent = true;
  start();
  add(1);
  advance(10s);
  REQUIRE(permits->parked.size() == 1);
  CHECK(drain()->value);
  permits->grant();
  run();
  CHECK(permits->released.size() == 1);
  CHECK(polls() == 0);
  advance(1h);
  CHECK(permits->asked.size() == 1);
}

TEST_CASE_METHOD(
  run_poller_fixture,
  "an end that cannot be recorded stops the job and does not reach the pager") {
  always(status_of(run_phase::done));
  store->failing["ended"] = make_error(ec::disk, "no space");
  start();
  add(1);
  advance(10s);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(stages->ended.empty());
  CHECK(drain()->value);
}
