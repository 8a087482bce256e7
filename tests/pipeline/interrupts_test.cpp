#include "pipeline/interrupts.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("a second signal ends the process unless it belongs to the first") {
  for (auto number : {SIGINT, SIGTERM}) {
    CHECK_FALSE(ends_at_once(number, 0ms));
    CHECK_FALSE(ends_at_once(number, 500ms));
    CHECK(ends_at_once(number, 501ms));
  }
}

TEST_CASE("a second SIGHUP never ends the process") {
  for (auto after : {0ms, 501ms, 3'600'000ms})
    CHECK_FALSE(ends_at_once(SIGHUP, after));
}
