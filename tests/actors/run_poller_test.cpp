#include "actors/run_poller.hpp"
#include "core/log.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct fixture : actor_fixture {
  fake_api_ptr api = std::make_shared<fake_api>();
  fake_ledger_ptr store = std::make_shared<fake_ledger>();
  fake_limiter_ptr permits = std::make_shared<fake_limiter>();
  fake_stages_ptr stages = std::make_shared<fake_stages>();
  fake_supervisor_ptr boss = std::make_shared<fake_supervisor>();
  std::shared_ptr<job_counters> counters = std::make_shared<job_counters>();
  run_poller_config config;
  run_poller_actor poller;
  int64_t wall_ms = 5'000'000;

  fixture() {
    store->log = api->log;
    stages->log = api->log;
    config.max_age = 24h;
    config.max_pending = 72h;
    config.counters = counters;
    // The wall clock goes with the virtual one.
    config.wall_ms = [this, begin = now()] {
      return wall_ms
             + std::chrono::duration_cast<std::chrono::milliseconds>(now()
                                                                     - begin)
                 .count();
    };
  }

  void start() {
    config.ledger = spawn(fake_keeper, store);
    config.limiter = spawn(limiter_double, permits);
    config.pool = spawn(fake_pool, api);
    config.supervisor = spawn(supervisor_double, boss);
    poller = spawn(run_poller, config);
    run_poller_links links;
    links.submitter = spawn(submitter_double, stages);
    links.pager = spawn(pager_double, stages);
    tell(poller, links);
  }

  /// A run of batch `key` that is submitted now.
  void add(batch_key key) { tell(poller, run_of(key)); }

  /// One that an earlier process submitted `age` ago, by the wall clock.
  void add_earlier(batch_key key, std::chrono::milliseconds age) {
    auto run = run_of(key);
    run.submitted_at_ms -= age.count();
    run.submitted_elsewhere = true;
    tell(poller, run);
  }

  [[nodiscard]] active_run run_of(batch_key key) const {
    return {key, run_ref{"run_" + std::to_string(key), {}}, 5,
            config.wall_ms()};
  }

  void always(const status_reply& reply) {
    api->on_status = [=](const run_ref&) { return reply; };
  }

  [[nodiscard]] size_t polls() const { return api->polls.size(); }

  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(poller, atoms::drain_atom::value);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a run is asked about at its schedule's times") {
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
  advance(60s); // older: every 30 s
  CHECK(polls() == 32);
}

TEST_CASE_METHOD(fixture, "after a restart an old run is asked about at once") {
  start();
  add_earlier(1, 1h);
  CHECK(polls() == 1);
}

