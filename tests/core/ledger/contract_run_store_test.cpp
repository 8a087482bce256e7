// The contract of every run_store. Limits and retries have their own file.

#include "tests/core/ledger/contract_fixture.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

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
  CHECK(store->limited_by().empty());
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
  CHECK_FALSE(must(store->has_runs()));
  auto first = store.in_flight();
  must(store.accept(first, "r"));
  CHECK(must(store->has_runs()));
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
  CHECK(must(store->hold_interrupted()) == 1);
  CHECK(store->left_to_repeat() == 0);
  CHECK(store.open_runs() == texts{"2: run_2"});
  CHECK(store.next()->key == 3);
}

CONTRACT_CASE("a start repeats the submits that have a ticket") {
  contract<TestType> store;
  store.import(3, 1);
  submit_ticket ticket{"key", {}, 77};
  auto keyed = store.next()->key;
  must(store->begin_submit(keyed, {"worker", 0, 10}, ticket));
  auto plain = store.in_flight();
  CHECK(code_of(store->repeat_submit(plain, {"worker", 0, 10}))
        == ec::internal);
  store.restart();
  CHECK(must(store->hold_interrupted(true)) == 1);
  CHECK(store->left_to_repeat() == 1);
  CHECK(store.left() == 2);
  auto batch = store.next();
  REQUIRE(batch);
  CHECK(batch->key == keyed);
  REQUIRE(batch->ticket);
  CHECK(batch->ticket->key == "key");
  CHECK(batch->ticket->first_sent_at_ms == 77);
  CHECK(store->left_to_repeat() == 0);
  must(store->repeat_submit(keyed, {"worker", 0, 20}));
  must(store.accept(keyed, "r"));
  CHECK_FALSE(store.next()->ticket);
}

CONTRACT_CASE("a ticket goes with the submit that it was for") {
  contract<TestType> store;
  store.import(1, 1);
  auto batch = store.next()->key;
  must(store->begin_submit(batch, {"worker", 0, 10},
                           submit_ticket{"key", {}, 77}));
  must(store.settle(batch, submit_result::replanned));
  auto again = store.next();
  REQUIRE(again);
  CHECK_FALSE(again->ticket);
  must(store.begin(batch));
  CHECK(code_of(store->repeat_submit(batch, {"worker", 0, 10}))
        == ec::internal);
}

CONTRACT_CASE("runs end, and a start continues with them") {
  contract<TestType> store;
  store.import(3, 4);
  auto ended = store.ended();
  store.running();
  store.restart();
  CHECK(store.open_runs() == texts{"1: run_1 finished", "2: run_2"});
  auto run = must(store->open_runs())[0];
  CHECK(run.batch == ended);
  CHECK(run.url_count == 4);
  CHECK(run.submitted_at_ms == 1'000);
  CHECK(run.end->extracted == 3);
  CHECK(run.run.saved == std::map<std::string, std::string>{{"file", "f"}});
  auto start = must(store->start_paging(ended));
  CHECK(start.urls == ledger_fixture::urls_of(0, 4));
  CHECK(start.robot == "robot");
}

CONTRACT_CASE("a run that was given up is not open any more") {
  contract<TestType> store;
  store.import(2, 4);
  must(store->give_up(store.running(), "too old"));
  must(store->set_aside(store.running(), "no status"));
  CHECK(store.open_runs().empty());
  store.restart();
  CHECK_FALSE(store.next());
}

CONTRACT_CASE("a run that was read in part is set aside when it is given up") {
  contract<TestType> store;
  store.import(2, 4);
  auto read = store.set_aside(1, {0x01});
  must(store->read_again(read, 2'000));
  must(store->give_up(read, "too old"));
  CHECK(store.state_of(read) == "set_aside");
  CHECK(code_of(store->resubmit(read)) == ec::usage);
  CHECK(code_of(store->adopt(read, "other", 1)) == ec::usage);
  auto unread = store.running();
  must(store->give_up(unread, "too old"));
  CHECK(store.state_of(unread) == "held");
}

CONTRACT_CASE("reading continues where the last checkpoint left off") {
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
  auto start = must(store->start_paging(batch));
  CHECK(start.state.cursor == "c2");
  CHECK(start.state.next_page == 2);
  CHECK(start.state.captures == 3);
  CHECK(start.state.unmatched == 1);
  CHECK(start.state.repeated == 1);
  CHECK(start.state.listings == 1);
  CHECK(start.state.covered == coverage_bits{0x07});
  CHECK(start.seen == std::vector{identity(1), identity(2), identity(3)});
  CHECK(must(store->position_of("out")) == sink_position{"6"});
  CHECK_FALSE(must(store->position_of("other")));
  CHECK(must(store->last_delivery()) == 6);
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
    CHECK(code_of(store->start_paging(batch).error()) == ec::internal);
}

CONTRACT_CASE("a checkpoint is all or nothing and never goes back") {
  contract<TestType> store;
  store.import(2, 4);
  auto good = store.ended();
  auto bad = store.running();
  run_progress fine{good, {"c", 1, 1, 0, 0, {0x01}}, {}, std::nullopt};
  CHECK(code_of(store.commit(3, {fine, {bad, {}, {}, run_result{}}}))
        == ec::internal);
  CHECK(must(store->start_paging(good)).state.cursor.empty());
  CHECK_FALSE(must(store->position_of("out")));
  CHECK(must(store->last_delivery()) == 0);
  auto too_long = fine;
  too_long.state.covered = {0, 0};
  CHECK(code_of(store.commit(3, {too_long})) == ec::internal);
  must(store.commit(3, {fine}));
  must(store.commit(3));
  CHECK(code_of(store.commit(2)) == ec::internal);
  CHECK(must(store->position_of("out")) == sink_position{"3"});
}

CONTRACT_CASE("a group's changes are seen at once and kept at its end") {
  contract<TestType> store;
  store.import(3, 4);
  must(store->begin_group());
  auto first = store.running();
  auto second = store.in_flight();
  CHECK(code_of(store.accept(second, "run_1")) == ec::bad_reply); // alone
  CHECK(code_of(store.begin(first)) == ec::internal);
  must(store.settle(second, submit_result::held, "?"));
  must(store->end_group());
  store.restart();
  CHECK(store.open_runs() == texts{"1: run_1"});
  CHECK(store.left() == 1);
}

CONTRACT_CASE("a group that is undone has no effect") {
  contract<TestType> store;
  store.import(3, 4);
  auto before = store.running();
  must(store->begin_group());
  auto batch = store.in_flight();
  CHECK(store.commit(1, {{before, {}, {}, run_result{}}})); // is not ended
  CHECK(store.accept(batch, "r"));
  CHECK_FALSE(store->next_planned());
  CHECK(store->end_group());
  store.restart();
  CHECK(store.open_runs() == texts{"1: run_1"});
  CHECK(store.left() == 2);
  CHECK(must(store->last_delivery()) == 0);
  must(store.commit(1)); // the next change is on its own
}
