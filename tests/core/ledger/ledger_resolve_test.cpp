#include "tests/core/ledger/ledger_fixture.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

struct resolve_fixture : ledger_fixture {
  /// A run set aside after one capture, of the batch's first URL.
  batch_key set_aside() {
    auto key = running();
    must(store->record_end(key, {run_outcome::completed, "completed", 4},
                           {{"dataset", "ds_1"}}));
    run_progress progress;
    progress.batch = key;
    progress.state.cursor = "page2";
    progress.state.next_page = 1;
    progress.state.captures = 1;
    progress.state.listings = 2;
    progress.state.covered = {1};
    progress.new_identities = {identity_of(1)};
    progress.set_aside = "not JSON";
    must(store->commit({1, {{"out", "p"}}, {progress}, {}}));
    return key;
  }

  batch_key held(const std::string& reason = "timeout") {
    auto key = in_flight();
    must(store->settle(key, submit_result::held, reason, 1));
    return key;
  }
};

uint64_t count_in(ledger& store, url_state state) {
  uint64_t count = 0;
  must(store.each_url(state, [&](const listed_url&) {
    ++count;
    return true;
  }));
  return count;
}

} // namespace

TEST_CASE_METHOD(resolve_fixture, "an adopted batch continues as its run") {
  open_imported(2, 4);
  auto key = held();
  must(store->adopt(key, "run_9", 5'000));
  auto runs = must(store->open_runs());
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].batch == key);
  CHECK(runs[0].run.id == "run_9");
  CHECK(runs[0].submitted_at_ms == 5'000);
  auto numbers = must(store->report());
  CHECK(numbers.held == 0);
  CHECK(numbers.pending == 8);
  CHECK(numbers.runs == 1);
  CHECK(numbers.total() == 8);
  CHECK(must(store->knows_run("run_9")));
  CHECK_FALSE(must(store->knows_run("run_8")));
}

TEST_CASE_METHOD(resolve_fixture, "a run is adopted for one batch only") {
  open_imported(2, 4);
  running("run_1");
  auto key = held();
  CHECK(code_of(store->adopt(key, "run_1", 1)) == ec::usage);
  CHECK(must(store->report()).held == 4);
}

TEST_CASE_METHOD(resolve_fixture,
                 "a run that was given up may be adopted again") {
  open_imported(1, 4);
  auto key = running("run_1");
  must(store->give_up(key, "too old"));
  CHECK(must(store->held_batches(1)).at(0).run_id == "run_1");
  must(store->adopt(key, "run_1", 2));
  CHECK(must(store->open_runs()).size() == 1);
}

TEST_CASE_METHOD(resolve_fixture,
                 "a resubmitted batch is planned again, once") {
  open_imported(1, 4);
  auto key = held();
  must(store->resubmit(key));
  auto numbers = must(store->report());
  CHECK(numbers.held == 0);
  CHECK(numbers.pending == 4);
  CHECK(numbers.total() == 4);
  auto batch = must(store->next_planned());
  REQUIRE(batch);
  CHECK(batch->key != key);
  CHECK(batch->urls == urls_of(0, 4));
  CHECK_FALSE(must(store->next_planned()));
  CHECK(code_of(store->resubmit(key)) == ec::usage);
}

TEST_CASE_METHOD(resolve_fixture,
                 "the run of a resubmitted batch still counts") {
  open_imported(1, 4);
  auto key = running("run_1");
  must(store->give_up(key, "too old"));
  must(store->resubmit(key));
  CHECK(must(store->report()).runs == 1);
  CHECK(must(store->knows_run("run_1")));
}

TEST_CASE_METHOD(resolve_fixture,
                 "the URLs of batches with a run count as bought, once each") {
  open_imported(4, 4);
  auto aside = set_aside();
  CHECK(must(store->report()).bought == 4);
  // The same state and outcome, with a run and without.
  must(store->abandon(aside));
  must(store->abandon(held()));
  CHECK(must(store->report()).bought == 4);
  // The outcome of this one is unknown. Halves count, and the batch that was
  // split does not.
  auto old = running("run_old");
  CHECK(must(store->report()).bought == 8);
  must(store->give_up(old, "too old"));
  CHECK(must(store->report()).bought == 4);
  must(store->resubmit(old));
  CHECK(must(store->report()).bought == 4);
}

TEST_CASE_METHOD(resolve_fixture, "an abandoned batch counts as failed") {
  open_imported(1, 4);
  must(store->abandon(held()));
  auto numbers = must(store->report());
  CHECK(numbers.failed == 4);
  CHECK(numbers.total() == 4);
  CHECK(count_in(*store, url_state::failed) == 4);
  CHECK_FALSE(must(store->next_planned()));
}

TEST_CASE_METHOD(resolve_fixture, "only a held batch can be resolved") {
  open_imported(2, 4);
  auto key = running();
  for (auto batch : {key, batch_key{77}}) {
    CHECK(code_of(store->adopt(batch, "x", 1)) == ec::usage);
    CHECK(code_of(store->resubmit(batch)) == ec::usage);
    CHECK(code_of(store->abandon(batch)) == ec::usage);
    CHECK(code_of(store->held_batch(batch).error()) == ec::usage);
  }
  CHECK(must(store->report()).pending == 8);
}

TEST_CASE_METHOD(resolve_fixture,
                 "the running job sees a decision by another process") {
  open_imported(3, 4);
  auto first = held();
  auto second = held();
  (void)must(store->changed_beside());
  CHECK_FALSE(must(store->changed_beside()));

  auto beside = must(attach_ledger(file));
  must(beside->adopt(first, "run_1", 7));
  must(beside->resubmit(second));
  CHECK(must(store->changed_beside()));
  CHECK_FALSE(must(store->changed_beside()));
  auto adopted = must(store->take_adopted());
  REQUIRE(adopted.size() == 1);
  CHECK(adopted[0].run.id == "run_1");
  CHECK(must(store->take_adopted()).empty());
  CHECK(must(store->next_planned())->key == 3);
  CHECK(must(store->next_planned())->key == 4);
}

TEST_CASE_METHOD(resolve_fixture,
                 "a batch adopted before a start is not reported twice") {
  open_imported(1, 4);
  auto key = held();
  {
    auto beside = must(attach_ledger(file));
    must(beside->adopt(key, "run_1", 7));
  }
  CHECK(must(store->open_runs()).size() == 1);
  CHECK(must(store->take_adopted()).empty());
}

TEST_CASE_METHOD(resolve_fixture,
                 "a ledger that does not exist cannot be read") {
  auto none = attach_ledger(directory / "none.sluice");
  REQUIRE_FALSE(none);
  CHECK(code_of(none.error()) == ec::usage);
  CHECK_FALSE(std::filesystem::exists(directory / "none.sluice"));
}

// -- runs that are set aside --------------------------------------------------

TEST_CASE_METHOD(resolve_fixture,
                 "the URLs of a run set aside have a state of their own") {
  open_imported(1, 4);
  auto key = set_aside();
  open();
  auto numbers = must(store->report());
  CHECK(numbers.set_aside == 3);
  CHECK(numbers.set_aside_runs == 1);
  CHECK(numbers.captured == 1);
  CHECK(numbers.open_runs == 0);
  CHECK(numbers.total() == 4);
  CHECK(count_in(*store, url_state::set_aside) == 3);
  auto listed = must(store->set_aside_runs(9));
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].key == key);
  CHECK(listed[0].reason == "not JSON");
  CHECK(listed[0].run_id == "run_1");
  CHECK(must(store->open_runs()).empty());
}

