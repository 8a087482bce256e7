#include "actors/capture_pager.hpp"
#include "tests/actors/pager_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE_METHOD(
  pager_fixture,
  "the positions of the sinks at their opening are committed before any page") {
  list(1, 1);
  sink->acks = false;
  start();
  record_end(1, {"r1-0"});
  CHECK(fetches() == 0);
  sink->answer();
  run();
  CHECK(store->checkpoints.size() == 1);
  CHECK(store->checkpoints[0].delivery == 0);
  CHECK(store->checkpoints[0].sinks
        == std::vector<std::pair<std::string, sink_position>>{{"fake", "0"}});
  CHECK(fetches() == 1);
}

TEST_CASE_METHOD(
  pager_fixture,
  "pages of several runs get one order, the same at every sink") {
  list(1, 3);
  list(2, 3);
  config.last_delivery = 40;
  start(true);
  record_end(1, {"r1-0"});
  record_end(2, {"r2-0"});
  REQUIRE(sink->pages.size() == 6);
  CHECK(sink->pages == other_sink->pages);
  for (size_t i = 0; i < 6; ++i)
    CHECK(sink->pages[i]->delivery == 41 + i);
  std::map<batch_key, uint32_t> next;
  for (auto& page : sink->pages) {
    CHECK(page->number == next[page->batch]++);
    CHECK(page->run_id == name_of(page->batch));
    REQUIRE(page->captures.size() == 1);
    CHECK(page->bytes(page->captures[0])
          == page->run_id + "-" + std::to_string(page->number));
  }
  CHECK(counters->captures == 6);
}

TEST_CASE_METHOD(pager_fixture,
                 "a page says of which robot it is and when it was delivered") {
  using std::chrono::milliseconds;
  list(1, 1);
  list(2, 1);
  start();
  record_end(1, {"r1-0"});
  wall_ms += 70'000;
  record_end(2, {"r2-0"});
  REQUIRE(sink->pages.size() == 2);
  CHECK(sink->pages[0]->robot == "robot");
  CHECK(sink->pages[0]->delivered_at.time_since_epoch()
        == milliseconds{1'764'482'467'005});
  CHECK(sink->pages[1]->delivered_at.time_since_epoch()
        == milliseconds{1'764'482'537'005});
}

TEST_CASE_METHOD(pager_fixture,
                 "a run is released only after all sinks have its captures and "
                 "the ledger has committed it") {
  list(1, 2);
  start(true);
  other_sink->acks = false;
  record_end(1, {"r1-0", "x"});
  CHECK(stages->committed.empty());
  CHECK(store->checkpoints.size() == 1);
  store->silent = true;
  other_sink->answer();
  run();
  REQUIRE(store->checkpoints.size() == 2);
  CHECK(stages->committed.empty());
  store->answer();
  run();
  CHECK(stages->committed == std::vector<batch_key>{1});
  auto* run = part(1, 1);
  REQUIRE(run);
  CHECK(run->done->outcome == run_outcome::completed);
  CHECK(run->state.captures == 2);
  CHECK(run->state.unmatched == 1);
  CHECK(run->new_identities.size() == 2);
  CHECK(store->checkpoints[1].delivery == 2);
  CHECK(store->checkpoints[1].sinks.size() == 2);
  CHECK(counters->runs_done == 1);
  CHECK(counters->urls_covered == 1);
  CHECK(counters->urls_settled == 2);
}

TEST_CASE_METHOD(pager_fixture,
                 "no checkpoints are made while nothing happens") {
  start();
  advance(1h);
  CHECK(store->checkpoints.size() == 1);
  list(1, 1);
  record_end(1, {});
  advance(1h);
  CHECK(store->checkpoints.size() == 2);
}

// -- the window ---------------------------------------------------------------