TEST_CASE_METHOD(fixture, "a terminal run is durable before the pager has it, "
                          "then its slot is free") {
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

TEST_CASE_METHOD(fixture, "each terminal phase is its own outcome") {
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

TEST_CASE_METHOD(fixture, "a run that the API does not know for a minute is "
                          "lost, its captures are not") {
  always(status_failing(read_outcome::gone));
  start();
  add(1);
  advance(10s + 59s);
  CHECK(polls() > 1);
  CHECK(stages->ended.empty());
  advance(60s);
  REQUIRE(stages->ended.size() == 1);
  CHECK(stages->ended[0].end.outcome == run_outcome::lost);
  CHECK(stages->ended[0].end.state
        == "the API does not know it any more: no status");
  CHECK(recent_problems().latest.back().event == "run_lost");
  CHECK_THAT(recent_problems().latest.back().sentence,
             Catch::Contains("no status"));
  CHECK(stages->left[0].to_pager);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(fixture, "runs that the API does not know are reported at "
                          "once, with the time until they are given up") {
  always(status_failing(read_outcome::gone));
  start();
  for (batch_key run = 1; run <= 3; ++run)
    add(run);
  advance(10s);
  CHECK(counters->gone.look().runs == 3);
  CHECK(counters->gone.look().status == 404);
  CHECK(counters->gone.look().reason == "no status");
  CHECK(counters->gone.look().given_up == now() + 60s);
  auto warnings = recent_problems().warnings;
  SECTION("in one line for all") {
    advance(40s);
    CHECK(recent_problems().warnings == warnings);
    CHECK(recent_problems().latest.back().event == "runs_gone");
  }
  SECTION("until it knows them again") {
    always(status_of(run_phase::active));
    advance(20s);
    CHECK(counters->gone.look().runs == 0);
  }
  SECTION("not when it refuses connections") {
    auto before = counters->gone.look().given_up;
    always(status_failing(read_outcome::retry));
    advance(20s);
    CHECK(counters->gone.look().runs == 3);
    CHECK(counters->gone.look().given_up > before);
    CHECK(recent_problems().latest.back().event == "runs_gone");
  }
  SECTION("until they are lost") {
    advance(2min);
    CHECK(stages->ended.size() == 3);
    CHECK(counters->gone.look().runs == 0);
  }
}

TEST_CASE_METHOD(fixture, "a 404 that is not the API's own word is told of, "
                          "too") {
  config.max_pending = 2h;
  config.max_age = 1h;
  auto foreign = status_failing(read_outcome::retry);
  foreign.verdict.status = 404;
  always(foreign);
  start();
  auto begin = now();
  add(1);
  advance(10s);
  CHECK(counters->gone.look().runs == 1);
  CHECK(counters->gone.look().given_up == begin + 3h);
  advance(1h);
  CHECK(stages->ended.empty());
}

TEST_CASE_METHOD(fixture, "a run that comes back within the minute is not "
                          "lost") {
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

TEST_CASE_METHOD(fixture, "replies that fail are repeated with backoff, for "
                          "ever") {
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

TEST_CASE_METHOD(fixture, "a 429 is asked again soon, for the limiter makes it "
                          "wait") {
  always(status_failing(read_outcome::rate_limited));
  start();
  add(1);
  advance(10s);
  CHECK(polls() == 1);
  advance(2s);
  CHECK(polls() == 2);
}

TEST_CASE_METHOD(fixture, "a wrong key stops the job, without asking ever "
                          "faster") {
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

TEST_CASE_METHOD(fixture, "a run still queued after max_pending is given up "
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

TEST_CASE_METHOD(fixture, "max_age counts from the start of the run, not from "
                          "its time in the queue") {
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

TEST_CASE_METHOD(fixture, "the API's own start time counts, when it tells") {
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

TEST_CASE_METHOD(fixture, "a restart with a clock that has jumped ahead slows "
                          "no polls and gives no run up") {
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

TEST_CASE_METHOD(fixture, "what a run of an earlier process took teaches "
                          "nothing of how long others take") {
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

TEST_CASE_METHOD(fixture, "a run whose status cannot be read is given up when "
                          "both limits are over") {
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

TEST_CASE_METHOD(fixture, "a start before the submit is not believed") {
  auto reply = status_of(run_phase::active);
  reply.run.running_for = 1'000'000h;
  always(reply);
  start();
  add(1);
  advance(10min);
  CHECK(polls() > 0);
  CHECK(store->given_up.empty());
}

TEST_CASE_METHOD(fixture, "a status that the profile does not list counts as "
                          "running") {
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

TEST_CASE_METHOD(fixture, "a queued run is asked when one ahead of it has "
                          "ended") {
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
  advance(10s); // what took its slot is asked an interval later
  CHECK(api->log->count("poll run_2") == 2);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(fixture, "draining waits for a reply that is under way and "
                          "for what it leads to") {
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

TEST_CASE_METHOD(fixture,
                 "a draining poller does not wait for permits, those that come "
                 "late go back") {
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

TEST_CASE_METHOD(fixture, "an end that cannot be recorded stops the job, and "
                          "the pager does not hear of it") {
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

// -- statuses that cannot be read
// ----------------------------------------------

namespace {

status_reply unreadable_status() {
  auto reply = status_failing(read_outcome::unreadable);
  reply.verdict.status = 200;
  return reply;
}

} // namespace

TEST_CASE_METHOD(fixture, "a run whose status stays unreadable is set aside "
                          "while others can be read") {
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

TEST_CASE_METHOD(fixture, "with three unreadable statuses in a row it is the "
                          "API, and two runs come back when it is well") {
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

TEST_CASE_METHOD(fixture, "the last run that leaves ends the wait for a "
                          "readable status") {
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
