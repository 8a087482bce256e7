#include "actors/run_submitter.hpp"
#include "tests/actors/submitter_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(submitter_fixture,
                 "a batch is durably in flight before its POST is sent") {
  config.canary_passed =
    false; // otherwise it would already request a second batch
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
  // The ledger knows the run before anyone polls it.
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

TEST_CASE_METHOD(submitter_fixture, "as many runs are submitted as there are "
                                    "slots, plus one for each that ends") {
  store->plan_singles(100);
  start();
  CHECK(api->submits.size() == 3);
  leave(1);
  CHECK(api->submits.size() == 4);
  CHECK(counters->active_runs == 3);
  CHECK(counters->unread_runs == 1);
}

TEST_CASE_METHOD(
  submitter_fixture,
  "unread runs stop submitting at max_concurrent + queue_ahead + max_unread") {
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

TEST_CASE_METHOD(submitter_fixture,
                 "at least three submits share each sync of a slow ledger") {
  constexpr size_t batches = 100;
  config.runs.max_concurrent = batches;
  store->plan_singles(batches);
  store->silent = true;
  start();
  size_t syncs = 0;
  for (; api->submits.size() < batches && syncs < 2 * batches; ++syncs) {
    store->answer(); // one sync for all requests since the last one
    run();
  }
  CHECK(syncs < batches / 3);
}

TEST_CASE_METHOD(submitter_fixture,
                 "submits go one at a time until the API has accepted one") {
  config.canary_passed = false;
  store->plan_singles(100);
  api->silent = true;
  start();
  CHECK(api->submits.size() == 1);
  api->answer();
  run();
  CHECK(api->submits.size() == 3);
}

TEST_CASE_METHOD(submitter_fixture,
                 "an order contains the batch's URLs, robot and budget") {
  store->plan(1, {"a", "b", "c"});
  std::optional<uint64_t> budget = 3;
  SECTION("one per URL") {}
  SECTION("none") {
    config.runs.budget = run_settings::budget_rule::none;
    budget.reset();
  }
  SECTION("a fixed number") {
    config.runs.budget = run_settings::budget_rule::number;
    config.runs.budget_number = 50;
    budget = 50;
  }
  start();
  REQUIRE(api->submits.size() == 1);
  CHECK(*api->submits[0].urls == url_table{"a", "b", "c"});
  CHECK(api->submits[0].robot == "robot");
  CHECK(api->submits[0].budget == budget);
}

// -- the end ------------------------------------------------------------------

TEST_CASE_METHOD(submitter_fixture,
                 "the job finishes once, when the last run is committed") {
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

TEST_CASE_METHOD(submitter_fixture, "a job without a batch finishes at once") {
  start();
  CHECK(boss->finished == 1);
}

TEST_CASE_METHOD(submitter_fixture,
                 "a restart waits for the runs it continues") {
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

TEST_CASE_METHOD(submitter_fixture,
                 "a run that is given up is not waited for") {
  store->plan_singles(1);
  start();
  leave(1, false);
  CHECK(boss->finished == 1);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(submitter_fixture,
                 "draining ends only after the outcome of a POST is recorded") {
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
  submitter_fixture,
  "a draining submitter does not wait for permits and returns late ones") {
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

TEST_CASE_METHOD(submitter_fixture,
                 "a probe's permit that arrives after draining is returned") {
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

TEST_CASE_METHOD(submitter_fixture, "a permit that arrives during a backoff is "
                                    "returned and its batch asks again later") {
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

TEST_CASE_METHOD(submitter_fixture,
                 "a submit that the ledger cannot record is not sent") {
  store->plan_singles(1);
  store->failing["begin"] = make_error(ec::disk, "no space");
  start();
  CHECK(api->submits.empty());
  CHECK(permits->released.size() == 1);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(drain()->value);
}

TEST_CASE_METHOD(submitter_fixture,
                 "an outcome that cannot be recorded stops the job, "
                 "and draining still ends") {
  store->plan_singles(1);
  store->failing["accepted"] = make_error(ec::disk, "no space");
  start();
  REQUIRE(boss->failures.size() == 1);
  CHECK(stages->active.empty());
  CHECK(drain()->value);
}

TEST_CASE_METHOD(
  submitter_fixture,
  "nothing is submitted while statuses or captures are unreadable") {
  store->plan_singles(3);
  config.runs.max_concurrent = 1;
  config.runs.queue_ahead = 0;
  start();
  CHECK(api->submits.size() == 1);
  tell(submitter, replies_readable{request_kind::page, false});
  tell(submitter, replies_readable{request_kind::poll, false});
  finish(1);
  advance(1h);
  CHECK(api->submits.size() == 1);
  tell(submitter, replies_readable{request_kind::page, true});
  CHECK(api->submits.size() == 1);
  tell(submitter, replies_readable{request_kind::poll, true});
  CHECK(api->submits.size() == 2);
}

TEST_CASE_METHOD(submitter_fixture,
                 "a limit ends the job once its open runs are finished") {
  store->plan_singles(3);
  store->allowed = 2;
  store->limit = "the limit";
  start();
  CHECK(api->submits.size() == 2);
  CHECK(counters->limit.get() == "the limit");
  finish(1);
  leave(2);
  CHECK(boss->failures.empty());
  commit(2);
  CHECK(api->submits.size() == 2);
  CHECK(boss->finished == 0);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::limited);
  CHECK(what_of(boss->failures[0]) == "the limit");
}

TEST_CASE_METHOD(submitter_fixture,
                 "submitting continues if a run that ends frees credits") {
  store->plan_singles(2);
  store->allowed = 1;
  store->limit = "the limit";
  start();
  CHECK(api->submits.size() == 1);
  CHECK(counters->limit.get() == "the limit");
  leave(1);
  store->allowed = 1;
  commit(1);
  CHECK(api->submits.size() == 2);
  CHECK(counters->limit.get() == "");
  leave(2);
  commit(2);
  CHECK(boss->finished == 1);
  CHECK(boss->failures.empty());
}
