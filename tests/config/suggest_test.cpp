#include "config/suggest.hpp"

#include <catch2/catch.hpp>

using sluice::config::nearest;
using sluice::config::suggestion;

TEST_CASE("the nearest word is suggested", "[config]") {
  const std::vector<std::string> known{"urls", "format", "field",
                                       "max_concurrent", "max_pending"};
  CHECK(nearest("url", known) == "urls");
  CHECK(nearest("fromat", known) == "format");
  CHECK(nearest("Format", known) == "format");
  CHECK(nearest("max_concurent", known) == "max_concurrent");
  CHECK(nearest("maxpending", known) == "max_pending");
  CHECK(nearest("zebra", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest(std::string(10'000, 'x'), known).empty());
}

TEST_CASE("all known words are offered if none is near", "[config]") {
  CHECK(suggestion("ulrs", {"urls"}) == "; did you mean \"urls\"?");
  CHECK(suggestion("x9x", {"urls", "field"}) == ": write one of urls, field");
  CHECK(suggestion("x", {}) == ": leave it out");
}
