// What every run_store keeps to: the same cases over the SQLite ledger and over
// the one in memory, which stands in for it where actors run in virtual time.

#include "core/ledger/run_store.hpp"
#include "core/model/batch_state.hpp"
#include "tests/core/ledger/run_stores.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using texts = std::vector<std::string>;

/// The cases' words, over one of the stores.
template <class Store>
class contract : public Store {
public:
  std::optional<url_batch> next() { return must(this->runs().next_planned()); }

  caf::error begin(batch_key batch) {
    return this->runs().begin_submit(batch, {"worker", 0, 10});
  }

  batch_key in_flight() {
    auto batch = next();
    REQUIRE(batch);
    must(begin(batch->key));
    return batch->key;
  }

  caf::error
  settle(batch_key batch, submit_result result, const std::string& text = {}) {
    return this->runs().settle(batch, result, text, 1'000);
  }

  caf::error accept(batch_key batch, const std::string& run) {
    return settle(batch, submit_result::accepted, run);
  }

  batch_key running() {
    auto batch = in_flight();
    must(accept(batch, "run_" + std::to_string(batch)));
    return batch;
  }

  batch_key ended() {
    auto batch = running();
    must(this->runs().record_end(batch, {run_outcome::completed, "finished", 3},
                                 {{"file", "f"}}));
    return batch;
  }

  caf::error commit(uint64_t delivery, std::vector<run_progress> parts = {}) {
    checkpoint cut;
    cut.delivery = delivery;
    cut.sinks = {{"out", std::to_string(delivery)}};
    cut.runs = std::move(parts);
    return this->runs().commit(cut);
  }

  /// What a start goes on with, as "1: run_1" or "1: run_1 finished".
  texts open_runs() {
    texts result;
    for (auto& run : must(this->runs().open_runs()))
      result.push_back(std::to_string(run.batch) + ": " + run.run.id
                       + (run.end ? " " + run.end->state : ""));
    return result;
  }

  uint64_t left() { return must(this->runs().planned_left()); }
};

#define CONTRACT_CASE(title)                                                   \
  TEMPLATE_TEST_CASE("contract: " title, "[ledger]", sqlite_store, memory_store)

capture_identity identity(uint8_t seed) {
  capture_identity result{};
  result.fill(seed);
  return result;
}

} // namespace

CONTRACT_CASE("batches are handed out once, in input order") {
  contract<TestType> store;
  store.import(3, 2);
  CHECK(store.left() == 3);
  auto first = store.next();
  REQUIRE(first);
  CHECK(first->key == 1);
  CHECK(first->urls == ledger_fixture::urls_of(0, 2));
  CHECK(first->depth == 0);
  CHECK_FALSE(first->ticket);
  CHECK(store.next()->key == 2);
  CHECK(store.left() == 1);
  CHECK(store.next()->key == 3);
  CHECK_FALSE(store.next());
  CHECK(store.left() == 0);
  CHECK(store.runs().limited_by().empty());
}

CONTRACT_CASE("another process hands out again what was not submitted") {
  contract<TestType> store;
  store.import(2, 2);
  store.next();
  store.running();
  store.restart();
  CHECK(store.left() == 1);
  CHECK(store.next()->key == 1);
  CHECK_FALSE(store.next());
}

CONTRACT_CASE("what comes back to planned is handed out again, first") {
  contract<TestType> store;
  store.import(3, 2);
  auto batch = store.in_flight();
  must(store.settle(batch, submit_result::replanned));
  CHECK(store.left() == 3);
  CHECK(store.next()->key == batch);
}

CONTRACT_CASE("halves take a batch's place and go first") {
  contract<TestType> store;
  store.import(2, 5);
  auto whole = store.in_flight();
  must(store.settle(whole, submit_result::split));
  auto first = store.next();
  auto second = store.next();
  auto third = store.next();
  REQUIRE((first && second && third));
  CHECK(whole < first->key);
  CHECK(first->key < second->key);
  auto urls = ledger_fixture::urls_of(0, 5);
  CHECK(first->urls == texts{urls[0], urls[1]});
  CHECK(second->urls == texts{urls[2], urls[3], urls[4]});
  CHECK(first->depth == 1);
  CHECK(third->key == 2);
}

