#include "core/flow/delay_spread.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("unknown delays count as a spread of one second") {
  CHECK(delay_spread{}.value() == 1s);
}

TEST_CASE("fewer than eight delays count from zero") {
  delay_spread spread;
  for (auto i = 0; i < 7; ++i)
    spread.add(3s);
  CHECK(spread.value() == 3s);
  spread.add(3s);
  CHECK(spread.value() == 0s);
}

TEST_CASE("a few short delays do not hide the chance of long ones") {
  delay_spread spread;
  for (auto i = 0; i < 7; ++i)
    spread.add(10ms);
  CHECK(spread.value() == 1s);
}

TEST_CASE("the spread is the greatest minus the least of the last 64 delays") {
  delay_spread spread;
  spread.add(5s);
  for (auto i = 0; i < 63; ++i)
    spread.add(i % 2 == 0 ? 100ms : 300ms);
  CHECK(spread.value() == 4900ms);
  spread.add(200ms); // replaces the first
  CHECK(spread.value() == 200ms);
}
