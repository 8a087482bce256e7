// The life of a batch in the real ledger is the table of transitions: each of
// them works, every other one is refused, and words that no sluice writes are
// an error.

#include "core/db/sqlite.hpp"
#include "core/model/batch_state.hpp"
#include "core/model/submit_result.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr batch_key key = 1; ///< the batch that is moved
constexpr batch_key other = 2;

class fixture : public ledger_fixture {
public:
  /// Carries out `by` on the batch with the ledger's functions.
  caf::error apply(batch_change by) {
    switch (by) {
      case batch_change::begin:
        return store->begin_submit(key, {"worker", 0});
      case batch_change::accept:
        return settle(submit_result::accepted);
      case batch_change::replan:
        return settle(submit_result::replanned);
      case batch_change::hold:
        return settle(submit_result::held);
      case batch_change::split:
        return settle(submit_result::split);
      case batch_change::reject:
        return settle(submit_result::rejected);
      case batch_change::end:
        return store->record_end(key, {}, {});
      case batch_change::give_up:
        return store->give_up(key, "too old");
      case batch_change::set_aside:
        return store->set_aside(key, "no status");
      case batch_change::finish:
        return store->commit({1, {}, {{key, {}, {}, run_result{}}}, {}});
      case batch_change::stop_reading:
        return store->commit({1, {}, {{key, {}, {}, {}, "not JSON"}}, {}});
      case batch_change::adopt:
        return store->adopt(key, "adopted", 1);
      case batch_change::resubmit:
        return store->resubmit(key);
      case batch_change::abandon:
        return store->abandon(key);
      case batch_change::read_again:
        return store->read_again(key, 1);
      default:
        return apply_to_all(by);
    }
  }

  /// Changes that look for the batches they may move, and refuse none.
  caf::error apply_to_all(batch_change by) {
    if (by == batch_change::interrupt) {
      must(store->hold_interrupted());
    } else if (by == batch_change::cut) {
      store->limit_submits({1, std::nullopt});
      must(store->next_planned());
    } else {
      must(store->begin_submit(other, {"worker", 0}));
      must(store->settle(other, submit_result::all_replanned, {}, 1));
    }
    return {};
  }

  /// As another process reads it.
  std::string stored_state() {
    auto db = must(sqlite::database::open(file));
    auto row = db->use("SELECT state FROM batch WHERE id = ?1", key);
    REQUIRE(row.next());
    return row.text(0);
  }

  /// A new ledger with a batch of two URLs in `state`, and another one.
  void make(batch_state state) {
    using enum batch_change;
    static const std::map<batch_state, std::vector<batch_change>> ways{
      {batch_state::planned, {}},
      {batch_state::in_flight, {begin}},
      {batch_state::running, {begin, accept}},
      {batch_state::ended, {begin, accept, end}},
      {batch_state::done, {begin, accept, end, finish}},
      {batch_state::held, {begin, hold}},
      {batch_state::rejected, {begin, reject}},
      {batch_state::split, {begin, split}},
      {batch_state::set_aside, {begin, accept, set_aside}},
    };
    store.reset();
    file = directory / (std::to_string(++made_) + ".sluice");
    open_imported(2, 2);
    must(store->begin_group());
    for (auto by : ways.at(state))
      must(apply(by));
    must(store->end_group());
    REQUIRE(stored_state() == name_of(state));
  }

private:
  caf::error settle(submit_result result) {
    return store->settle(key, result, "text", 1);
  }

  int made_ = 0;
};

/// How `by` is refused.
ec refusal_of(batch_change by) {
  switch (by) {
    case batch_change::interrupt:
    case batch_change::cut:
    case batch_change::replan_all:
      return ec::no_error;
    case batch_change::adopt:
    case batch_change::resubmit:
    case batch_change::abandon:
    case batch_change::read_again:
      return ec::usage;
    default:
      return ec::internal;
  }
}

} // namespace

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

TEST_CASE_METHOD(fixture,
                 "the ledger carries out the transitions of the table and "
                 "refuses all others",
                 "[ledger]") {
  for (size_t i = 0; i < batch_states; ++i)
    for (size_t j = 0; j < batch_changes; ++j) {
      auto from = static_cast<batch_state>(i);
      auto by = static_cast<batch_change>(j);
      if (by == batch_change::regroup)
        continue; // only of batches that a search has made
      CAPTURE(name_of(from), j);
      make(from);
      auto allowed = may_change(from, by);
      CHECK(code_of(apply(by)) == (allowed ? ec::no_error : refusal_of(by)));
      CHECK(stored_state() == name_of(allowed ? target_of(by) : from));
    }
}

TEST_CASE_METHOD(fixture, "a state that no sluice knows is an error",
                 "[ledger]") {
  make(batch_state::ended);
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

TEST_CASE_METHOD(fixture, "an outcome that no sluice knows is an error",
                 "[ledger]") {
  make(batch_state::ended);
  must(must(sqlite::database::open(file))
         ->script("PRAGMA ignore_check_constraints = 1;"
                  "UPDATE batch SET outcome = 'odd' WHERE id = 1;"));
  for (auto& err : {store->open_runs().error(), store->report().error()}) {
    CHECK(code_of(err) == ec::ledger_unusable);
    CHECK_THAT(what_of(err), Catch::Contains("'odd'"));
  }
}