CONTRACT_CASE("one URL cannot be split and stays in flight") {
  contract<TestType> store;
  store.import(1, 1);
  auto batch = store.in_flight();
  CHECK(code_of(store.settle(batch, submit_result::split)) == ec::internal);
  must(store.settle(batch, submit_result::rejected, "422"));
}

CONTRACT_CASE("when every URL is refused the rejected ones come back") {
  contract<TestType> store;
  store.import(3, 1);
  must(store.settle(store.in_flight(), submit_result::rejected, "422"));
  must(store.settle(store.in_flight(), submit_result::rejected, "422"));
  CHECK(store.left() == 1);
  must(store.settle(store.in_flight(), submit_result::all_replanned));
  CHECK(store.left() == 3);
}

CONTRACT_CASE("a run belongs to one batch") {
  contract<TestType> store;
  store.import(2, 1);
  CHECK_FALSE(must(store.runs().has_runs()));
  auto first = store.in_flight();
  must(store.accept(first, "r"));
  CHECK(must(store.runs().has_runs()));
  auto second = store.in_flight();
  CHECK(code_of(store.accept(second, "r")) == ec::bad_reply);
  must(store.settle(second, submit_result::held, "not new")); // in flight
}

CONTRACT_CASE("a start holds what is in flight") {
  contract<TestType> store;
  store.import(3, 1);
  store.in_flight();
  store.running();
  store.restart();
  CHECK(must(store.runs().hold_interrupted()) == 1);
  CHECK(store.runs().left_to_repeat() == 0);
  CHECK(store.open_runs() == texts{"2: run_2"});
  CHECK(store.next()->key == 3);
}

CONTRACT_CASE("a start repeats the submits that have a ticket") {
  contract<TestType> store;
  store.import(3, 1);
  submit_ticket ticket{"key", {}, 77};
  auto keyed = store.next()->key;
  must(store.runs().begin_submit(keyed, {"worker", 0, 10}, ticket));
  auto plain = store.in_flight();
  CHECK(code_of(store.runs().repeat_submit(plain, {"worker", 0, 10}))
        == ec::internal);
  store.restart();
  CHECK(must(store.runs().hold_interrupted(true)) == 1);
  CHECK(store.runs().left_to_repeat() == 1);
  CHECK(store.left() == 2);
  auto batch = store.next();
  REQUIRE(batch);
  CHECK(batch->key == keyed);
  REQUIRE(batch->ticket);
  CHECK(batch->ticket->key == "key");
  CHECK(batch->ticket->first_sent_at_ms == 77);
  CHECK(store.runs().left_to_repeat() == 0);
  must(store.runs().repeat_submit(keyed, {"worker", 0, 20}));
  must(store.accept(keyed, "r"));
  CHECK_FALSE(store.next()->ticket);
}

CONTRACT_CASE("a ticket goes with the submit that it was for") {
  contract<TestType> store;
  store.import(1, 1);
  auto batch = store.next()->key;
  must(store.runs().begin_submit(batch, {"worker", 0, 10},
                                 submit_ticket{"key", {}, 77}));
  must(store.settle(batch, submit_result::replanned));
  auto again = store.next();
  REQUIRE(again);
  CHECK_FALSE(again->ticket);
  must(store.begin(batch));
  CHECK(code_of(store.runs().repeat_submit(batch, {"worker", 0, 10}))
        == ec::internal);
}

CONTRACT_CASE("a limit of URLs cuts a batch and says why it stops") {
  contract<TestType> store;
  store.import(3, 4);
  store.runs().limit_submits({6, std::nullopt});
  CHECK(store.next()->urls.size() == 4);
  CHECK(store.runs().limited_by().empty());
  auto part = store.next();
  REQUIRE(part);
  CHECK(part->urls.size() == 2);
  CHECK(part->key > 3);
  CHECK_FALSE(store.next());
  CHECK_THAT(store.runs().limited_by(), Catch::Contains("--limit"));
  CHECK(store.left() == 0);
  // What comes back does not count again.
  must(store.begin(part->key));
  must(store.settle(part->key, submit_result::replanned));
  CHECK(store.left() == 1);
  CHECK(store.next()->key == part->key);
  store.restart();
  CHECK(store.left() == 4);
}

