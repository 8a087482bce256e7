#include "core/input/url_batcher.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("batches are full, in order, and for one robot") {
  recording_target target;
  url_batcher batcher{{"a", "b"}, 2, target};
  for (auto [robot, url] : {std::pair{0u, "1"},
                            {1u, "2"},
                            {0u, "3"},
                            {0u, "4"},
                            {1u, "5"},
                            {1u, "6"}})
    REQUIRE_FALSE(batcher.add(robot, url));
  using batches = std::vector<recording_target::batch>;
  CHECK(target.batches == batches{{"a", {"1", "3"}}, {"b", {"2", "5"}}});
  REQUIRE_FALSE(batcher.flush());
  CHECK(target.batches
        == batches{
          {"a", {"1", "3"}}, {"b", {"2", "5"}}, {"a", {"4"}}, {"b", {"6"}}});
  CHECK(batcher.batches() == 4);
  REQUIRE_FALSE(batcher.flush());
  CHECK(batcher.batches() == 4);
}

TEST_CASE("the largest batch leaves early if there are very many robots") {
  recording_target target;
  std::vector<std::string> robots(2'000);
  for (size_t i = 0; i < robots.size(); ++i)
    robots[i] = std::to_string(i);
  url_batcher batcher{robots, 1'000'000, target};
  std::string url(8'000, 'x');
  REQUIRE_FALSE(batcher.add(7, url));
  for (uint32_t i = 0; i < url_batcher::most_waiting / url.size(); ++i) {
    CHECK(target.batches.empty());
    REQUIRE_FALSE(batcher.add(i, url));
  }
  REQUIRE(target.batches.size() == 1);
  CHECK(target.batches[0].first == "7");
  CHECK(target.batches[0].second.size() == 2);
}

TEST_CASE("URLs that have left in a batch no longer count as waiting") {
  recording_target target;
  url_batcher batcher{{"a"}, 100, target};
  std::string url(8'000, 'x');
  for (size_t i = 0; i < 2 * url_batcher::most_waiting / url.size(); ++i)
    REQUIRE_FALSE(batcher.add(0, url));
  for (auto& [robot, urls] : target.batches)
    CHECK(urls.size() == 100);
}

TEST_CASE("an error of the target is passed on") {
  recording_target target;
  target.refuse = make_error(ec::disk, "full");
  url_batcher batcher{{"a"}, 1, target};
  CHECK(code_of(batcher.add(0, "1")) == ec::disk);
}
