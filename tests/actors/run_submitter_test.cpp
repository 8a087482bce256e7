#include "actors/run_submitter.hpp"
#include "tests/support/actor_doubles.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/fake_api.hpp"
#include "tests/support/fake_ledger.hpp"

#include <set>

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
  run_submitter_config config;
  run_submitter_actor submitter;

  fixture() {
    store->log = api->log;
    config.runs.max_concurrent = 2;
    config.runs.queue_ahead = 1;
    config.runs.max_unread = 4;
    config.counters = counters;
    config.wall_ms = [] { return int64_t{1234}; };
    config.proven = true;
  }

  void start() {
    auto keeper = spawn(fake_keeper, store);
    config.reader = spawn(fake_reader, keeper);
    config.ledger = keeper;
    config.limiter = spawn(limiter_double, permits);
    config.pool = spawn(fake_pool, api);
    config.poller = spawn(poller_double, stages);
    config.supervisor = spawn(supervisor_double, boss);
    submitter = spawn(run_submitter, config);
    run();
  }

  [[nodiscard]] const journal& log() const { return *api->log; }

  void leave(batch_key batch, bool to_pager = true) {
    tell(submitter, run_left{batch, to_pager});
  }
  void commit(batch_key batch) { tell(submitter, run_committed{batch}); }

  /// Runs of batches 1 to `count` end and are committed.
  void finish(batch_key count) {
    for (batch_key key = 1; key <= count; ++key) {
      leave(key);
      commit(key);
    }
  }

  /// Answers every submit with `reply`.
  void answer_all_with(const submit_reply& reply) {
    api->on_submit = [=](const submit_order&) { return reply; };
  }

  /// Answers the first submit with `reply`, the others with runs.
  void answer_first_with(const submit_reply& reply) {
    api->on_submit = [=, this](const submit_order&) {
      auto number = api->submits.size();
      return number == 1 ? reply : accepted_as("run_" + std::to_string(number));
    };
  }

  answer_ptr<atoms::ok_atom> drain() {
    return ask<atoms::ok_atom>(submitter, atoms::drain_atom::value);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a batch is durably in flight before its POST "
                          "leaves") {
  config.proven = false; // or it would look for a second batch already
  store->plan_singles(1);
  store->silent = true;
  start();
  store->answer(1); // the batch
  run();
  CHECK(log().count("begin 1") == 1);
  CHECK(api->submits.empty());
  store->answer(1); // it is on disk
  run();
  CHECK(api->submits.size() == 1);
  CHECK(log().in_order("begin 1", "POST u1"));
  // And the run is known to the ledger before anyone polls it.
  CHECK(stages->active.empty());
  store->answer();
  run();
  CHECK(log().in_order("POST u1", "accepted 1"));
  REQUIRE(stages->active.size() == 1);
  CHECK(stages->active[0].run.id == "run_1");
  CHECK(stages->active[0].batch == 1);
  CHECK(stages->active[0].url_count == 1);
  CHECK(stages->active[0].submitted_at_ms == 1234);
}

TEST_CASE_METHOD(fixture, "as many runs as there are slots, and one more for "
                          "each that ends") {
  store->plan_singles(100);
  start();
  CHECK(api->submits.size() == 3);
  leave(1);
  CHECK(api->submits.size() == 4);
  CHECK(counters->active_runs == 3);
  CHECK(counters->unread_runs == 1);
}

TEST_CASE_METHOD(fixture, "runs that nobody reads stop submitting at "
                          "max_concurrent + queue_ahead + max_unread") {
  store->plan_singles(100);
  start();
  for (batch_key key = 1; key <= 7; ++key)
    leave(key);
  CHECK(api->submits.size() == 2 + 1 + 4);
  CHECK(counters->active_runs == 0);
  CHECK(counters->unread_runs == 7);
  commit(1);
  CHECK(api->submits.size() == 8);
}

TEST_CASE_METHOD(fixture, "until the API has accepted one, submits go one at "
                          "a time") {
  config.proven = false;
  store->plan_singles(100);
  api->silent = true;
  start();
  CHECK(api->submits.size() == 1);
  api->answer();
  run();
  CHECK(api->submits.size() == 3);
}

