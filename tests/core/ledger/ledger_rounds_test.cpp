// URLs that the user submits again. Each decision starts a round.

#include "tests/core/ledger/ledger_fixture.hpp"

#include <algorithm>
#include <bit>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr retry_kinds all_kinds{true, true, true};

struct rounds_fixture : ledger_fixture {
  /// Five batches: 2 URLs are missing, 3 have failed, 4 are refused, and 1
  /// belongs to a run that the user gave up. One batch has all captures.
  void make() {
    open_imported(5, run_size);
    must(store->retry_missing_by(retries(0)));
    finish(0b0011);
    finish(0b0001, run_outcome::failed);
    must(store->settle(in_flight(), submit_result::rejected, "422: not a page",
                       1));
    finish(0b0111, run_outcome::lost);
    finish(0b1111);
  }

  /// Takes the next batch through a run that covers the URLs of `bits`.
  url_batch finish(uint8_t bits, run_outcome outcome = run_outcome::completed,
                   uint64_t unmatched = 0) {
    auto batch = must(store->next_planned());
    REQUIRE(batch);
    must(store->begin_submit(batch->key, {"worker", 0}));
    must(store->settle(batch->key, submit_result::accepted,
                       "run_" + std::to_string(batch->key), 1));
    must(store->record_end(batch->key, {}, {}));
    run_progress all;
    all.batch = batch->key;
    all.state.covered = {bits};
    all.state.captures =
      static_cast<uint64_t>(std::popcount(static_cast<unsigned>(bits)))
      + unmatched;
    all.state.unmatched = unmatched;
    all.done = run_result{outcome, "ended", std::nullopt};
    must(store->commit({++delivery, {}, {all}, {}}));
    return *batch;
  }

  /// Opens the ledger as the next process does.
  void restart(uint32_t times = 0) {
    open();
    must(store->retry_missing_by(retries(times)));
    must(store->hold_interrupted());
  }

  retry_counts again(const retry_kinds& kinds) {
    return must(store->begin_round(kinds, 5'000)).taken;
  }

  void check_counts(const retry_counts& counts, uint64_t missing,
                    uint64_t failed, uint64_t rejected) {
    CHECK(counts.missing == missing);
    CHECK(counts.failed == failed);
    CHECK(counts.rejected == rejected);
  }

  uint64_t delivery = 0;
};

} // namespace

TEST_CASE_METHOD(rounds_fixture,
                 "URLs that are submitted again form a separate round",
                 "[ledger]") {
  make();
  CHECK(must(store->report()).rounds.empty());
  check_counts(again({true, true, false}), 2, 4, 0);
  auto numbers = must(store->report());
  CHECK(numbers.pending == 6);
  CHECK(numbers.missing + numbers.failed == 0);
  CHECK(numbers.rejected == 4);
  CHECK(numbers.total() == 5 * run_size);
  CHECK(finish(0b0111).urls.size() == run_size);
  CHECK(finish(0b00).urls.size() == 2);
  CHECK_FALSE(must(store->next_planned()));
  numbers = must(store->report());
  CHECK(numbers.captured == 10 + 3);
  CHECK(numbers.missing == 3);
  REQUIRE(numbers.rounds.size() == 2);
  auto& first = numbers.rounds[0];
  CHECK(first.urls == 5 * run_size);
  CHECK(first.captured == 10);
  CHECK(first.missing == 2);
  CHECK(first.failed == 4);
  CHECK(first.rejected == 4);
  CHECK(first.pending == 0);
  CHECK(first.runs == 4);
  CHECK(first.captures == 10);
  auto& retry = numbers.rounds[1];
  CHECK(retry.number == 1);
  CHECK(retry.begun_at_ms == 5'000);
  check_counts(retry.taken, 2, 4, 0);
  CHECK(retry.urls == 6);
  CHECK(retry.captured == 3);
  CHECK(retry.missing == 3);
  CHECK(retry.pending == 0);
  CHECK(retry.runs == 2);
}

TEST_CASE_METHOD(rounds_fixture, "the URLs of a retry can be handed out",
                 "[ledger]") {
  make();
  CHECK(must(store->planned_left()) == 0);
  again({true, true, false});
  CHECK(must(store->planned_left()) == 1);
  CHECK(must(store->next_planned())->urls.size() == run_size);
  CHECK(must(store->planned_left()) == 1);
  CHECK(must(store->next_planned())->urls.size() == 2);
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->planned_left()) == 0);
}

