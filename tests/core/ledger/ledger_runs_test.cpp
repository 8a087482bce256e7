#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(ledger_fixture, "a restart finds the open runs", "[ledger]") {
  open_imported(4, 3);
  auto first = running("run_a");
  auto second = running("run_b");
  auto third = ended();
  auto fourth = in_flight();
  must(store->record_end(
    second, {run_outcome::failed, "FAILED", 7},
    {{"dataset", "ds_1"}, {"odd", std::string{"\xFF\0", 2}}}));
  open();
  auto runs = must(store->open_runs());
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].batch == first);
  CHECK(runs[0].run.id == "run_a");
  CHECK(runs[0].run.saved.empty());
  CHECK(runs[0].submitted_at_ms == 1'000);
  CHECK(runs[0].url_count == 3);
  CHECK_FALSE(runs[0].end);
  CHECK(runs[1].batch == second);
  CHECK(runs[1].run.saved.at("dataset") == "ds_1");
  CHECK(runs[1].run.saved.at("odd") == std::string{"\xFF\0", 2});
  REQUIRE(runs[1].end);
  CHECK(runs[1].end->outcome == run_outcome::failed);
  CHECK(runs[1].end->state == "FAILED");
  CHECK(runs[1].end->extracted == 7u);
  CHECK(runs[2].batch == third);
  CHECK_FALSE(runs[2].end->extracted);
  must(store->settle(fourth, submit_result::replanned, {}, 1));
}

TEST_CASE_METHOD(ledger_fixture, "paging resumes at the last checkpoint",
                 "[ledger]") {
  open_imported(1, 10);
  auto key = ended();
  auto start = must(store->start_paging(key));
  CHECK(start.urls == urls_of(0, 10));
  CHECK(start.state.cursor.empty());
  CHECK(start.state.covered.empty());
  CHECK(start.seen.empty());

  std::string cursor{"c\0\xFF", 3};
  must(store->commit({5,
                      {{"all", "500"}, {"hook", ""}},
                      {{key,
                        {cursor, 2, 4, 1, 0, {0x07, 0x00}},
                        {identity_of(1), identity_of(2)},
                        std::nullopt}},
                      {2, 1, 0}}));
  must(store->commit({6,
                      {{"all", "900"}},
                      {{key,
                        {cursor, 3, 6, 1, 2, {0x07, 0x02}},
                        {identity_of(3)},
                        std::nullopt}},
                      {0, 1, 1}}));
  open();
  start = must(store->start_paging(key));
  CHECK(start.state.cursor == cursor);
  CHECK(start.state.next_page == 3);
  CHECK(start.state.captures == 6);
  CHECK(start.state.unmatched == 1);
  CHECK(start.state.repeated == 2);
  CHECK(start.state.covered == coverage_bits{0x07, 0x02});
  CHECK(start.seen
        == std::vector{identity_of(1), identity_of(2), identity_of(3)});
  CHECK(must(store->position_of("all")) == sink_position{"900"});
  CHECK(must(store->position_of("hook")) == sink_position{});
  CHECK(must(store->position_of("none")) == std::nullopt);
  CHECK(must(store->last_delivery()) == 6);

  auto sums = must(store->report());
  CHECK(sums.captured == 4); // committed even though the run is not done
  CHECK(sums.pending == 6);
  CHECK(sums.captures == 6);
  CHECK(sums.unmatched == 1);
  CHECK(sums.repeated == 2);
  CHECK(sums.requests.submits == 1); // begun, regardless of the checkpoint
  CHECK(sums.requests.polls == 2);
  CHECK(sums.requests.pages == 2);
  CHECK(sums.requests.rate_limited == 1);
}

