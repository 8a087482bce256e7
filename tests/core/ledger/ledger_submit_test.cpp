#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <map>

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(ledger_fixture, "batches are handed out once, in input order",
                 "[ledger]") {
  open_imported(3, 2);
  auto first = must(store->next_planned());
  auto second = must(store->next_planned());
  CHECK(first->urls == urls_of(0, 2));
  CHECK(second->urls == urls_of(1, 2));
  must(store->begin_submit(first->key, {"worker", 0}));
  must(store->settle(first->key, submit_result::replanned, {}, 1));
  // Back in `planned`, it comes first again. The second is still out.
  CHECK(must(store->next_planned())->key == first->key);
  CHECK(must(store->next_planned())->urls == urls_of(2, 2));
  CHECK_FALSE(must(store->next_planned()));
  // A batch that was handed out but never begun is planned after a restart.
  CHECK(must(open().next_planned())->key == first->key);
}

TEST_CASE_METHOD(ledger_fixture,
                 "the number of batches left to hand out is known",
                 "[ledger]") {
  CHECK(must(open().planned_left()) == 0);
  open_imported(3, 2);
  CHECK(must(store->planned_left()) == 3);
  auto first = must(store->next_planned());
  CHECK(must(store->planned_left()) == 2);
  must(store->begin_submit(first->key, {"worker", 0}));
  CHECK(must(store->planned_left()) == 2);
  must(store->settle(first->key, submit_result::split, {}, 1));
  CHECK(must(store->planned_left()) == 4);
  while (must(store->next_planned()))
    ;
  CHECK(must(store->planned_left()) == 0);
  CHECK(must(open().planned_left()) == 4);
}

TEST_CASE_METHOD(ledger_fixture, "halves go before all other batches, in order",
                 "[ledger]") {
  open_imported(2, 5);
  must(store->settle(in_flight(), submit_result::split, {}, 1));
  auto all = urls_of(0, 5);
  auto left = must(store->next_planned());
  CHECK(left->urls == std::vector(all.begin(), all.begin() + 2));
  CHECK(left->depth == 1);
  CHECK(left->robot == "rbt_1");
  must(store->begin_submit(left->key, {"worker", 0}));
  must(store->settle(left->key, submit_result::split, {}, 1));
  std::vector<std::string> order;
  while (auto next = must(store->next_planned()))
    for (auto url : next->urls)
      order.emplace_back(url);
  auto second = urls_of(1, 5);
  all.insert(all.end(), second.begin(), second.end());
  CHECK(order == all);
  auto sums = must(store->report());
  CHECK(sums.pending == 10);
  CHECK(sums.total() == 10);
}

TEST_CASE_METHOD(ledger_fixture, "a batch of one URL cannot be halved",
                 "[ledger]") {
  open_imported(1, 1);
  auto key = in_flight();
  CHECK(code_of(store->settle(key, submit_result::split, {}, 1))
        == ec::internal);
  must(store->settle(key, submit_result::rejected, "422: no such page",
                     1)); // still in flight
  auto rejected = must(store->rejected_batches(10));
  REQUIRE(rejected.size() == 1);
  CHECK(rejected[0].key == key);
  CHECK(rejected[0].urls == 1);
  CHECK(rejected[0].reason == "422: no such page");
  CHECK(must(store->report()).rejected == 1);
}

TEST_CASE_METHOD(ledger_fixture, "a bad request takes back all rejections",
                 "[ledger]") {
  open_imported(3, 1);
  must(store->settle(in_flight(), submit_result::rejected, "422", 1));
  must(store->settle(in_flight(), submit_result::rejected, "422", 1));
  must(store->settle(in_flight(), submit_result::all_replanned, {}, 1));
  auto numbers = must(store->report());
  CHECK(numbers.rejected == 0);
  CHECK(numbers.pending == 3);
  CHECK(must(store->rejected_batches(10)).empty());
  for (auto i = 0; i < 3; ++i)
    CHECK(must(store->next_planned()));
}

