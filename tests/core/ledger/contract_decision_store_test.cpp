// The contract of every decision_store.

#include "tests/core/ledger/contract_fixture.hpp"

using namespace sluice;
using namespace sluice::test;

CONTRACT_CASE("a held batch can be read") {
  contract<TestType> store;
  store.import(3, 2);
  auto first = store.held();
  auto second = store.held();
  auto batch = must(store->held_batch(second));
  CHECK(batch.key == second);
  CHECK(batch.robot == "robot");
  CHECK(batch.urls == ledger_fixture::urls_of(1, 2));
  CHECK_FALSE(batch.ticket);
  CHECK(code_of(store->held_batch(3).error()) == ec::usage);
  CHECK(code_of(store->held_batch(99).error()) == ec::usage);
  auto submits = must(store->held_submits(9));
  REQUIRE(submits.size() == 2);
  CHECK(submits[0].key == first);
  CHECK(submits[0].urls == ledger_fixture::urls_of(0, 2));
  CHECK(submits[0].submitted_at_ms == 10);
  CHECK(must(store->held_submits(1)).size() == 1);
}

CONTRACT_CASE("a run that was given up is not searched for") {
  contract<TestType> store;
  store.import(1, 2);
  auto batch = store.running();
  must(store->give_up(batch, "too old"));
  CHECK(must(store->held_submits(9)).empty());
  CHECK(must(store->held_batch(batch)).key == batch);
}

CONTRACT_CASE("a run that any batch has had is known") {
  contract<TestType> store;
  store.import(1, 2);
  auto batch = store.running();
  CHECK(must(store->knows_run("run_1")));
  CHECK_FALSE(must(store->knows_run("run_2")));
  must(store->give_up(batch, "too old"));
  must(store->resubmit(batch));
  CHECK(must(store->knows_run("run_1")));
}