TEST_CASE_METHOD(rounds_fixture,
                 "a decision reports how many missing URLs may have been "
                 "delivered under other addresses",
                 "[ledger]") {
  open_imported(3, run_size);
  must(store->retry_missing_by(retries(0)));
  finish(0b0001, run_outcome::completed, 2);
  finish(0b0111);
  finish(0b0000, run_outcome::failed, 1);
  auto begun = must(store->begin_round({true, true, false}, 5'000));
  CHECK(begun.taken.missing == 3 + 1);
  CHECK(begun.taken.failed == run_size);
  CHECK(begun.beside_unmatched == 3);
}

TEST_CASE_METHOD(rounds_fixture, "each kind of URL can be retried alone",
                 "[ledger]") {
  make();
  auto kind = GENERATE(0, 1, 2, 3);
  retry_kinds kinds{kind == 0, kind == 1, kind == 2};
  check_counts(again(kinds), kind == 0 ? 2 : 0, kind == 1 ? 4 : 0,
               kind == 2 ? 4 : 0);
  CHECK(must(store->report()).rounds.size() == (kind == 3 ? 0 : 2));
  CHECK(must(store->next_planned()).has_value() == (kind < 3));
}

TEST_CASE_METHOD(rounds_fixture,
                 "a retry takes no URL that is held, set aside or pending",
                 "[ledger]") {
  open_imported(6, run_size);
  must(store->retry_missing_by(retries(0)));
  must(store->settle(in_flight(), submit_result::held, "timeout", 1));
  running();
  auto unread = ended();
  auto aside = ended();
  run_progress rest{aside, {"", 1, 0, 0, 0, {}}, {}, {}, "not JSON"};
  must(store->commit({++delivery, {}, {rest}, {}}));
  in_flight();
  check_counts(again(all_kinds), 0, 0, 0);
  auto numbers = must(store->report());
  CHECK(numbers.held == run_size);
  CHECK(numbers.set_aside == run_size);
  CHECK(numbers.pending == 4 * run_size);
  SECTION("but abandoned URLs count as failed") {
    must(store->abandon(1));
    must(store->abandon(aside));
    check_counts(again({false, true, false}), 0, 2 * run_size, 0);
  }
  SECTION("and the first round continues at the same time") {
    run_progress all{unread, {"", 1, 1, 0, 0, {1}}, {}, run_result{}};
    must(store->commit({++delivery, {}, {all}, {}}));
    check_counts(again(all_kinds), 3, 0, 0);
    numbers = must(store->report());
    REQUIRE(numbers.rounds.size() == 2);
    CHECK(numbers.rounds[0].pending == 3 * run_size);
    CHECK(numbers.rounds[1].pending == 3);
    CHECK(numbers.pending == 3 * run_size + 3);
  }
}

TEST_CASE_METHOD(rounds_fixture,
                 "an unfinished retry is neither lost nor doubled by a restart "
                 "or a second request",
                 "[ledger]") {
  make();
  again(all_kinds);
  restart();
  check_counts(again(all_kinds), 0, 0, 0);
  CHECK(finish(0b0001).urls.size() == run_size); // 3 of the retry are missing
  restart();
  check_counts(again(all_kinds), 0, 0, 0);
  uint64_t bought = run_size;
  while (auto batch = must(store->next_planned())) {
    bought += batch->urls.size();
    must(store->begin_submit(batch->key, {"worker", 0}));
    restart(); // it is held because its outcome is unknown
    check_counts(again({true, false, false}), bought == 10 ? 3 : 0, 0, 0);
    if (bought == 10)
      break;
  }
  CHECK(bought == 10);
  auto numbers = must(store->report());
  CHECK(numbers.held == 6);
  CHECK(numbers.total() == 5 * run_size);
  // The retry was finished except for the held URLs. Its missing URLs form the
  // next one.
  REQUIRE(numbers.rounds.size() == 3);
  CHECK(numbers.rounds[1].held == 6);
  CHECK(numbers.rounds[1].missing == 3);
  CHECK(numbers.rounds[2].pending == 3);
}

TEST_CASE_METHOD(
  rounds_fixture,
  "a second decision takes only the URLs that the first one left", "[ledger]") {
  make();
  again({true, false, false});
  check_counts(again(all_kinds), 0, 4, 4);
  auto numbers = must(store->report());
  REQUIRE(numbers.rounds.size() == 3);
  CHECK(numbers.rounds[1].urls == 2);
  CHECK(numbers.rounds[2].urls == 8);
  uint64_t urls = 0;
  while (must(store->next_planned()))
    ++urls;
  CHECK(urls == 3); // batches: 2 URLs, 4 that failed, 4 that were refused
  CHECK(must(store->report()).pending == 10);
}

TEST_CASE_METHOD(rounds_fixture, "refused URLs are not batched with others",
                 "[ledger]") {
  make();
  again(all_kinds);
  std::multiset<size_t> sizes;
  while (auto batch = must(store->next_planned())) {
    auto refused = urls_of(2, run_size);
    auto common =
      std::count_if(batch->urls.begin(), batch->urls.end(), [&](auto url) {
        return std::find(refused.begin(), refused.end(), url) != refused.end();
      });
    CHECK((common == 0 || static_cast<size_t>(common) == batch->urls.size()));
    sizes.insert(batch->urls.size());
  }
  CHECK(sizes == std::multiset<size_t>{2, 4, 4});
}

TEST_CASE_METHOD(rounds_fixture,
                 "the rule for missing URLs applies in a retry, and changing "
                 "the rule keeps the decision",
                 "[ledger]") {
  make();
  again({true, false, false});
  restart(1);
  CHECK(must(store->report()).pending == 2 + 3); // they failed and the rule
                                                 // applies
  restart(0);
  CHECK(must(store->report()).pending == 2);
  restart(1);
  // URLs missing from the retry are submitted once more in the same round.
  uint64_t submitted = 0;
  while (must(store->report()).pending > 0)
    submitted += finish(0).urls.size();
  CHECK(submitted == 2 + 3 + 2);
  auto numbers = must(store->report());
  CHECK(numbers.rounds[0].missing + numbers.rounds[0].failed == 2 + 1 + 3);
  CHECK(numbers.rounds[1].missing == 2);
  CHECK(numbers.rounds[1].runs == 2);
}

TEST_CASE_METHOD(rounds_fixture,
                 "replanning after a bad request does not duplicate URLs that "
                 "are submitted again",
                 "[ledger]") {
  open_imported(2, 1);
  must(store->retry_missing_by(retries(0)));
  must(store->settle(in_flight(), submit_result::rejected, "422", 1));
  must(store->settle(in_flight(), submit_result::rejected, "422", 1));
  check_counts(again({false, false, true}), 0, 0, 2);
  auto batch = must(store->next_planned());
  REQUIRE(batch);
  CHECK(batch->urls.size() == 2);
  must(store->begin_submit(batch->key, {"worker", 0}));
  must(store->settle(batch->key, submit_result::all_replanned, {}, 1));
  auto numbers = must(store->report());
  CHECK(numbers.pending == 2);
  CHECK(numbers.rejected == 0);
  CHECK(numbers.total() == 2);
}

TEST_CASE_METHOD(rounds_fixture, "a resubmitted batch stays in its round",
                 "[ledger]") {
  make();
  again({true, false, false});
  auto key = in_flight();
  must(store->settle(key, submit_result::held, "timeout", 1));
  check_counts(again({false, true, false}), 0, 4, 0);
  must(store->resubmit(key));
  finish(0b11);
  auto numbers = must(store->report());
  CHECK(numbers.rounds[1].captured == 2);
  CHECK(numbers.rounds[1].pending == 0);
  CHECK(numbers.rounds[2].pending == 4);
}