CONTRACT_CASE("runs end, and a start goes on with them") {
  contract<TestType> store;
  store.import(3, 4);
  auto ended = store.ended();
  store.running();
  store.restart();
  CHECK(store.open_runs() == texts{"1: run_1 finished", "2: run_2"});
  auto run = must(store.runs().open_runs())[0];
  CHECK(run.batch == ended);
  CHECK(run.url_count == 4);
  CHECK(run.submitted_at_ms == 1'000);
  CHECK(run.end->extracted == 3);
  CHECK(run.run.saved == std::map<std::string, std::string>{{"file", "f"}});
  CHECK(must(store.runs().start_paging(ended)).urls
        == ledger_fixture::urls_of(0, 4));
}

CONTRACT_CASE("a run that was given up is not open any more") {
  contract<TestType> store;
  store.import(2, 4);
  must(store.runs().give_up(store.running(), "too old"));
  must(store.runs().set_aside(store.running(), "no status"));
  CHECK(store.open_runs().empty());
  store.restart();
  CHECK_FALSE(store.next());
}

CONTRACT_CASE("reading goes on where the last checkpoint left it") {
  contract<TestType> store;
  store.import(1, 4);
  auto batch = store.ended();
  must(store.commit(5, {{batch,
                         {"c1", 1, 2, 1, 0, {0x03}, 1},
                         {identity(1), identity(2)},
                         std::nullopt}}));
  must(store.commit(
    6, {{batch, {"c2", 2, 3, 1, 1, {0x07}, 1}, {identity(3)}, std::nullopt}}));
  store.restart();
  auto start = must(store.runs().start_paging(batch));
  CHECK(start.state.cursor == "c2");
  CHECK(start.state.next_page == 2);
  CHECK(start.state.captures == 3);
  CHECK(start.state.unmatched == 1);
  CHECK(start.state.repeated == 1);
  CHECK(start.state.listings == 1);
  CHECK(start.state.covered == coverage_bits{0x07});
  CHECK(start.seen == std::vector{identity(1), identity(2), identity(3)});
  CHECK(must(store.runs().position_of("out")) == sink_position{"6"});
  CHECK_FALSE(must(store.runs().position_of("other")));
  CHECK(must(store.runs().last_delivery()) == 6);
}

CONTRACT_CASE("a run is done, or set aside, with a checkpoint") {
  contract<TestType> store;
  store.import(2, 4);
  auto done = store.ended();
  auto aside = store.ended();
  run_progress last{done, {"", 1, 4, 0, 0, {0x0F}}, {}, run_result{}};
  run_progress part{aside, {"", 1, 1, 0, 0, {0x01}}, {}, std::nullopt};
  part.set_aside = "not JSON";
  must(store.commit(1, {last, part}));
  CHECK(store.open_runs().empty());
  for (auto batch : {done, aside})
    CHECK(code_of(store.runs().start_paging(batch).error()) == ec::internal);
}

CONTRACT_CASE("a checkpoint is all or nothing and never goes back") {
  contract<TestType> store;
  store.import(2, 4);
  auto good = store.ended();
  auto bad = store.running();
  run_progress fine{good, {"c", 1, 1, 0, 0, {0x01}}, {}, std::nullopt};
  CHECK(code_of(store.commit(3, {fine, {bad, {}, {}, run_result{}}}))
        == ec::internal);
  CHECK(must(store.runs().start_paging(good)).state.cursor.empty());
  CHECK_FALSE(must(store.runs().position_of("out")));
  CHECK(must(store.runs().last_delivery()) == 0);
  auto too_long = fine;
  too_long.state.covered = {0, 0};
  CHECK(code_of(store.commit(3, {too_long})) == ec::internal);
  must(store.commit(3, {fine}));
  must(store.commit(3));
  CHECK(code_of(store.commit(2)) == ec::internal);
  CHECK(must(store.runs().position_of("out")) == sink_position{"3"});
}

CONTRACT_CASE("a group's changes are seen at once and kept at its end") {
  contract<TestType> store;
  store.import(3, 4);
  must(store.runs().begin_group());
  auto first = store.running();
  auto second = store.in_flight();
  CHECK(code_of(store.accept(second, "run_1")) == ec::bad_reply); // alone
  CHECK(code_of(store.begin(first)) == ec::internal);
  must(store.settle(second, submit_result::held, "?"));
  must(store.runs().end_group());
  store.restart();
  CHECK(store.open_runs() == texts{"1: run_1"});
  CHECK(store.left() == 1);
}

CONTRACT_CASE("a group that is undone has no effect") {
  contract<TestType> store;
  store.import(3, 4);
  auto before = store.running();
  must(store.runs().begin_group());
  auto batch = store.in_flight();
  CHECK(store.commit(1, {{before, {}, {}, run_result{}}})); // is not ended
  CHECK(store.accept(batch, "r"));
  CHECK_FALSE(store.runs().next_planned());
  CHECK(store.runs().end_group());
  store.restart();
  CHECK(store.open_runs() == texts{"1: run_1"});
  CHECK(store.left() == 2);
  CHECK(must(store.runs().last_delivery()) == 0);
  must(store.commit(1)); // the next change is on its own
}

CONTRACT_CASE("a batch changes only from the right states") {
  contract<TestType> store;
  struct row {
    batch_change by;
    std::function<caf::error(batch_key)> apply;
  };
  auto settling = [&](batch_change by, submit_result result) {
    return row{by, [&store, result](auto key) {
                 return store.settle(key, result, "r" + std::to_string(key));
               }};
  };
  std::vector<row> changes{
    {batch_change::begin, [&](auto key) { return store.begin(key); }},
    settling(batch_change::accept, submit_result::accepted),
    settling(batch_change::replan, submit_result::replanned),
    settling(batch_change::hold, submit_result::held),
    settling(batch_change::split, submit_result::split),
    settling(batch_change::reject, submit_result::rejected),
    {batch_change::end,
     [&](auto key) { return store.runs().record_end(key, {}, {}); }},
    {batch_change::give_up,
     [&](auto key) { return store.runs().give_up(key, "old"); }},
    {batch_change::set_aside,
     [&](auto key) { return store.runs().set_aside(key, "no status"); }},
    {batch_change::finish,
     [&](auto key) {
       return store.commit(1, {{key, {}, {}, run_result{}}});
     }},
  };
  // The changes, by place, that lead to each state.
  std::map<batch_state, std::vector<size_t>> ways{
    {batch_state::planned, {}},          {batch_state::in_flight, {0}},
    {batch_state::running, {0, 1}},      {batch_state::ended, {0, 1, 6}},
    {batch_state::done, {0, 1, 6, 9}},   {batch_state::held, {0, 3}},
    {batch_state::rejected, {0, 5}},     {batch_state::split, {0, 4}},
    {batch_state::set_aside, {0, 1, 8}},
  };
  CHECK(ways.size() == batch_states);
  store.import(ways.size() * changes.size(), 2);
  batch_key key = 0;
  for (auto& [state, way] : ways)
    for (auto& tried : changes) {
      ++key;
      CAPTURE(name_of(state), name_of(target_of(tried.by)));
      for (auto step : way)
        must(changes[step].apply(key));
      auto err = tried.apply(key);
      CHECK(code_of(err)
            == (may_change(state, tried.by) ? ec::no_error : ec::internal));
      if (err)
        CHECK_THAT(what_of(err),
                   Catch::Contains("batch " + std::to_string(key) + " is "
                                   + std::string{name_of(state)}
                                   + " where it should be "));
    }
}