TEST_CASE_METHOD(resolve_fixture,
                 "no retry takes the URLs of a run set aside") {
  open_imported(1, 4);
  must(store->retry_missing_by({.times = 3, .urls_per_run = 1}));
  set_aside();
  CHECK_FALSE(must(store->next_planned()));
  must(store->retry_missing_by({.times = 5, .urls_per_run = 1}));
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->report()).set_aside == 3);
}

TEST_CASE_METHOD(resolve_fixture,
                 "a run that is read again continues with its captures") {
  open_imported(1, 4);
  auto key = set_aside();
  must(store->read_again(key, 9'000));
  open();
  auto runs = must(store->open_runs());
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].run.id == "run_1");
  CHECK_FALSE(runs[0].end);
  CHECK(runs[0].submitted_at_ms == 9'000);
  CHECK(must(store->report()).pending == 3);
  must(store->record_end(key, {run_outcome::completed, "completed", 5},
                         {{"dataset", "ds_2"}}));
  auto start = must(store->start_paging(key));
  CHECK(start.seen == std::vector{identity_of(1)});
  CHECK(start.state.cursor == "page2");
  CHECK(start.state.captures == 1);
  CHECK(start.state.listings == 0);
  CHECK(must(store->open_runs()).at(0).run.saved.at("dataset") == "ds_2");
  CHECK(code_of(store->read_again(key, 9'000)) == ec::usage);
}

TEST_CASE_METHOD(resolve_fixture,
                 "a running job learns that a run should be read again") {
  open_imported(1, 4);
  auto key = set_aside();
  CHECK(must(store->open_runs()).empty());
  {
    auto beside = must(attach_ledger(file));
    must(beside->read_again(key, 9'000));
  }
  auto runs = must(store->take_adopted());
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].batch == key);
}

TEST_CASE_METHOD(
  resolve_fixture,
  "an abandoned run that was set aside has failed except for its captures") {
  open_imported(1, 4);
  must(store->abandon(set_aside()));
  auto numbers = must(store->report());
  CHECK(numbers.failed == 3);
  CHECK(numbers.captured == 1);
  CHECK(numbers.set_aside_runs == 0);
  CHECK(numbers.total() == 4);
}

TEST_CASE_METHOD(resolve_fixture,
                 "a run set aside is neither adopted nor submitted "
                 "again") {
  open_imported(2, 4);
  auto key = set_aside();
  CHECK(code_of(store->adopt(key, "run_9", 1)) == ec::usage);
  CHECK(code_of(store->resubmit(key)) == ec::usage);
  auto other = held();
  CHECK(code_of(store->adopt(other, "run_1", 1)) == ec::usage);
  CHECK(must(store->knows_run("run_1")));
}

TEST_CASE_METHOD(
  resolve_fixture,
  "a partly read run is set aside, not held, when it is given up") {
  open_imported(1, 4);
  auto key = set_aside();
  must(store->read_again(key, 9'000));
  must(store->give_up(key, "too old"));
  auto numbers = must(store->report());
  CHECK(numbers.held == 0);
  CHECK(numbers.set_aside == 3);
  CHECK(must(store->set_aside_runs(1)).at(0).reason == "too old");
  CHECK(code_of(store->resubmit(key)) == ec::usage);
}