TEST_CASE_METHOD(pager_fixture,
                 "fetching stops within the window if a sink acks nothing") {
  list(1, 50);
  start();
  sink->acks = false;
  record_end(1, {});
  CHECK(fetches() == 10);
  CHECK(counters->window_bytes == 1000);
  advance(1h);
  CHECK(fetches() == 10);
  sink->answer(1);
  run();
  CHECK(fetches() == 11);
  sink->acks = true;
  sink->answer();
  run();
  CHECK(fetches() == 50);
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(pager_fixture,
                 "a page leaves the window once the last sink has it") {
  list(1, 50);
  start(true);
  other_sink->acks = false;
  record_end(1, {});
  CHECK(fetches() == 10);
  other_sink->answer(3);
  run();
  CHECK(fetches() == 13);
}

TEST_CASE_METHOD(pager_fixture, "a page that fails returns its room") {
  list(1, 1, 1000);
  list(2, 1, 1000);
  auto broken = true;
  auto working = api->on_page;
  api->on_page = [&, working](const page_order& order) {
    return broken && order.run.id == "r1" ? page_failing(read_outcome::retry)
                                          : working(order);
  };
  start();
  record_end(1, {});
  record_end(2, {});
  CHECK(sink->pages.size() == 1);
  broken = false;
  advance(1s);
  CHECK(sink->pages.size() == 2);
  CHECK(counters->window_bytes == 0);
}

TEST_CASE_METHOD(
  pager_fixture,
  "finished runs are paged in parallel once the size of a page is known") {
  for (batch_key key = 1; key <= 5; ++key)
    list(key, 3);
  start();
  api->silent = true;
  for (batch_key key = 1; key <= 5; ++key)
    record_end(key, {});
  CHECK(fetches() == 1);
  api->answer();
  run();
  // One page of each of the five is in progress.
  CHECK(fetches() == 6);
  CHECK(api->held.size() == 5);
  api->answer();
  run();
  CHECK(fetches() == 11);
  CHECK(api->held.size() == 5);
}

TEST_CASE_METHOD(pager_fixture, "the next pages of a run are fetched within "
                                "the window while a slow sink writes") {
  list(1, 10);
  config.window = 300;
  start();
  sink->acks = false;
  api->silent = true;
  record_end(1, {});
  // The API takes 400 ms per page and the sink 1 s, one page at a time.
  auto begin = now();
  auto asked = begin, given = begin;
  size_t most_ahead = 0;
  for (size_t written = 0; written < 10;) {
    advance(100ms);
    if (api->held.size() == 0)
      asked = now();
    else if (now() - asked >= 400ms) {
      api->answer(1);
      asked = now();
    }
    if (sink->held.size() == 0)
      given = now();
    else if (now() - given >= 1s) {
      sink->answer(1);
      given = now();
      ++written;
    }
    run();
    CHECK(counters->window_bytes <= 300);
    most_ahead = std::max(most_ahead, fetches() - written);
  }
  CHECK(most_ahead == 3);
  // The first page takes 400 ms. After that, the sink is never idle. To fetch
  // and write the pages one after the other would take 14 s.
  CHECK(now() - begin == 10400ms);
}

// -- failures -----------------------------------------------------------------

TEST_CASE_METHOD(pager_fixture, "a sink that fails stops the job once, and "
                                "then only the time spent is committed") {
  list(1, 50);
  start(true);
  sink->failure = make_error(ec::disk, "no space");
  record_end(1, {});
  advance(1min);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(store->checkpoints.size() == 1);
  CHECK(fetches() < 50);
  CHECK(drain()->value);
  REQUIRE(store->checkpoints.size() == 2);
  CHECK(store->checkpoints[1].sinks.empty());
  CHECK(store->checkpoints[1].runs.empty());
  CHECK(store->checkpoints[1].delivery == 0);
  CHECK(store->checkpoints[1].elapsed == 1min);
}

TEST_CASE_METHOD(pager_fixture,
                 "a checkpoint that the ledger refuses stops the job") {
  list(1, 1);
  start();
  store->failing["commit"] = make_error(ec::disk, "no space");
  record_end(1, {});
  advance(1s);
  REQUIRE(boss->failures.size() == 1);
  CHECK(code_of(boss->failures[0]) == ec::disk);
  CHECK(stages->committed.empty());
  CHECK(drain()->value);
}

// -- stopping -----------------------------------------------------------------

TEST_CASE_METHOD(pager_fixture,
                 "draining commits everything delivered, then answers") {
  list(1, 5);
  start();
  api->silent = true;
  record_end(1, {});
  api->answer(1);
  run();
  auto drained = drain();
  CHECK(drained->pending()); // a page is in progress
  api->answer();
  store->silent = true;
  run();
  CHECK(sink->pages.size() == 2);
  REQUIRE(store->checkpoints.size() == 2);
  CHECK(store->checkpoints[1].delivery == 2);
  CHECK(part(1, 1)->state.cursor == "2");
  CHECK(drained->pending());
  store->answer();
  run();
  CHECK(drained->value);
  advance(1h);
  CHECK(fetches() == 2);
  CHECK(store->checkpoints.size() == 2);
}

TEST_CASE_METHOD(
  pager_fixture,
  "draining waits for the current checkpoint and makes one more") {
  list(1, 2);
  start();
  sink->acks = false;
  record_end(1, {});
  sink->answer(1);
  run();
  advance(1s);
  auto drained = drain();
  CHECK(drained->pending());
  sink->acks = true;
  sink->answer();
  run();
  CHECK(drained->value);
  CHECK(store->checkpoints.back().delivery == 2);
}

TEST_CASE_METHOD(
  pager_fixture,
  "a draining pager does not wait for permits and returns late ones") {
  list(1, 1);
  permits->silent = true;
  start();
  record_end(1, {});
  REQUIRE(permits->parked.size() == 1);
  CHECK(drain()->value);
  permits->grant();
  run();
  CHECK(permits->released.size() == 1);
  CHECK(fetches() == 0);
}

TEST_CASE_METHOD(
  pager_fixture,
  "a sink that fails while draining is neither waited for nor reported") {
  list(1, 1);
  start();
  sink->acks = false;
  record_end(1, {});
  auto drained = drain();
  CHECK(drained->pending());
  sink->failure = make_error(ec::unavailable, "down");
  sink->answer();
  run();
  CHECK(drained->value);
  CHECK(boss->failures.empty());
  REQUIRE(store->checkpoints.size() == 2);
  CHECK(store->checkpoints[1].runs.empty());
}

TEST_CASE_METHOD(
  pager_fixture,
  "room reserved for future pages does not count as bytes in the window") {
  list(1, 5);
  start();
  permits->silent = true;
  record_end(1, {});
  CHECK(permits->asked.size() == 1);
  CHECK(counters->window_bytes == 0);
}
