#include "pipeline/successor_ledger.hpp"
#include "tests/core/ledger_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(ledger_fixture, "a ledger that takes an old one's place stays "
                                 "locked") {
  auto old_id = must(open().job_id());
  auto next = must(successor_ledger::make(file));
  auto new_id = must(next->store()->job_id());
  auto placed = must(next->put_in_place(*store));
  store.reset();
  next.reset();
  CHECK(must(must(ledger::attach(placed.aside))->job_id()) == old_id);
  // Whoever waits for the name does not get in before it is opened again.
  CHECK(code_of(ledger::open(file).error()) == ec::ledger_locked);
  store = must(ledger::open(file, {}, std::move(placed.lock)));
  CHECK(must(store->job_id()) == new_id);
  CHECK(code_of(ledger::open(file).error()) == ec::ledger_locked);
  CHECK(must(ledger::open(placed.aside))->job_id());
}
