#include "simulator/sim_clock.hpp"

#include <catch2/catch.hpp>

using namespace sluice::sim;
using namespace std::chrono_literals;

TEST_CASE("simulated time is real time times the speed") {
  auto start = sim_clock::real_clock::time_point{} + 1000s;
  auto [speed, real, simulated] =
    GENERATE(table<double, std::chrono::nanoseconds, std::chrono::nanoseconds>(
      {{1, 0s, 0s}, {1, 3s, 3s}, {100, 30ms, 3s}, {0.5, 4s, 2s}}));
  sim_clock clock{speed, start, 0};
  CHECK(clock.at(start + real) == simulated);
}

TEST_CASE("wall-clock times are reported in real time") {
  sim_clock clock{100, {}, 1'000'000};
  CHECK(clock.epoch_ms(0s) == 1'000'000);
  CHECK(clock.epoch_ms(10s) == 1'000'100);
}

TEST_CASE("a span too long to count is clamped instead of wrapping around") {
  CHECK(from_seconds(1e300) > 24h);
  CHECK(from_seconds(1.5) == 1500ms);
}
