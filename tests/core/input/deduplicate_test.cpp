#include "core/input/deduplicate.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

#include <unordered_set>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Compares the result with a plain set for `urls` numbers below `different`.
void check_against_set(size_t urls, uint32_t different, size_t at_once) {
  list_folder folder;
  auto seen = deduplicator::create(folder.path(), at_once);
  REQUIRE(seen);
  std::unordered_set<std::string> set;
  std::vector<bool> expected;
  uint32_t state = 1;
  for (size_t i = 0; i < urls; ++i) {
    state = state * 1'664'525u + 1'013'904'223u;
    auto url = "http://h/" + std::to_string((state >> 8) % different);
    expected.push_back(!set.insert(url).second);
    REQUIRE_FALSE((*seen)->add(url));
  }
  auto found = (*seen)->finish([] { return true; });
  REQUIRE(found);
  CHECK(found->count() == urls - set.size());
  for (size_t i = 0; i < urls; ++i)
    REQUIRE(found->holds(i) == expected[i]);
}

} // namespace

TEST_CASE("all but the first of several equal URLs are duplicates") {
  check_against_set(0, 1, 1024);
  check_against_set(1, 1, 1024);
  check_against_set(1'000, 10, 1024);
  check_against_set(200'000, 150'000, 512 * 1024);
}

TEST_CASE("input too large for memory is searched in several passes") {
  check_against_set(200'000, 1'000'000, 100);
  check_against_set(200'000, 3'000, 4);
}

TEST_CASE("many copies of one URL need only one pass") {
  list_folder folder;
  auto seen = deduplicator::create(folder.path(), 1);
  REQUIRE(seen);
  for (int i = 0; i < 10'000; ++i)
    REQUIRE_FALSE((*seen)->add("http://h/"));
  int passes = 0;
  auto found = (*seen)->finish([&] { return ++passes > 0; });
  REQUIRE(found);
  CHECK(found->count() == 9'999);
  CHECK(passes == 512);
}

TEST_CASE("the search for duplicates can be interrupted") {
  list_folder folder;
  auto seen = deduplicator::create(folder.path());
  REQUIRE(seen);
  REQUIRE_FALSE((*seen)->add("http://h/"));
  auto found = (*seen)->finish([] { return false; });
  REQUIRE_FALSE(found);
  CHECK(code_of(found.error()) == ec::interrupted);
}

TEST_CASE("temporary files are unnamed and need an existing folder") {
  list_folder folder;
  auto seen = deduplicator::create(folder.path());
  REQUIRE(seen);
  CHECK(std::filesystem::is_empty(folder.path()));
  auto nowhere = deduplicator::create(folder.path() / "none");
  REQUIRE_FALSE(nowhere);
  CHECK(code_of(nowhere.error()) == ec::disk);
  CHECK(what_of(nowhere.error()).find((folder.path() / "none").string())
        != std::string::npos);
}
