#include "simulator/chance.hpp"
#include "simulator/u64_set.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;

TEST_CASE("a value is new only once") {
  u64_set set;
  CHECK(set.insert(7));
  CHECK_FALSE(set.insert(7));
  CHECK(set.insert(0));
  CHECK_FALSE(set.insert(0));
  CHECK(set.size() == 2);
}

TEST_CASE("values survive the growth of the table, even if they collide") {
  u64_set set;
  auto stride = GENERATE(uint64_t{1}, uint64_t{1} << 20);
  for (uint64_t i = 1; i <= 5'000; ++i)
    REQUIRE(set.insert(i * stride));
  for (uint64_t i = 1; i <= 5'000; ++i)
    REQUIRE_FALSE(set.insert(i * stride));
  CHECK(set.size() == 5'000);
}
