// The contract of every ledger_reader.

#include "tests/core/ledger/contract_fixture.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

/// One batch of four URLs in each state, by key.
template <class Store>
void bring_to_all_states(contract<Store>& store) {
  store.import(9, 4);
  store.done(2, {0x03}, {run_outcome::completed, "finished", 5}); // 1
  store.done(0, {}, {run_outcome::failed, "crash", {}});          // 2
  store.rejected();                                               // 3
  store.held();                                                   // 4
  store.set_aside(1, {0x01});                                     // 5
  store.running();                                                // 6
  store.ended();                                                  // 7
  store.in_flight();                                              // 8
} // 9 is planned

} // namespace

CONTRACT_CASE("each URL counts in one state, and the lists agree") {
  contract<TestType> store;
  bring_to_all_states(store);
  auto sums = store.report();
  CHECK(sums.total() == 36);
  CHECK(sums.captured == 3);
  CHECK(sums.missing == 2);
  CHECK(sums.failed == 4);
  CHECK(sums.rejected == 4);
  CHECK(sums.held == 4);
  CHECK(sums.set_aside == 3);
  CHECK(sums.pending == 16);
  CHECK(sums.rounds.empty());
  CHECK(store.listed(url_state::captured)
        == texts{url_of(0, 0), url_of(0, 1), url_of(4, 0)});
  CHECK(store.listed(url_state::missing) == texts{url_of(0, 2), url_of(0, 3)});
  CHECK(store.listed(url_state::failed) == ledger_fixture::urls_of(1, 4));
  CHECK(store.listed(url_state::rejected) == ledger_fixture::urls_of(2, 4));
  CHECK(store.listed(url_state::held) == ledger_fixture::urls_of(3, 4));
  CHECK(store.listed(url_state::set_aside).size() == 3);
  CHECK(store.listed(url_state::pending).size() == 16);
  CHECK(store.listed(url_state::invalid).empty());
}

CONTRACT_CASE("the account counts runs and what they delivered") {
  contract<TestType> store;
  bring_to_all_states(store);
  checkpoint cut;
  cut.delivery = 9;
  cut.requests = {5, 6, 7};
  cut.dead_letters = 2;
  cut.elapsed = std::chrono::milliseconds{30};
  must(store->commit(cut));
  must(store->commit(cut));
  auto sums = store.report();
  CHECK(sums.runs == 5);
  CHECK(sums.open_runs == 2);
  CHECK(sums.bought == 20);
  CHECK(sums.held_batches == 1);
  CHECK(sums.set_aside_runs == 1);
  CHECK(sums.captures == 3);
  CHECK(sums.shortfall == 3); // of runs that are done
  CHECK(sums.requests.submits == 8);
  CHECK(sums.requests.polls == 10);
  CHECK(sums.requests.pages == 12);
  CHECK(sums.requests.rate_limited == 14);
  CHECK(sums.dead_letters == 2); // since the job began
  CHECK(sums.elapsed == std::chrono::milliseconds{60});
}

CONTRACT_CASE("what batches cost, or may cost, is summed up") {
  contract<TestType> store;
  bring_to_all_states(store);
  auto sums = must(store->spent());
  CHECK(sums.captured == 2);
  CHECK(sums.captures == 2);
  CHECK(sums.unmatched == 0);
  CHECK(sums.shortfall == 3);
  CHECK(sums.open.batches == 3);
  CHECK(sums.open.urls == 12);
  CHECK(sums.unsure.batches == 3); // failed, held, set aside
  must(store->resubmit(4));
  CHECK(must(store->spent()).unsure.batches == 3); // its run may exist
  store.next();
  CHECK(must(store->spent()).open.batches == 3); // not submitted yet
}

CONTRACT_CASE("work in hand names the first runs or batches of each state") {
  contract<TestType> store;
  bring_to_all_states(store);
  auto work = must(store->work_in_hand(1));
  CHECK(work.open.names == texts{"run_6"});
  CHECK(work.unread.names == texts{"run_7"});
  CHECK(work.unread.captures == 3); // as its run reports
  CHECK(work.unsure.names == texts{"batch 8"});
  CHECK(work.unsure.captures == 4); // one for each URL
  CHECK(work.held.names == texts{"batch 4"});
  CHECK(work.set_aside.names == texts{"run_5"});
  CHECK(must(store->work_in_hand(0)).open.names.empty());
  auto delivered = must(store->delivered_runs(9));
  CHECK(delivered.batches == 2);
  CHECK(delivered.urls == 8);
  CHECK(delivered.captures == 3);
  CHECK(delivered.names == texts{"run_1", "run_5"});
  CHECK(must(store->delivered_runs(1)).names == texts{"run_1"});
}

CONTRACT_CASE("batches that need a decision are listed with their reasons") {
  contract<TestType> store;
  bring_to_all_states(store);
  auto held = must(store->held_batches(9));
  REQUIRE(held.size() == 1);
  CHECK(held[0].key == 4);
  CHECK(held[0].urls == 4);
  CHECK(held[0].reason == "no reply");
  CHECK(held[0].run_id.empty());
  CHECK(held[0].robot == "robot");
  auto aside = must(store->set_aside_runs(9));
  REQUIRE(aside.size() == 1);
  CHECK(aside[0].key == 5);
  CHECK(aside[0].reason == "not JSON");
  CHECK(aside[0].run_id == "run_5");
  CHECK(aside[0].submitted_at_ms == 1'000);
  auto rejected = must(store->rejected_batches(9));
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].reason == "422");
  auto failed = must(store->failed_batches(9));
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].reason == "failed: crash");
  CHECK(failed[0].run_id == "run_2");
}

