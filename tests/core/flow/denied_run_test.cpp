#include "core/flow/denied_run.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a run is lost once the API has denied it for the whole time limit") {
  denied_run run;
  time_point start;
  CHECK_FALSE(run.lost_at(start, 60s));
  run.deny(start);
  run.deny(start + 1s);
  run.deny(start + 3s);
  CHECK_FALSE(run.is_lost(start + 59s, 60s));
  CHECK(run.is_lost(start + 60s, 60s));
  CHECK(run.lost_at(start + 3s, 60s) == start + 60s);
}

TEST_CASE("two denials far apart do not lose a run") {
  denied_run run;
  time_point start;
  run.deny(start);
  run.deny(start + 10min);
  CHECK_FALSE(run.is_lost(start + 10min, 60s));
  CHECK(run.lost_at(start + 10min, 60s) == start + 10min);
  run.deny(start + 20min);
  CHECK(run.is_lost(start + 20min, 60s));
}

TEST_CASE("a run that the API knows again gets the whole time limit again") {
  denied_run run;
  time_point start;
  run.deny(start);
  run.deny(start + 1s);
  run.reset();
  CHECK_FALSE(run.lost_at(start + 1s, 60s));
  for (auto after : {50s, 55s, 61s})
    run.deny(start + after);
  CHECK_FALSE(run.is_lost(start + 61s, 60s));
  CHECK(run.lost_at(start + 61s, 60s) == start + 110s);
}
