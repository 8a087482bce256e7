#include "actors/sinks/position.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("a position is read back as it was written", "[sinks][position]") {
  position_numbers numbers{
    {"base", 0}, {"length", UINT64_MAX}, {"captures", 12}};
  auto text = write_position(numbers);
  CHECK(text == "v1 base=0 captures=12 length=18446744073709551615");
  auto read = read_position(text, "s", {"base", "length"});
  REQUIRE(read);
  CHECK(*read == numbers);
}

TEST_CASE("a damaged position is refused and never guessed",
          "[sinks][position]") {
  auto text = GENERATE("", "v1", "v2 length=1", "v1 length=", "v1 length=-1",
                       "v1 length=1x", "v1 length=18446744073709551616",
                       "v1 length=1 length=2", "v1  length=1", "v1 =1 length=1",
                       "v1length=1", "v1 length=1 ", "v1 base=1");
  CAPTURE(text);
  auto read = read_position(text, "all", {"length"});
  REQUIRE_FALSE(read);
  CHECK(code_of(read.error()) == ec::ledger_unusable);
  CHECK(what_of(read.error()).find("'all'") != std::string::npos);
}