TEST_CASE_METHOD(ledger_fixture, "a submit in flight at startup is held",
                 "[ledger]") {
  open_imported(4, 3);
  auto first = in_flight();
  auto second = in_flight();
  running();
  open();
  CHECK(must(store->hold_interrupted()) == 2);
  CHECK(must(store->hold_interrupted()) == 0);
  auto held = must(store->held_batches(10));
  REQUIRE(held.size() == 2);
  CHECK(held[0].key == first);
  CHECK(held[1].key == second);
  CHECK(held[0].urls == 3);
  CHECK(held[0].reason == "interrupted while being submitted");
  CHECK(must(store->held_batches(1)).size() == 1);
  auto sums = must(store->report());
  CHECK(sums.held == 6);
  CHECK(sums.held_batches == 2);
  CHECK(sums.pending == 6);
  CHECK(sums.open_runs == 1);
}

TEST_CASE_METHOD(ledger_fixture,
                 "a submit in flight with a key at startup is repeated",
                 "[ledger]") {
  open_imported(5, 3);
  submit_ticket ticket;
  ticket.key = "0b7e5d2c-1111-4222-8333-444455556666";
  for (size_t i = 0; i < ticket.hash.size(); ++i)
    ticket.hash[i] = static_cast<uint8_t>(i); // includes a zero byte
  ticket.first_sent_at_ms = 1'700'000'000'123;
  auto keyed = must(store->next_planned())->key;
  must(store->begin_submit(keyed, {"worker", 0}, ticket));
  auto plain = in_flight();
  auto held = must(store->next_planned())->key;
  must(store->begin_submit(held, {"worker", 0}, ticket));
  must(store->settle(held, submit_result::held, "the user's", 1));
  open();
  SECTION("while the profile supports keys") {
    CHECK(must(store->hold_interrupted(true)) == 1);
    CHECK(store->left_to_repeat() == 1);
    CHECK(must(store->planned_left()) == 3);
    auto batch = must(store->next_planned());
    REQUIRE(batch);
    CHECK(batch->key == keyed);
    CHECK(batch->urls == urls_of(0, 3));
    CHECK(batch->robot == "rbt_1");
    REQUIRE(batch->ticket);
    CHECK(batch->ticket->key == ticket.key);
    CHECK(batch->ticket->hash == ticket.hash);
    CHECK(batch->ticket->first_sent_at_ms == ticket.first_sent_at_ms);
    CHECK(store->left_to_repeat() == 0);
    CHECK(must(store->planned_left()) == 2);
    CHECK(must(store->report()).pending == 9);
    // The others follow without a ticket, once each.
    for (size_t i = 3; i < 5; ++i) {
      auto next = must(store->next_planned());
      REQUIRE(next);
      CHECK(next->urls == urls_of(i, 3));
      CHECK_FALSE(next->ticket);
    }
    CHECK_FALSE(must(store->next_planned()));
    must(store->repeat_submit(keyed, {"worker", 0}));
    must(store->settle(keyed, submit_result::accepted, "run_1", 1));
  }
  SECTION("and is held if the profile no longer supports keys") {
    CHECK(must(store->hold_interrupted()) == 2);
    CHECK(store->left_to_repeat() == 0);
    CHECK(must(store->held_batches(10)).size() == 3);
    // From now on the user decides.
    open();
    CHECK(must(store->hold_interrupted(true)) == 0);
    CHECK(store->left_to_repeat() == 0);
  }
  CHECK(must(store->held_batches(10)).back().reason == "the user's");
  CHECK(plain != keyed);
}

