#include "tests/actors/pager_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// -- the consistent checkpoint ------------------------------------------------

TEST_CASE_METHOD(
  pager_fixture,
  "a checkpoint excludes pages that are delivered after it began") {
  list(1, 4);
  start();
  api->silent = true;
  record_end(1, {"r1-0", "r1-1"});
  api->answer(1);
  run();
  CHECK(sink->pages.size() == 1);
  sink->acks = false;
  advance(1s); // the checkpoint is in the sink's mailbox, after page 1
  sink->log->add("--");
  api->answer(2); // pages 2 and 3
  run();
  api->answer(2);
  run();
  CHECK(sink->pages.size() == 3);
  sink->answer();
  run();
  REQUIRE(store->checkpoints.size() >= 2);
  CHECK(store->checkpoints[1].delivery == 1);
  auto* run = part(1, 1);
  REQUIRE(run);
  CHECK(run->state.cursor == "1");
  CHECK(run->state.next_page == 1);
  CHECK(run->state.captures == 1);
  CHECK(run->state.covered == coverage_bits{1});
  CHECK(run->new_identities.size() == 1);
  CHECK_FALSE(run->done);
  CHECK(sink->log->entries
        == std::vector<std::string>{"cut", "page 1", "cut", "--", "page 2",
                                    "page 3"});
}

TEST_CASE_METHOD(pager_fixture,
                 "every checkpoint covers exactly the pages delivered before "
                 "it, even if bytes trigger it") {
  // A checkpoint that counted a page as read before its delivery would lose it
  // at a restart.
  list(1, 40);
  config.checkpoint_bytes = 250;
  start();
  record_end(1, {});
  advance(1min);
  REQUIRE(store->checkpoints.size() > 5);
  for (auto& point : store->checkpoints)
    for (auto& run : point.runs)
      CHECK(run.state.captures == point.delivery);
  // The sink also sees the checkpoint right after exactly those pages.
  uint64_t pages_seen = 0;
  size_t checkpoints_seen = 0;
  for (auto& entry : sink->log->entries)
    if (entry == "cut")
      CHECK(store->checkpoints.at(checkpoints_seen++).delivery == pages_seen);
    else
      ++pages_seen;
  CHECK(checkpoints_seen == store->checkpoints.size());
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(
  pager_fixture,
  "checkpoints do not overlap and each identity is in exactly one") {
  list(1, 20);
  config.checkpoint_bytes = 100;
  start();
  api->silent = true;
  record_end(1, {});
  store->silent = true;
  api->silent = false;
  api->answer();
  advance(10s);
  CHECK(fetches() == 20);
  CHECK(store->checkpoints.size() == 2);
  store->silent = false;
  store->answer();
  advance(10s);
  size_t identities = 0;
  for (auto& point : store->checkpoints)
    for (auto& run : point.runs)
      identities += run.new_identities.size();
  CHECK(identities == 20);
  CHECK(stages->committed.size() == 1);
}

TEST_CASE_METHOD(pager_fixture, "a slow checkpoint delays the next one, which "
                                "covers all runs that ended meanwhile") {
  for (batch_key key = 1; key <= 3; ++key)
    list(key, 1);
  start();
  api->silent = true;
  for (batch_key key = 1; key <= 3; ++key)
    record_end(key, {});
  store->silent = true;
  run();
  store->answer(); // paging of the runs begins
  api->answer(1);
  run();
  REQUIRE(store->checkpoints.size() == 2); // one for the opening of the sinks
                                           // and one for run 1
  advance(50ms);
  store->silent = false;
  store->answer();
  run();
  REQUIRE(stages->committed.size() == 1);
  advance(10ms);
  api->answer(1);
  run();
  CHECK(store->checkpoints.size() == 2);
  SECTION("for three times as long") {
    advance(100ms);
    api->answer(1);
    run();
    advance(39ms);
    CHECK(store->checkpoints.size() == 2);
    advance(1ms);
    REQUIRE(store->checkpoints.size() == 3);
    CHECK((part(2, 2) && part(2, 2)->done));
    CHECK((part(2, 3) && part(2, 3)->done));
    CHECK(stages->committed.size() == 3);
    advance(10s);
    CHECK(store->checkpoints.size() == 3);
  }
  SECTION("but not if the job stops") {
    api->answer(1);
    run();
    auto drained = drain();
    run();
    CHECK(drained->value);
    CHECK(store->checkpoints.size() == 3);
    CHECK(stages->committed.size() == 3);
  }
}

TEST_CASE_METHOD(pager_fixture,
                 "a checkpoint counts the requests since the previous one") {
  list(1, 1);
  start();
  counters->polls = 3;
  counters->pages = 1;
  record_end(1, {});
  advance(1s);
  counters->polls = 5;
  counters->rate_limited = 1;
  list(2, 1);
  record_end(2, {});
  advance(1s);
  REQUIRE(store->checkpoints.size() == 3);
  CHECK(store->checkpoints[1].requests.polls == 3);
  CHECK(store->checkpoints[1].requests.pages == 1);
  CHECK(store->checkpoints[2].requests.polls == 2);
  CHECK(store->checkpoints[2].requests.rate_limited == 1);
}

TEST_CASE_METHOD(
  pager_fixture,
  "the time spent is committed even while a sink holds up a checkpoint") {
  list(1, 1);
  start();
  record_end(1, {});
  sink->acks = false;
  list(2, 1);
  record_end(2, {});
  advance(10s);
  REQUIRE(store->checkpoints.size() == 2);
  counters->polls = 7;
  tell(pager, atoms::account_atom::value);
  REQUIRE(store->checkpoints.size() == 3);
  auto& spent = store->checkpoints[2];
  CHECK(spent.delivery == 1);
  CHECK(spent.sinks.empty());
  CHECK(spent.runs.empty());
  CHECK(spent.requests.polls == 7);
  CHECK(spent.elapsed == 10s);
  CHECK(spent.spent[static_cast<size_t>(bottleneck::sinks)] == 10s);
  // The checkpoint itself then completes as usual.
  sink->acks = true;
  sink->answer();
  advance(1s);
  REQUIRE(store->checkpoints.size() == 4);
  CHECK(store->checkpoints[3].delivery == 2);
  CHECK(part(3, 2) != nullptr);
  CHECK(stages->committed.size() == 2);
  CHECK(boss->failures.empty());
}

TEST_CASE_METHOD(pager_fixture, "the time spent is not committed ahead of a "
                                "checkpoint on its way to the ledger") {
  list(1, 1);
  start();
  store->silent = true;
  record_end(1, {});
  store->answer(); // paging begins
  run();
  REQUIRE(store->checkpoints.size() == 2);
  tell(pager, atoms::account_atom::value);
  CHECK(store->checkpoints.size() == 2);
  store->answer();
  run();
  tell(pager, atoms::account_atom::value);
  REQUIRE(store->checkpoints.size() == 3);
  CHECK(store->checkpoints[2].delivery == 1);
}