CONTRACT_CASE("lists stop at their limit") {
  contract<TestType> store;
  store.import(8, 1);
  for (int i = 0; i < 2; ++i) {
    store.held();
    store.rejected();
    store.set_aside(0, {});
    store.done(0, {}, {run_outcome::failed, "crash", {}});
  }
  CHECK(must(store->held_batches(1)).size() == 1);
  CHECK(must(store->rejected_batches(1)).size() == 1);
  CHECK(must(store->set_aside_runs(1)).size() == 1);
  CHECK(must(store->failed_batches(1)).size() == 1);
  CHECK(must(store->failed_batches(2))[1].key == 8);
  int visits = 0;
  must(store->each_url(url_state::held, [&](const listed_url&) {
    ++visits;
    return false;
  }));
  CHECK(visits == 1);
}

CONTRACT_CASE("a listed URL has its reason and its run") {
  contract<TestType> store;
  bring_to_all_states(store);
  auto first_in = [&](url_state state) {
    texts result;
    must(store->each_url(state, [&](const listed_url& url) {
      result = {std::string{url.reason}, std::string{url.run_id},
                std::to_string(url.submitted_at_ms)};
      return false;
    }));
    return result;
  };
  CHECK(first_in(url_state::captured) == texts{"", "run_1", "1000"});
  CHECK(first_in(url_state::missing) == texts{"finished", "run_1", "1000"});
  CHECK(first_in(url_state::failed) == texts{"crash", "run_2", "1000"});
  CHECK(first_in(url_state::rejected) == texts{"422", "", "10"});
  CHECK(first_in(url_state::held) == texts{"no reply", "", "10"});
  CHECK(first_in(url_state::set_aside) == texts{"not JSON", "run_5", "1000"});
}

CONTRACT_CASE("the first URLs of a batch are read") {
  contract<TestType> store;
  store.import(1, 4);
  CHECK(must(store->first_urls(1, 2)) == texts{url_of(0, 0), url_of(0, 1)});
  CHECK(must(store->first_urls(1, 9)).size() == 4);
  CHECK(must(store->first_urls(9, 9)).empty());
  must(store.settle(store.in_flight(), submit_result::split));
  CHECK(must(store->first_urls(1, 9)).empty());
}

CONTRACT_CASE("a URL is found with its batch, run and state") {
  contract<TestType> store;
  bring_to_all_states(store);
  auto captured = must(store->find_url(url_of(0, 1), 9));
  REQUIRE(captured.size() == 1);
  CHECK(captured[0].batch == 1);
  CHECK(captured[0].robot == "robot");
  CHECK(captured[0].run_id == "run_1");
  CHECK(captured[0].submitted_at_ms == 1'000);
  CHECK(captured[0].urls == 4);
  CHECK(captured[0].captures == 2);
  CHECK(captured[0].state == url_state::captured);
  auto planned = must(store->find_url(url_of(8, 0), 9));
  REQUIRE(planned.size() == 1);
  CHECK(planned[0].state == url_state::pending);
  CHECK(planned[0].submitted_at_ms == 0);
  CHECK(must(store->find_url("https://other.example/", 9)).empty());
  CHECK(must(store->find_url(url_of(0, 1), 0)).empty());
}

CONTRACT_CASE("a URL that was submitted again is found in each place") {
  contract<TestType> store;
  store.import(1, 2);
  must(store->resubmit(store.held()));
  store.done(1, {0x01});
  must(store->begin_round({true, false, false}, 1));
  must(store->retry_missing_by({0, 9}));
  CHECK(must(store->find_url(url_of(0, 1), 9)).back().state
        == url_state::pending);
  store.next();
  auto places = must(store->find_url(url_of(0, 1), 9));
  REQUIRE(places.size() == 3);
  CHECK(places[0].given_up);
  CHECK_FALSE(places[0].state);
  CHECK_FALSE(places[1].state); // the next place has it
  CHECK_FALSE(places[1].given_up);
  CHECK(places[1].run_id == "run_2");
  CHECK(places[2].state == url_state::pending);
  CHECK(must(store->find_url(url_of(0, 1), 2)).size() == 2);
}

CONTRACT_CASE("another spelling of a URL is found") {
  contract<TestType> store;
  store.import(1, 2);
  CHECK(must(store->find_spelling("HTTPS://SHOP.example/0/1")) == url_of(0, 1));
  CHECK_FALSE(must(store->find_spelling(url_of(0, 1))));
  CHECK_FALSE(must(store->find_spelling("https://shop.example/0/9")));
}

CONTRACT_CASE("a job keeps its id") {
  contract<TestType> store;
  auto id = must(store->job_id());
  CHECK_FALSE(id.empty());
  store.restart();
  CHECK(must(store->job_id()) == id);
}