TEST_CASE_METHOD(ledger_fixture, "a repeat counts as a submit and needs a key",
                 "[ledger]") {
  open_imported(2, 1);
  auto plain = in_flight();
  CHECK(code_of(store->repeat_submit(plain, {"worker", 0})) == ec::internal);
  auto keyed = must(store->next_planned())->key;
  CHECK(code_of(store->repeat_submit(keyed, {"worker", 0})) == ec::internal);
  must(store->begin_submit(keyed, {"worker", 0, 5}, submit_ticket{"k", {}, 7}));
  must(store->repeat_submit(keyed, {"worker", 0, 6}));
  CHECK(must(store->report()).requests.submits == 3);
  must(store->settle(keyed, submit_result::held, "?", 1));
  // The search looks for runs that began with the first POST, not the last.
  auto held = must(store->held_submits(10));
  REQUIRE(held.size() == 1);
  CHECK(held[0].submitted_at_ms == 5);
  CHECK(code_of(store->repeat_submit(keyed, {"worker", 0})) == ec::internal);
}

TEST_CASE_METHOD(ledger_fixture, "a batch that is planned again loses its key",
                 "[ledger]") {
  open_imported(1, 2);
  auto key = must(store->next_planned())->key;
  must(store->begin_submit(key, {"worker", 0}, submit_ticket{"old", {}, 7}));
  must(store->settle(key, submit_result::replanned, {}, 1));
  SECTION("and gets a new one") {
    must(store->begin_submit(key, {"worker", 0}, submit_ticket{"new", {}, 8}));
    open();
    CHECK(must(store->hold_interrupted(true)) == 0);
    auto batch = must(store->next_planned());
    REQUIRE(batch->ticket);
    CHECK(batch->ticket->key == "new");
    CHECK(batch->ticket->first_sent_at_ms == 8);
  }
  SECTION("and gets none") {
    must(store->begin_submit(key, {"worker", 0}));
    open();
    CHECK(must(store->hold_interrupted(true)) == 1);
  }
}

TEST_CASE_METHOD(ledger_fixture, "halves and resubmitted batches have no key",
                 "[ledger]") {
  open_imported(1, 2);
  auto key = must(store->next_planned())->key;
  must(store->begin_submit(key, {"worker", 0}, submit_ticket{"old", {}, 7}));
  SECTION("halves") {
    must(store->settle(key, submit_result::split, {}, 1));
  }
  SECTION("resubmitted") {
    must(store->settle(key, submit_result::held, "?", 1));
    must(store->resubmit(key));
  }
  while (auto batch = must(store->next_planned())) {
    CHECK_FALSE(batch->ticket);
    must(store->begin_submit(batch->key, {"worker", 0}));
  }
  open();
  CHECK(must(store->hold_interrupted(true)) > 0);
  CHECK(store->left_to_repeat() == 0);
}

TEST_CASE_METHOD(ledger_fixture,
                 "a run that is given up is held and no longer open",
                 "[ledger]") {
  open_imported(1, 3);
  CHECK_FALSE(must(store->has_runs()));
  auto key = running();
  CHECK(must(store->has_runs()));
  must(store->give_up(key, "older than max_age"));
  auto sums = must(store->report());
  CHECK(sums.held == 3);
  CHECK(sums.runs == 1);
  CHECK(sums.open_runs == 0);
  CHECK(must(store->open_runs()).empty());
  CHECK(must(store->has_runs()));
}

