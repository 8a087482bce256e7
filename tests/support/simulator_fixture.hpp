// A simulator for one test, on a free port, that ends with the test.

#pragma once

#include "simulator/simulator.hpp"

#include <catch2/catch.hpp>

#include <utility>

namespace sluice::test {

/// No rate limit, and runs that end as soon as they start.
inline simulator_options unhurried_options() {
  simulator_options options;
  options.requests_per_minute = 0;
  options.run_seconds = 0;
  return options;
}

struct simulator_fixture {
  explicit simulator_fixture(simulator_options options = unhurried_options())
      : api{std::move(options)} {
    auto err = api.start();
    INFO(what_of(err));
    REQUIRE_FALSE(err);
  }

  simulator api;
};

} // namespace sluice::test
