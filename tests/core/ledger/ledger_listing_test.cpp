// Lists of URLs that are read slowly while the job runs.

#include "core/db/sqlite.hpp"
#include "tests/core/ledger/ledger_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr size_t batches = 1'000; // several chunks

struct listing_fixture : ledger_fixture {
  listing_fixture() { open_imported(batches, run_size); }

  [[nodiscard]] uint64_t wal_bytes() const {
    auto wal = file;
    return std::filesystem::file_size(wal += "-wal");
  }

  void commit(const run_progress& page) {
    must(store->commit({++delivery, {{"all", "1"}}, {page}, {}}));
  }

  /// Takes the next planned batch through its run, which covers `bits`.
  void finish_next(uint8_t bits) {
    run_progress all{ended(), {"", 1, 2, 0, 0, {bits}}, {}, run_result{}};
    all.done->state = "completed";
    commit(all);
  }

  /// Does the same with `count` batches, in one transaction.
  void finish_many(size_t count, uint8_t bits) {
    must(store->begin_group());
    while (count-- > 0)
      finish_next(bits);
    must(store->end_group());
  }

  /// Halves `count` batches.
  void split_many(size_t count) {
    must(store->begin_group());
    std::vector<batch_key> keys;
    while (keys.size() < count)
      keys.push_back(in_flight());
    for (auto key : keys)
      must(store->settle(key, submit_result::split, {}, 1));
    must(store->end_group());
  }

  /// How many times another process lists each URL in `state`; it calls
  /// `meanwhile` after each URL.
  std::map<std::string, int>
  list_beside(url_state state, const std::function<void()>& meanwhile) {
    std::map<std::string, int> times;
    auto beside = must(attach_ledger(file));
    must(beside->each_url(state, [&](const listed_url& url) {
      ++times[std::string{url.url}];
      meanwhile();
      return true;
    }));
    return times;
  }

  std::set<std::string> all_in(url_state state) {
    std::set<std::string> result;
    for (auto& [url, times] : list_beside(state, [] {}))
      result.insert(url);
    return result;
  }

  uint64_t delivery = 0;
};

bool none_twice(const std::map<std::string, int>& times) {
  return std::all_of(times.begin(), times.end(),
                     [](auto& one) { return one.second == 1; });
}

bool has_all(const std::map<std::string, int>& times,
             const std::set<std::string>& urls) {
  return std::all_of(urls.begin(), urls.end(),
                     [&](auto& url) { return times.count(url) > 0; });
}

} // namespace

TEST_CASE_METHOD(listing_fixture,
                 "a list whose reader stalls does not let the -wal grow",
                 "[ledger]") {
  auto key = ended();
  uint32_t page = 0;
  auto stall = [&] {
    // 200 transactions of 64 KiB.
    while (page < 200)
      commit({key,
              {"next", ++page, 0, 0, 0, {0}},
              std::vector<capture_identity>(4'096),
              std::nullopt});
  };
  SECTION("URLs") {
    auto listed = list_beside(url_state::pending, stall);
    CHECK(listed.size() == batches * run_size);
  }
  SECTION("invalid records") {
    open().discard();
    std::filesystem::remove(file);
    open();
    must(store->begin_import());
    for (uint64_t line = 0; line < 200; ++line)
      must(store->add_invalid({"a.txt", line, std::to_string(line), "bad"}));
    must(store->add_batch("rbt_1", views(urls_of(0, run_size))));
    must(store->finish_import({200 + run_size, 200, 0, run_size, 1}));
    key = ended();
    auto listed = list_beside(url_state::invalid, stall);
    CHECK(listed.size() == 200);
    CHECK(none_twice(listed));
  }
  CHECK(page == 200);
  CHECK(wal_bytes() <= 8 << 20);
}

TEST_CASE_METHOD(listing_fixture,
                 "a -wal that has grown shrinks with the next commits",
                 "[ledger]") {
  auto key = ended();
  auto grow = [&](uint32_t page) {
    commit({key,
            {"next", page, 0, 0, 0, {0}},
            std::vector<capture_identity>(4'096),
            std::nullopt});
  };
  {
    auto reader = must(sqlite::database::open(file));
    auto row = reader->use("SELECT id FROM batch");
    REQUIRE(row.next());
    for (uint32_t page = 1; page <= 200; ++page)
      grow(page);
    CHECK(wal_bytes() > 8 << 20);
  }
  grow(201);
  grow(202);
  CHECK(wal_bytes() <= 8 << 20);
}

TEST_CASE_METHOD(listing_fixture,
                 "a URL whose batch changes while it is listed is listed once",
                 "[ledger]") {
  constexpr uint8_t all_but_last = 0b0111;
  finish_many(100, all_but_last);
  auto captured = all_in(url_state::captured);
  auto missing = all_in(url_state::missing);
  auto steps = 0;
  auto go_on = [&] {
    if (++steps % 100 == 0)
      finish_many(10, all_but_last);
  };
  auto pending = list_beside(url_state::pending, go_on);
  CHECK(none_twice(pending));
  CHECK(has_all(pending, all_in(url_state::pending)));
  auto listed = list_beside(url_state::captured, go_on);
  CHECK(none_twice(listed));
  CHECK(has_all(listed, captured));
  listed = list_beside(url_state::missing, go_on);
  CHECK(none_twice(listed));
  CHECK(has_all(listed, missing));
}

TEST_CASE_METHOD(listing_fixture,
                 "a URL that goes to another batch while it is listed is "
                 "listed, at most once for each batch",
                 "[ledger]") {
  must(store->retry_missing_by({1, run_size}));
  finish_many(100, 0b0011);
  auto steps = 0;
  auto taken = 0;
  auto pending = list_beside(url_state::pending, [&] {
    if (++steps == 1) {
      split_many(900);
      finish_many(100, 0b01); // halves
      while (auto retry = must(store->next_planned()))
        ++taken;
    }
  });
  CHECK(taken > 1'700); // halves, and URLs to retry
  CHECK(has_all(pending, all_in(url_state::pending)));
  CHECK(std::all_of(pending.begin(), pending.end(),
                    [](auto& one) { return one.second <= 2; }));
}

TEST_CASE_METHOD(listing_fixture, "a URL is found in every chunk of a ledger",
                 "[ledger]") {
  for (size_t i : {0, 255, 256, 257, 511, 512, 767, 999}) {
    auto places = must(store->find_url(urls_of(i, run_size)[1], 9));
    REQUIRE(places.size() == 1);
    CHECK(places[0].batch == static_cast<batch_key>(i + 1));
  }
  CHECK(must(store->find_spelling("https://SHOP.example/999/3")));
}

TEST_CASE_METHOD(listing_fixture, "gaps between keys cost a list nothing",
                 "[ledger]") {
  store.reset();
  must(
    must(sqlite::database::open(file))
      ->script("UPDATE block SET batch = 9000000000000000000 WHERE batch = 9;"
               "UPDATE batch SET id = 9000000000000000000 WHERE id = 9"));
  open();
  CHECK(all_in(url_state::pending).size() == batches * run_size);
}