TEST_CASE_METHOD(ledger_fixture, "a batch changes only from the right state",
                 "[ledger]") {
  using change = std::function<caf::error(ledger&, batch_key)>;
  struct row {
    const char* name;
    change apply;
    std::vector<std::string> from;
  };
  std::vector<row> changes{
    {"begin_submit",
     [](auto& l, auto k) {
       return l.begin_submit(k, {"worker", 0});
     },
     {"planned"}},
    {"accept",
     [](auto& l, auto k) {
       return l.settle(k, submit_result::accepted, "r" + std::to_string(k), 1);
     },
     {"in_flight"}},
    {"replan",
     [](auto& l, auto k) {
       return l.settle(k, submit_result::replanned, {}, 1);
     },
     {"in_flight"}},
    {"hold",
     [](auto& l, auto k) { return l.settle(k, submit_result::held, "?", 1); },
     {"in_flight"}},
    {"give_up", [](auto& l, auto k) { return l.give_up(k, "?"); }, {"running"}},
    {"split",
     [](auto& l, auto k) { return l.settle(k, submit_result::split, {}, 1); },
     {"in_flight"}},
    {"reject",
     [](auto& l, auto k) {
       return l.settle(k, submit_result::rejected, "?", 1);
     },
     {"in_flight"}},
    {"record_end",
     [](auto& l, auto k) { return l.record_end(k, {}, {}); },
     {"running"}},
    {"commit",
     [](auto& l, auto k) {
       return l.commit({1, {}, {{k, {}, {}, run_result{}}}, {}});
     },
     {"ended"}},
    {"start_paging",
     [](auto& l, auto k) {
       auto start = l.start_paging(k);
       return start ? caf::error{} : start.error();
     },
     {"ended"}},
  };
  std::map<std::string, std::vector<int>> ways{
    {"planned", {}},      {"in_flight", {0}},     {"running", {0, 1}},
    {"held", {0, 3}},     {"ended", {0, 1, 7}},   {"split", {0, 5}},
    {"rejected", {0, 6}}, {"done", {0, 1, 7, 8}},
  };
  open_imported(ways.size() * changes.size(), 2);
  batch_key key = 0;
  for (auto& [state, way] : ways)
    for (auto& tried : changes) {
      CAPTURE(state, tried.name);
      ++key;
      for (auto step : way)
        must(changes[static_cast<size_t>(step)].apply(*store, key));
      auto before = must(store->report());
      auto err = tried.apply(*store, key);
      auto right = std::find(tried.from.begin(), tried.from.end(), state)
                   != tried.from.end();
      CHECK(code_of(err) == (right ? ec::no_error : ec::internal));
      if (right)
        continue;
      CHECK_THAT(what_of(err),
                 Catch::Contains("batch " + std::to_string(key) + " is " + state
                                 + " where it should be " + tried.from[0]));
      CHECK(must(store->report()).pending == before.pending);
    }
}

TEST_CASE_METHOD(ledger_fixture, "an error about an unknown batch names it",
                 "[ledger]") {
  open_imported(1, 1);
  auto err = store->begin_submit(77, {"worker", 0});
  CHECK(code_of(err) == ec::internal);
  CHECK_THAT(what_of(err), Catch::Contains("batch 77 is unknown"));
}

TEST_CASE_METHOD(ledger_fixture, "a run is accepted for one batch only",
                 "[ledger]") {
  open_imported(2, 2);
  auto first = running();
  auto second = in_flight();
  auto run = "run_" + std::to_string(first);
  auto err = store->settle(second, submit_result::accepted, run, 1'000);
  CHECK(code_of(err) == ec::bad_reply);
  CHECK_THAT(what_of(err),
             Catch::Contains("is the run of batch " + std::to_string(first)));
  must(store->settle(second, submit_result::held, "?", 1)); // still in flight
  SECTION("unless that batch's URLs are in another batch now") {
    must(store->give_up(first, "too old"));
    must(store->resubmit(first));
    must(store->settle(in_flight(), submit_result::accepted, run, 1'000));
  }
}

TEST_CASE_METHOD(ledger_fixture,
                 "a submit is counted in the transaction that begins it, so "
                 "runs never outnumber submits",
                 "[ledger]") {
  open_imported(3, 2);
  uint64_t begun = 0;
  while (auto batch = must(store->next_planned())) {
    must(store->begin_submit(batch->key, {"worker", 0}));
    CHECK(must(store->report()).requests.submits == ++begun);
    must(store->settle(batch->key, submit_result::accepted,
                       "run_" + std::to_string(begun), 1));
    // What a process that is killed here would leave.
    auto numbers = must(open().report());
    CHECK(numbers.requests.submits == begun);
    CHECK(numbers.runs == begun);
  }
  CHECK(begun == 3);
  CHECK(store->begin_submit(77, {"worker", 0}));
  CHECK(must(store->report()).requests.submits == begun);
}