TEST_CASE_METHOD(ledger_fixture,
                 "checkpoints add up the time spent across restarts",
                 "[ledger]") {
  open_imported(1, 10);
  CHECK(must(store->report()).spent == time_spent{});
  checkpoint cut{3, {{"all", "500"}}, {}, {}};
  cut.spent = {1s, 0s, 2s, 0s, 3ms, 0s};
  cut.dead_letters = 4;
  must(store->commit(cut));
  open();
  // A checkpoint without sinks and runs changes nothing else.
  checkpoint spent;
  spent.delivery = 3;
  spent.spent = {1ms, 5s, 0s, 0s, 4ms, 0s};
  spent.elapsed = 5005ms;
  must(store->commit(spent));
  auto sums = must(store->report());
  CHECK(sums.spent == time_spent{1001ms, 5s, 2s, 0s, 7ms, 0s});
  CHECK(sums.elapsed == 5005ms);
  CHECK(sums.dead_letters == 4);
  CHECK(must(store->position_of("all")) == sink_position{"500"});
  CHECK(must(store->last_delivery()) == 3);
}

TEST_CASE_METHOD(ledger_fixture,
                 "the end of a run decides the states of its URLs",
                 "[ledger]") {
  struct row {
    run_result end;
    uint64_t missing, failed, shortfall;
  };
  auto row = GENERATE(values<struct row>({
    {{run_outcome::completed, "completed", 3}, 7, 0, 0},
    {{run_outcome::completed, "completed", std::nullopt}, 7, 0, 0},
    {{run_outcome::completed, "completed", 9}, 7, 0, 5},
    {{run_outcome::failed, "failed", 5}, 0, 7, 1},
    {{run_outcome::stopped, "stopped", 0}, 0, 7, 0},
    {{run_outcome::lost, "404", std::nullopt}, 0, 7, 0},
    {{run_outcome::completed, "hostile", UINT64_MAX}, 7, 0, 99'999'999'996},
  }));
  CAPTURE(row.end.state);
  open_imported(2, 10);
  auto key = ended({run_outcome::completed, "before", 1});
  must(store->commit(
    {1,
     {},
     {{key, {"", 1, 4, 1, 1, {0x07, 0x00}}, {identity_of(1)}, row.end}},
     {}}));
  auto sums = must(store->report());
  CHECK(sums.captured == 3);
  CHECK(sums.missing == row.missing);
  CHECK(sums.failed == row.failed);
  CHECK(sums.shortfall == row.shortfall);
  CHECK(sums.pending == 10);
  CHECK(sums.total() == 20);
  CHECK(sums.runs == 1);
  CHECK(sums.open_runs == 0);
  CHECK(must(store->open_runs()).empty());
}

TEST_CASE_METHOD(ledger_fixture, "a checkpoint never moves backwards",
                 "[ledger]") {
  open_imported(1, 1);
  must(store->commit({5, {{"all", "5"}}, {}, {}}));
  must(store->commit({5, {{"all", "5b"}}, {}, {}}));
  auto err = store->commit({4, {{"all", "4"}}, {}, {}});
  CHECK(code_of(err) == ec::internal);
  CHECK_THAT(what_of(err), Catch::Contains("delivery 4"));
  CHECK(must(store->position_of("all")) == sink_position{"5b"});
}

TEST_CASE_METHOD(ledger_fixture, "a checkpoint is all or nothing", "[ledger]") {
  open_imported(2, 10);
  auto good = ended();
  auto bad = running();
  auto err =
    store->commit({9,
                   {{"all", "9"}},
                   {{good, {"c", 1, 1, 0, 0, {0x01, 0x00}}, {}, run_result{}},
                    {bad, {}, {}, run_result{}}},
                   {1, 1, 1}});
  CHECK(code_of(err) == ec::internal);
  CHECK(must(store->last_delivery()) == 0);
  CHECK_FALSE(must(store->position_of("all")));
  CHECK(must(store->report()).captured == 0);
  CHECK(must(store->report()).requests.polls == 0);
  CHECK(must(store->start_paging(good)).state.cursor.empty());
}

TEST_CASE_METHOD(ledger_fixture, "coverage must fit the batch", "[ledger]") {
  open_imported(1, 10);
  auto key = ended();
  auto bits = GENERATE(coverage_bits{0xFF}, coverage_bits{0xFF, 0xFF},
                       coverage_bits{0, 0, 0});
  paging_state state;
  state.covered = bits;
  auto err = store->commit({1, {}, {{key, state, {}, std::nullopt}}, {}});
  CHECK(code_of(err) == ec::internal);
  CHECK(must(store->report()).captured == 0);
}
