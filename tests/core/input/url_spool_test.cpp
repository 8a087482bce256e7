#include "core/base/url.hpp"
#include "core/input/url_spool.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("spooled URLs come back in order with their robots") {
  list_folder folder;
  auto spool = url_spool::create(folder.path());
  REQUIRE(spool);
  auto url = [](uint32_t i) {
    std::string text = "http://h/" + std::to_string(i);
    if (i % 1000 == 0)
      text.resize(max_url_bytes, 'x');
    return text;
  };
  for (uint32_t i = 0; i < 60'000; ++i)
    REQUIRE_FALSE((*spool)->add(i % 7, url(i)));
  CHECK(std::filesystem::is_empty(folder.path()));
  REQUIRE_FALSE((*spool)->rewind());
  for (uint32_t i = 0; i < 60'000; ++i) {
    auto entry = (*spool)->next();
    REQUIRE(entry);
    REQUIRE(*entry);
    REQUIRE((*entry)->robot == i % 7);
    REQUIRE((*entry)->url == url(i));
  }
  auto end = (*spool)->next();
  REQUIRE(end);
  CHECK_FALSE(*end);
}

TEST_CASE("an empty spool ends at once") {
  list_folder folder;
  auto spool = url_spool::create(folder.path());
  REQUIRE(spool);
  REQUIRE_FALSE((*spool)->rewind());
  auto end = (*spool)->next();
  REQUIRE(end);
  CHECK_FALSE(*end);
}
