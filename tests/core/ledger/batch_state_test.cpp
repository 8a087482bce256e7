// The table of a batch's transitions, and words in a ledger that no
// version of sluice writes. contract_batch_states_test.cpp carries the
// transitions out.

#include "core/db/sqlite.hpp"
#include "core/model/batch_state.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <tuple>
#include <vector>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("a change of a batch leads to one state") {
  for (size_t i = 0; i < batch_changes; ++i) {
    auto by = static_cast<batch_change>(i);
    size_t rows = 0;
    for (auto& row : batch_transitions) {
      if (row.by != by)
        continue;
      ++rows;
      CHECK(row.to == target_of(by));
      CHECK(may_change(row.from, by));
    }
    CAPTURE(i);
    CHECK(rows > 0);
  }
}

TEST_CASE("the word for a batch's state names no other state") {
  for (size_t i = 0; i < batch_states; ++i) {
    auto state = static_cast<batch_state>(i);
    CHECK(batch_state_named(name_of(state)) == state);
  }
  CHECK_FALSE(batch_state_named(""));
  CHECK_FALSE(batch_state_named("asleep"));
}

TEST_CASE("a batch's life has these transitions and no others") {
  using s = batch_state;
  using c = batch_change;
  const std::set<std::tuple<s, c, s>> life{
    {s::planned, c::begin, s::in_flight},
    {s::planned, c::cut, s::split},
    {s::planned, c::regroup, s::split},
    {s::in_flight, c::accept, s::running},
    {s::in_flight, c::replan, s::planned},
    {s::in_flight, c::hold, s::held},
    {s::in_flight, c::interrupt, s::held},
    {s::in_flight, c::split, s::split},
    {s::in_flight, c::reject, s::rejected},
    {s::rejected, c::replan_all, s::planned},
    {s::running, c::end, s::ended},
    {s::running, c::give_up, s::held},
    {s::running, c::set_aside, s::set_aside},
    {s::ended, c::finish, s::done},
    {s::ended, c::stop_reading, s::set_aside},
    {s::held, c::adopt, s::running},
    {s::held, c::resubmit, s::split},
    {s::held, c::abandon, s::done},
    {s::set_aside, c::abandon, s::done},
    {s::set_aside, c::read_again, s::running},
  };
  std::set<std::tuple<s, c, s>> table;
  for (auto& row : batch_transitions)
    table.insert({row.from, row.by, row.to});
  CHECK(table == life);
}

TEST_CASE_METHOD(ledger_fixture,
                 "a state that no version of sluice knows is an error",
                 "[ledger]") {
  open_imported(2, 2);
  ended();
  must(must(sqlite::database::open(file))
         ->script("PRAGMA ignore_check_constraints = 1;"
                  "UPDATE batch SET state = 'asleep' WHERE id = 1;"));
  auto visit = [](const listed_url&) { return true; };
  std::vector<caf::error> errors{
    store->report().error(), store->spent().error(),
    store->find_url("https://shop.example/0/0", 1).error()};
  for (auto& err : errors) {
    CHECK(code_of(err) == ec::ledger_unusable);
    CHECK_THAT(what_of(err), Catch::Contains("'asleep'"));
  }
  // Batches in this state are in no list.
  CHECK_FALSE(store->each_url(url_state::held, visit));
}

TEST_CASE_METHOD(ledger_fixture,
                 "a cause of time that no version of sluice knows is an error",
                 "[ledger]") {
  open_imported(2, 2);
  must(must(sqlite::database::open(file))
         ->script("INSERT INTO spent VALUES ('sleep', 1)"));
  auto err = store->report().error();
  CHECK(code_of(err) == ec::ledger_unusable);
  CHECK_THAT(what_of(err), Catch::Contains("'sleep'"));
}

TEST_CASE_METHOD(ledger_fixture,
                 "an outcome that no version of sluice knows is an error",
                 "[ledger]") {
  open_imported(2, 2);
  ended();
  must(must(sqlite::database::open(file))
         ->script("PRAGMA ignore_check_constraints = 1;"
                  "UPDATE batch SET outcome = 'odd' WHERE id = 1;"));
  for (auto& err : {store->open_runs().error(), store->report().error()}) {
    CHECK(code_of(err) == ec::ledger_unusable);
    CHECK_THAT(what_of(err), Catch::Contains("'odd'"));
  }
}