TEST_CASE_METHOD(fixture, "an order carries the batch's URLs, robot and "
                          "budget") {
  store->plan(1, {"a", "b", "c"});
  std::optional<uint64_t> budget = 3;
  SECTION("as many as it has URLs") {}
  SECTION("none") {
    config.runs.budget = run_settings::budget_rule::none;
    budget.reset();
  }
  SECTION("a number") {
    config.runs.budget = run_settings::budget_rule::number;
    config.runs.budget_number = 50;
    budget = 50;
  }
  start();
  REQUIRE(api->submits.size() == 1);
  CHECK(api->submits[0].urls == std::vector<std::string>{"a", "b", "c"});
  CHECK(api->submits[0].robot == "robot");
  CHECK(api->submits[0].budget == budget);
}

// -- the end ------------------------------------------------------------------

TEST_CASE_METHOD(fixture, "the job is finished once, when the last run is "
                          "committed") {
  store->plan_singles(2);
  start();
  CHECK(boss->finished == 0);
  leave(1);
  commit(1);
  leave(2);
  CHECK(boss->finished == 0);
  commit(2);
  CHECK(boss->finished == 1);
  tell(submitter, atoms::wake_atom::value);
  CHECK(boss->finished == 1);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(fixture, "a job without a batch is finished at once") {
  start();
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(fixture, "a restart waits for the runs it goes on with") {
  config.active = 1;
  config.unread = 1;
  start();
  CHECK(boss->finished == 0);
  commit(7);
  CHECK(boss->finished == 0);
  leave(8);
  commit(8);
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(fixture, "a run that is given up is not waited for") {
  store->plan_singles(1);
  start();
  leave(1, false);
  CHECK(boss->finished == 1);
}

// -- refusals -----------------------------------------------------------------

TEST_CASE_METHOD(fixture, "a submit that created nothing is planned again and "
                          "sent after a backoff") {
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

TEST_CASE_METHOD(fixture, "submits that fail together back off once") {
  store->plan_singles(3);
  auto down = true;
  api->on_submit = [&](const submit_order&) {
    return down ? answered_with(submit_action::replan) : accepted_as("r");
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

TEST_CASE_METHOD(fixture, "a 429 is the bucket's affair: planned again, no "
                          "backoff here") {
  store->plan_singles(1);
  answer_first_with(refused_429());
  start();
  CHECK(log().count("replanned 1") == 1);
  CHECK(api->submits.size() == 2);
  CHECK(stages->active.size() == 1);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(fixture, "a wrong key stops the job with the API's words, and "
                          "nothing else is sent") {
  store->plan_singles(10);
  answer_all_with(answered_with(submit_action::stop_job, "HTTP 401: no key"));
  config.proven = false;
  start();
  CHECK(api->submits.size() == 1);
  REQUIRE(boss->failures.size() >= 1);
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK_THAT(what_of(boss->failures[0]), Catch::Contains("HTTP 401: no key"));
  CHECK(log().count("replanned 1") == 1);
  CHECK(boss->finished == 0);
}

TEST_CASE_METHOD(fixture, "without credits nothing more is submitted, what "
                          "runs is finished, then the job fails") {
  store->plan_singles(10);
  api->on_submit = [this](const submit_order&) {
    return api->submits.size() < 3 ? accepted_as("r")
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

TEST_CASE_METHOD(fixture, "a bad batch is halved until the bad URL stands "
                          "alone; it is rejected, the others run") {
  store->plan(1, {"a", "b", "bad", "c", "d"});
  api->on_submit = [](const submit_order& order) {
    auto bad = std::count(order.urls.begin(), order.urls.end(), "bad") > 0;
    return bad ? answered_with(submit_action::halve, "HTTP 422: bad url")
               : accepted_as("r" + order.urls.front());
  };
  config.proven = GENERATE(true, false);
  start();
  for (auto& run : std::vector{stages->active})
    finish(0), leave(run.batch), commit(run.batch);
  for (size_t i = 0; i < 10; ++i)
    advance(1s);
  std::multiset<std::string> submitted;
  uint32_t running = 0;
  for (auto& run : stages->active)
    running += run.url_count;
  CHECK(running == 4);
  std::vector<submit_outcome> rejected;
  for (auto& outcome : store->outcomes)
    if (outcome.what == submit_outcome::kind::rejected)
      rejected.push_back(outcome);
  REQUIRE(rejected.size() == 1);
  CHECK(store->batches.at(rejected[0].batch).urls
        == std::vector<std::string>{"bad"});
  CHECK(rejected[0].text == "HTTP 422: bad url");
  CHECK(boss->failures.empty());
  CHECK(counters->urls_settled == 1);
}

TEST_CASE_METHOD(fixture, "when the second URL alone is refused and none was "
                          "ever accepted, it is the request that is wrong") {
  store->plan(1, {"a", "b", "c", "d"});
  config.proven = false;
  answer_all_with(answered_with(submit_action::halve, "HTTP 400: what?"));
  start();
  REQUIRE_FALSE(boss->failures.empty());
  CHECK(code_of(boss->failures[0]) == ec::api_refused);
  CHECK_THAT(what_of(boss->failures[0]), Catch::Contains("HTTP 400: what?"));
  CHECK(log().starting("rejected") == 1);
  CHECK(log().starting("all-replanned") == 1);
  auto sent = api->submits.size();
  advance(1h);
  CHECK(api->submits.size() == sent);
}

TEST_CASE_METHOD(fixture, "single URLs that are too large are rejected, as "
                          "many as there are") {
  store->plan(1, {"a", "b", "c", "d"});
  config.proven = false;
  answer_all_with(answered_with(submit_action::too_large, "HTTP 413"));
  start();
  CHECK(log().starting("rejected") == 4);
  CHECK(boss->failures.empty());
  CHECK(boss->finished == 1);
}

// -- submits of unknown fate --------------------------------------------------

TEST_CASE_METHOD(fixture, "a batch of unknown fate is held and never sent "
                          "again; submitting pauses until the API answers") {
  store->plan_singles(3);
  config.proven = false; // one at a time
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

TEST_CASE_METHOD(fixture, "three of unknown fate in a row end submitting; what "
                          "runs is finished, then the job stops resumably") {
  store->plan_singles(10);
  api->on_submit = [this](const submit_order&) {
    return api->submits.size() == 1
             ? accepted_as("r")
             : answered_with(submit_action::hold, "lost");
  };
  config.proven = false;
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

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(fixture, "draining ends only after a POST's outcome is "
                          "recorded") {
  store->plan_singles(10);
  api->silent = true;
  start();
  CHECK(api->submits.size() == 3);
  auto drained = drain();
  store->silent = true;
  api->answer();
  run();
  CHECK(log().starting("accepted") == 3);
  CHECK(drained->pending());
  store->answer(2);
  run();
  CHECK(drained->pending());
  store->answer();
  run();
  CHECK(drained->value);
  CHECK(stages->active.size() == 3);
  leave(1);
  CHECK(api->submits.size() == 3);
  CHECK(boss->finished == 0);
}

TEST_CASE_METHOD(
  fixture, "a draining submitter does not wait for permits; those that come "
           "late go back") {
  store->plan_singles(10);
  permits->silent = true;
  start();
  CHECK(permits->parked.size() == 3);
  CHECK(drain()->value);
  permits->grant();
  run();
  CHECK(permits->released.size() == 3);
  CHECK(api->submits.empty());
  CHECK(log().starting("begin") == 0);
}

TEST_CASE_METHOD(fixture, "a probe's permit that comes after draining goes "
                          "back, too") {
  store->plan_singles(1);
  answer_all_with(answered_with(submit_action::hold));
  permits->silent = true;
  start();
  permits->grant();
  run();
  REQUIRE(permits->parked.size() == 1);
  CHECK(drain()->value);
  permits->grant();
  run();
  CHECK(permits->released.size() == 1);
  CHECK(api->probes == 0);
}

TEST_CASE_METHOD(fixture, "a permit that comes during a backoff goes back; its "
                          "batch asks again after it") {
  store->plan_singles(2);
  permits->silent = true;
  answer_first_with(answered_with(submit_action::replan));
  start();
  permits->grant(1);
  run();
  permits->grant(1);
  run();
  CHECK(permits->released.size() == 1);
  permits->silent = false;
  advance(1s);
  CHECK(stages->active.size() == 2);
}

// -- a ledger that fails ------------------------------------------------------

TEST_CASE_METHOD(fixture, "what the ledger does not take is not sent") {
  store->plan_singles(1);
  store->failing["begin"] = make_error(ec::disk, "no space");
  start();
  CHECK(api->submits.empty());
  CHECK(permits->released.size() == 1);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(drain()->value);
}

TEST_CASE_METHOD(fixture, "an outcome that cannot be recorded stops the job, "
                          "and draining still ends") {
  store->plan_singles(1);
  store->failing["accepted"] = make_error(ec::disk, "no space");
  start();
  REQUIRE(boss->failures.size() == 1);
  CHECK(stages->active.empty());
  CHECK(drain()->value);
}
