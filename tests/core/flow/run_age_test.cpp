#include "core/flow/run_age.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("setting the wall clock does not change the age of a run") {
  // A fresh run after a restart with a clock two days ahead. Neither the API
  // nor this process has seen it for that long.
  CHECK(run_age(10s, {}, 48h) == 10s);
  CHECK(run_age(10s, 5min, 48h) == 5min);
  // The clock was set back. The time already observed still counts.
  CHECK(run_age(25h, {}, 0s) == 25h);
  CHECK(run_age(25h, 30h, 0s) == 25h);
}

TEST_CASE("a reported age is capped at the time since the submit") {
  CHECK(run_age(10s, 2h, 3h) == 2h);
  CHECK(run_age(10s, 10'000h, 3h) == 3h);
  CHECK(run_age(10min, 2min, 3h) == 10min);
}

TEST_CASE("an impossible age does not count") {
  using std::chrono::milliseconds;
  // From 1970 to the year 9999, and back.
  CHECK(run_age(10s, milliseconds{253'402'300'799'000}, 3h) == 10s);
  CHECK(run_age(10s, milliseconds{-253'402'300'799'000}, 3h) == 10s);
  CHECK(run_age(10s, milliseconds::max(), 3h) == 10s);
  CHECK(run_age(10s, milliseconds::min(), 3h) == 10s);
}