CONTRACT_CASE("an adopted run continues, and its age counts from adoption") {
  contract<TestType> store;
  store.import(1, 2);
  auto batch = store.held();
  must(store->adopt(batch, "found", 5'000));
  auto taken = must(store->take_adopted());
  CHECK(store.names_of(taken) == texts{"1: found"});
  CHECK(taken[0].submitted_at_ms == 5'000);
  CHECK(taken[0].url_count == 2);
  CHECK(must(store->take_adopted()).empty());
  CHECK(store.open_runs() == texts{"1: found"});
}

CONTRACT_CASE("a start knows the runs that were adopted before it") {
  contract<TestType> store;
  store.import(1, 2);
  must(store->adopt(store.held(), "found", 5'000));
  store.restart();
  CHECK(store.open_runs() == texts{"1: found"});
  CHECK(must(store->take_adopted()).empty());
}

CONTRACT_CASE("a run of another batch is not adopted") {
  contract<TestType> store;
  store.import(3, 2);
  store.running();
  auto batch = store.held();
  CHECK(code_of(store->adopt(batch, "run_1", 1)) == ec::usage);
  CHECK_FALSE(must(store->adopt_found(batch, "run_1", 1)));
  CHECK(store.state_of(batch) == "held");
  CHECK(must(store->take_adopted()).empty());
}

CONTRACT_CASE("evidence leads to adoption only while no submit is in flight") {
  contract<TestType> store;
  store.import(2, 2);
  auto batch = store.held();
  auto other = store.in_flight();
  CHECK_FALSE(must(store->adopt_found(batch, "found", 1)));
  CHECK(store.state_of(batch) == "held");
  must(store.accept(other, "r"));
  CHECK(must(store->adopt_found(batch, "found", 1)));
  CHECK(store.state_of(batch) == "running");
  CHECK_FALSE(must(store->adopt_found(batch, "found", 1))); // no longer held
}

CONTRACT_CASE("a batch submitted again takes the held one's place") {
  contract<TestType> store;
  store.import(1, 2);
  auto batch = store.held();
  must(store->resubmit(batch));
  CHECK(store.state_of(batch) == "split");
  auto again = store.next();
  REQUIRE(again);
  CHECK(again->key > batch);
  CHECK(again->urls == ledger_fixture::urls_of(0, 2));
  CHECK(again->robot == "robot");
  CHECK_FALSE(store.next());
  CHECK(store.report().pending == 2);
}

CONTRACT_CASE("URLs that an abandoned run delivered stay captured") {
  contract<TestType> store;
  store.import(2, 4);
  auto aside = store.set_aside(1, {0x01});
  must(store->abandon(aside));
  must(store->abandon(store.held()));
  auto sums = store.report();
  CHECK(sums.captured == 1);
  CHECK(sums.failed == 7);
  CHECK(sums.held == 0);
  CHECK(sums.set_aside == 0);
  auto failed = must(store->failed_batches(9));
  REQUIRE(failed.size() == 2);
  CHECK(failed[0].urls == 3);
}

CONTRACT_CASE("a run that is read again continues where reading stopped") {
  contract<TestType> store;
  store.import(1, 4);
  auto aside = store.set_aside(1, {0x01});
  must(store->read_again(aside, 9'000));
  auto taken = must(store->take_adopted());
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].submitted_at_ms == 9'000);
  CHECK(taken[0].run.saved.at("file") == "f");
  CHECK_FALSE(taken[0].end);
  must(store->record_end(aside, {run_outcome::completed, "finished", 3}, {}));
  auto start = must(store->start_paging(aside));
  CHECK(start.state.captures == 1);
  CHECK(start.state.covered == coverage_bits{0x01});
}

CONTRACT_CASE("a decision about a batch in another state is refused") {
  contract<TestType> store;
  store.import(3, 4);
  auto planned = batch_key{3};
  auto running = store.running();
  auto held = store.held();
  for (auto batch : {planned, running, batch_key{99}}) {
    CHECK(code_of(store->adopt(batch, "found", 1)) == ec::usage);
    CHECK(code_of(store->resubmit(batch)) == ec::usage);
    CHECK(code_of(store->abandon(batch)) == ec::usage);
    CHECK(code_of(store->read_again(batch, 1)) == ec::usage);
  }
  CHECK(code_of(store->read_again(held, 1)) == ec::usage);
  CHECK(store.state_of(planned) == "planned");
  CHECK(store.state_of(running) == "running");
}

CONTRACT_CASE("decisions in a group are kept when it ends") {
  contract<TestType> store;
  store.import(2, 2);
  auto first = store.held();
  auto second = store.held();
  must(store->begin_group());
  CHECK(must(store->adopt_found(first, "found", 1)));
  CHECK_FALSE(must(store->adopt_found(second, "found", 1))); // refused alone
  must(store->resubmit(second));
  CHECK(store.names_of(must(store->take_adopted())) == texts{"1: found"});
  must(store->end_group());
  store.restart();
  CHECK(store.open_runs() == texts{"1: found"});
  CHECK(store.left() == 1);
}

CONTRACT_CASE("decisions in a group that is undone have no effect") {
  contract<TestType> store;
  store.import(3, 2);
  auto held = store.held();
  auto other = store.held();
  auto running = store.running();
  must(store->begin_group());
  must(store->adopt(held, "found", 1));
  CHECK(store.commit(1, {{running, {}, {}, run_result{}}})); // is not ended
  CHECK(store->resubmit(other));
  CHECK_FALSE(store->adopt_found(other, "found", 1));
  CHECK(store->end_group());
  CHECK(store.state_of(held) == "held");
  CHECK(store.state_of(other) == "held");
  store.restart();
  CHECK(store.open_runs() == texts{"3: run_3"});
}

CONTRACT_CASE("a running job learns of another process's decisions") {
  contract<TestType> store;
  store.import(2, 2);
  auto held = store.held();
  must(store->changed_beside());
  CHECK_FALSE(must(store->changed_beside()));
  auto other = store.beside();
  must(other->adopt(held, "found", 1));
  CHECK(must(store->changed_beside()));
  CHECK(store.names_of(must(store->take_adopted())) == texts{"1: found"});
  CHECK_FALSE(must(store->changed_beside())); // its own changes do not count
}

CONTRACT_CASE("a round takes the URLs of the requested kinds") {
  contract<TestType> store;
  store.import(4, 4);
  store.done(1, {0x01});                                     // 3 missing
  store.done(0, {0x00}, {run_outcome::failed, "crash", {}}); // 4 failed
  store.rejected();                                          // 4 rejected
  auto begun = must(store->begin_round({true, false, true}, 77));
  CHECK(begun.taken.missing == 3);
  CHECK(begun.taken.failed == 0);
  CHECK(begun.taken.rejected == 4);
  CHECK(begun.beside_unmatched == 0);
  auto sums = store.report();
  CHECK(sums.pending == 11); // 4 have not been submitted yet
  CHECK(sums.failed == 4);
  CHECK(sums.missing == 0);
  CHECK(sums.rejected == 0);
  REQUIRE(sums.rounds.size() == 2);
  CHECK(sums.rounds[0].urls == 16);
  CHECK(sums.rounds[0].missing == 3);
  CHECK(sums.rounds[0].pending == 4);
  CHECK(sums.rounds[1].begun_at_ms == 77);
  CHECK(sums.rounds[1].urls == 7);
  CHECK(sums.rounds[1].pending == 7);
  CHECK(store.left() == 2); // a decision counts as one batch
}

CONTRACT_CASE("a round submits its URLs once, rejected ones separately") {
  contract<TestType> store;
  store.import(2, 4);
  must(store->retry_missing_by({0, 9}));
  store.done(1, {0x01});
  store.rejected();
  must(store->begin_round({true, true, true}, 77));
  auto first = store.next();
  auto second = store.next();
  REQUIRE((first && second));
  CHECK(first->urls == texts{url_of(0, 1), url_of(0, 2), url_of(0, 3)});
  CHECK(second->urls == ledger_fixture::urls_of(1, 4));
  CHECK_FALSE(store.next());
  CHECK(store.left() == 0);
  CHECK(must(store->begin_round({true, true, true}, 78)).taken.total() == 0);
  CHECK(store.report().rounds.size() == 2);
}

CONTRACT_CASE("a round leaves the URLs of an unfinished one alone") {
  contract<TestType> store;
  store.import(2, 2);
  must(store->retry_missing_by({0, 2}));
  store.done(0, {0x00});
  store.done(0, {0x00});
  CHECK(must(store->begin_round({true, false, false}, 1)).taken.missing == 4);
  store.done(0, {0x00}); // half of the round
  CHECK(must(store->begin_round({true, false, false}, 2)).taken.total() == 0);
  store.done(1, {0x01});
  CHECK(must(store->begin_round({true, false, false}, 3)).taken.missing == 3);
  auto rounds = store.report().rounds;
  REQUIRE(rounds.size() == 3);
  CHECK(rounds[1].captured == 1);
  CHECK(rounds[1].missing == 3);
  CHECK(rounds[1].runs == 2);
}

CONTRACT_CASE("a round counts its URLs whose runs have unmatched captures") {
  contract<TestType> store;
  store.import(1, 4);
  auto batch = store.ended();
  must(store.commit_next({batch,
                          {"", 1, 2, 1, 0, {0x01}},
                          {},
                          run_result{run_outcome::completed, "finished", {}}}));
  CHECK(must(store->begin_round({true, false, false}, 1)).beside_unmatched
        == 3);
}
