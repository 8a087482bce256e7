#include "simulator/counters.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using namespace sluice::test;

TEST_CASE("repeated URLs and sets of URLs are recognised") {
  submission_memory memory;
  CHECK_FALSE(memory.add("https://a/\nhttps://b/\n").set_seen_before);
  auto other_order = memory.add("https://b/\nhttps://a/\n");
  CHECK(other_order.set_seen_before);
  CHECK(other_order.urls_seen_before == 2);
  auto half = memory.add("https://a/\nhttps://c/\n");
  CHECK_FALSE(half.set_seen_before);
  CHECK(half.urls_seen_before == 1);
}

TEST_CASE("URLs are compared by their bytes") {
  submission_memory memory;
  static_cast<void>(memory.add("https://a/%2f\n"));
  CHECK(memory.add("https://a/%2F\nhttps://A/%2f\nhttps://a/%2f/\n")
          .urls_seen_before
        == 0);
}

TEST_CASE("a URL that occurs twice in one run was submitted twice") {
  submission_memory memory;
  CHECK(memory.add("https://a/\nhttps://a/\n").urls_seen_before == 1);
}

TEST_CASE("the statistics are JSON with all counters") {
  counters counts;
  counts.requests = {1, 2, 3, 4, 5};
  counts.rate_limited = {6, 7, 8, 9, 10};
  counts.faults[static_cast<size_t>(fault::truncate)] = 11;
  counts.runs_created_twice = 12;
  json_view stats{write_stats(counts, {13, 14, 15}, 16)};
  CHECK(stats["requests"]["submit"] == 1);
  CHECK(stats["requests"]["other"] == 5);
  CHECK(stats["rate_limited"]["page"] == 8);
  CHECK(stats["faults"]["truncate"] == 11);
  CHECK_FALSE(stats["faults"].has("none"));
  CHECK(stats["runs_created_twice"] == 12);
  CHECK(stats["pending"] == 13);
  CHECK(stats["active"] == 14);
  CHECK(stats["terminal"] == 15);
  CHECK(stats["started_at"] == 16);
}
