#include "tests/core/ledger/ledger_fixture.hpp"

#include <bit>
#include <random>

using namespace sluice;
using namespace sluice::test;

namespace {

struct retry_fixture : ledger_fixture {
  /// Opens a job with this many full batches and the rule.
  void begin(size_t batches, uint32_t times) {
    open_imported(batches, run_size);
    must(store->retry_missing_by(retries(times)));
  }

  /// Takes a batch through a run that covers the URLs of `bits`.
  url_batch finish(uint8_t bits, uint64_t unmatched = 0,
                   run_outcome outcome = run_outcome::completed) {
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

  [[nodiscard]] uint64_t count_in(url_state state) const {
    uint64_t count = 0;
    must(store->each_url(state, [&](const listed_url&) {
      ++count;
      return true;
    }));
    return count;
  }

  /// The account adds up, and the lists match it.
  void check_account(uint64_t urls) const {
    auto numbers = must(store->report());
    CHECK(numbers.total() == urls);
    CHECK(count_in(url_state::captured) == numbers.captured);
    CHECK(count_in(url_state::missing) == numbers.missing);
    CHECK(count_in(url_state::failed) == numbers.failed);
    CHECK(count_in(url_state::pending) == numbers.pending);
    CHECK(count_in(url_state::rejected) == numbers.rejected);
    CHECK(count_in(url_state::held) == numbers.held);
  }

  uint64_t delivery = 0;
};

} // namespace

TEST_CASE_METHOD(retry_fixture,
                 "missing URLs of many runs share a full batch") {
  begin(3, 1);
  auto first = finish(0b0011);
  auto second = finish(0b0001);
  // 5 URLs are missing. A full batch of 4 need not wait for the third run.
  CHECK(must(store->next_planned())->key == 3);
  auto pooled = must(store->next_planned());
  REQUIRE(pooled);
  CHECK(
    pooled->urls
    == url_table{first.urls[2], first.urls[3], second.urls[1], second.urls[2]});
  check_account(12);
  CHECK(must(store->report()).missing == 0);
}

TEST_CASE_METHOD(
  retry_fixture,
  "the rest of the pool is planned once everything else has ended") {
  begin(2, 1);
  finish(0b0111);
  // The other run may add more.
  must(store->begin_submit(must(store->next_planned())->key, {"worker", 0}));
  CHECK_FALSE(must(store->next_planned()));
  must(store->settle(2, submit_result::accepted, "run_2", 1));
  must(store->record_end(2, {}, {}));
  CHECK_FALSE(must(store->next_planned()));
  run_progress all{2, {"", 1, 4, 0, 0, {0b1111}}, {}, run_result{}};
  must(store->commit({++delivery, {}, {all}, {}}));
  auto rest = must(store->next_planned());
  REQUIRE(rest);
  CHECK(rest->urls.size() == 1);
  check_account(8);
}

TEST_CASE_METHOD(retry_fixture,
                 "a URL is submitted again as often as the rule says") {
  begin(1, 2);
  finish(0b1110);
  CHECK(finish(0).urls.size() == 1);
  check_account(4);
  CHECK(finish(0).urls.size() == 1);
  CHECK_FALSE(must(store->next_planned()));
  check_account(4);
  auto numbers = must(store->report());
  CHECK(numbers.captured == 3);
  CHECK(numbers.missing == 1);
  CHECK(numbers.runs == 3);
}

TEST_CASE_METHOD(retry_fixture,
                 "the missing URLs of some runs are not retried") {
  begin(1, 1);
  SECTION("one with unmatched captures, which may belong to them") {
    finish(0b0001, 1);
  }
  SECTION("one that ended at its budget") {
    finish(0b0001, 3);
  }
  SECTION("one that is lost") {
    finish(0b0001, 0, run_outcome::lost);
  }
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->report()).pending == 0);
  check_account(4);
}

TEST_CASE_METHOD(retry_fixture,
                 "the rule may change between two starts of the job") {
  begin(2, 0);
  finish(0b0011);
  finish(0b0011);
  CHECK_FALSE(must(store->next_planned()));
  CHECK(must(store->report()).missing == 4);
  open();
  must(store->retry_missing_by(retries(1)));
  CHECK(must(store->report()).pending == 4);
  check_account(8);
  SECTION("and back before any URL is submitted again") {
    open();
    must(store->retry_missing_by(retries(0)));
    CHECK(must(store->report()).missing == 4);
    CHECK_FALSE(must(store->next_planned()));
  }
  SECTION("and takes effect") {
    CHECK(finish(0b1111).urls.size() == 4);
    CHECK(must(store->report()).captured == 8);
  }
  check_account(8);
}

TEST_CASE_METHOD(retry_fixture, "the account adds up after any retries") {
  std::mt19937 random{7};
  begin(20, 3);
  uint64_t captured = 0;
  for (auto step = 0; step < 200; ++step) {
    if (step % 16 == 15) {
      open();
      must(store->retry_missing_by(retries(1 + random() % 3)));
    }
    auto planned = must(store->next_planned());
    if (!planned)
      continue;
    open(); // it is handed out again
    must(store->retry_missing_by(retries(3)));
    auto size = planned->urls.size();
    auto bits = static_cast<uint8_t>(random() % (1U << size));
    captured += static_cast<uint64_t>(std::popcount(unsigned{bits}));
    finish(bits, 0,
           random() % 5 == 0 ? run_outcome::failed : run_outcome::completed);
    check_account(80);
    CHECK(must(store->report()).captured == captured);
  }
  CHECK(must(store->report()).pending == 0);
  CHECK(captured > 60);
}
