// Which runs are read, and which have their URLs in memory. The URLs of a run
// are so long that only four runs are read at a time.

#include "tests/actors/pager_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct turns_fixture : pager_fixture {
  /// A run with one URL of 7 MiB. Four of these take all the memory that runs
  /// may use while they wait for the API.
  void end_large(batch_key key) {
    record_end(key, {std::string(7 << 20, 'u')}, captures_of(key));
  }

  [[nodiscard]] uint64_t captures_of(batch_key key) const {
    uint64_t count = 0;
    for (auto& [place, page] : pages)
      count += place.starts_with(name_of(key) + "/") ? page.captures.size() : 0;
    return count;
  }

  /// How many times the URLs of `batch` were loaded.
  [[nodiscard]] size_t loads(batch_key batch) const {
    return store->log->count("start " + std::to_string(batch));
  }

  [[nodiscard]] size_t all_loads() const {
    return store->log->starting("start ");
  }

  /// The run's second page cannot be fetched.
  void break_second_page(batch_key key) {
    pages[name_of(key) + "/1"] = page_failing(read_outcome::retry);
  }

  [[nodiscard]] size_t delivered() const {
    size_t count = 0;
    for (auto& page : sink->pages)
      count += page->captures.size();
    return count;
  }
};

} // namespace

TEST_CASE_METHOD(turns_fixture,
                 "four runs with many URLs are read at a time, the oldest end "
                 "first, and the next begins when one is done") {
  for (batch_key key = 1; key <= 6; ++key)
    list(key, 2);
  start();
  api->silent = true;
  for (batch_key key = 1; key <= 6; ++key)
    end_large(key);
  CHECK(all_loads() == 4);
  CHECK(fetches() == 1); // alone, because its size is unknown
  api->answer(1);
  run();
  CHECK(fetches() == 5);
  CHECK(all_loads() == 4);
  for (auto i = 0; i < 4; ++i) { // the second page of run 1 comes fourth
    api->answer(1);
    run();
  }
  CHECK(loads(5) == 1);
  CHECK(loads(6) == 0);
  api->silent = false;
  api->answer();
  run();
  advance(1s);
  CHECK(stages->committed.size() == 6);
  CHECK(all_loads() == 6);
  CHECK(delivered() == 12);
}

TEST_CASE_METHOD(turns_fixture,
                 "all runs with few URLs are read at once, and at "
                 "most four of them wait for a permit") {
  for (batch_key key = 1; key <= 9; ++key)
    list(key, 2);
  start();
  permits->silent = true;
  for (batch_key key = 1; key <= 9; ++key)
    record_end(key, {"u"}, 2);
  CHECK(all_loads() == 9);
  REQUIRE(permits->parked.size() == 1);
  permits->grant(1);
  run();
  CHECK(permits->parked.size() == 4);
  for (auto i = 0; i < 17; ++i) {
    permits->grant(1);
    run();
  }
  REQUIRE(fetches() == 18);
  CHECK(delivered() == 18);
  // The oldest ask first.
  CHECK(api->pages[1].run.id == "r1");
  CHECK(api->pages[17].run.id == "r9");
}

TEST_CASE_METHOD(turns_fixture,
                 "a run that pauses gives its turn to the next, and later "
                 "continues where it stopped") {
  for (batch_key key = 1; key <= 4; ++key) {
    list(key, 2);
    break_second_page(key);
  }
  list(5, 1);
  start();
  for (batch_key key = 1; key <= 4; ++key)
    record_end(key, {std::string(4 << 20, 'u')}, 2);
  end_large(5);
  advance(500ms);
  CHECK(stages->committed == std::vector<batch_key>{5});
  CHECK(loads(1) == 1);
  advance(10s);
  CHECK(loads(1) > 1);
  CHECK(stages->committed.size() == 1);
  for (batch_key key = 1; key <= 4; ++key)
    list(key, 2);
  advance(2min);
  CHECK(stages->committed.size() == 5);
  CHECK(delivered() == 9);
  CHECK(counters->captures == 9);
}

TEST_CASE_METHOD(turns_fixture,
                 "a run that pauses stays in memory until its last "
                 "page is committed") {
  list(1, 3);
  break_second_page(1);
  start();
  sink->acks = false;
  record_end(1, {"u"}, 3);
  advance(1500ms);
  list(1, 3);
  advance(3s);
  CHECK(fetches() >= 4);
  CHECK(loads(1) == 1);
  sink->acks = true;
  sink->answer();
  advance(5s);
  CHECK(stages->committed == std::vector<batch_key>{1});
  CHECK(delivered() == 3);
}

TEST_CASE_METHOD(turns_fixture,
                 "runs that never answer do not keep others waiting "
                 "for their turn") {
  for (batch_key key = 1; key <= 8; ++key)
    pages[name_of(key) + "/"] = page_failing(read_outcome::retry);
  start();
  for (batch_key key = 1; key <= 8; ++key)
    end_large(key);
  advance(10min);
  for (batch_key key = 9; key <= 12; ++key) {
    list(key, 3);
    end_large(key);
    advance(1min);
  }
  CHECK(stages->committed == std::vector<batch_key>{9, 10, 11, 12});
  for (batch_key key = 1; key <= 8; ++key)
    CHECK(loads(key) >= 5);
}

TEST_CASE_METHOD(turns_fixture, "a drain does not wait for runs in line") {
  for (batch_key key = 1; key <= 6; ++key)
    list(key, 2);
  start();
  api->silent = true;
  for (batch_key key = 1; key <= 6; ++key)
    end_large(key);
  api->answer(1);
  run();
  auto drained = drain();
  CHECK(drained->pending());
  api->answer();
  run();
  CHECK(drained->value);
  CHECK(all_loads() == 4);
  CHECK(delivered() == 5);
  CHECK(store->checkpoints.back().delivery == 5);
}
