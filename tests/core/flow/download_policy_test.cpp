#include "core/flow/download_policy.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};

/// A breaker that has just opened, at `start`.
download_breaker open_breaker() {
  download_breaker breaker;
  CHECK_FALSE(breaker.on_given_up(start));
  CHECK_FALSE(breaker.on_given_up(start));
  CHECK(breaker.allows(start));
  CHECK(breaker.on_given_up(start));
  return breaker;
}

} // namespace

TEST_CASE("three runs in a row without a download end downloading for a "
          "while") {
  auto breaker = open_breaker();
  CHECK_FALSE(breaker.allows(start));
  CHECK_FALSE(breaker.allows(start + 10min - 1ns));
  CHECK(breaker.allows(start + 10min));
}

TEST_CASE("one download that comes in between lets downloading go on") {
  download_breaker breaker;
  for (auto i = 0; i < 100; ++i) {
    CHECK_FALSE(breaker.on_given_up(start));
    CHECK_FALSE(breaker.on_given_up(start));
    breaker.on_success();
  }
  CHECK(breaker.allows(start));
}

TEST_CASE("after the rest one failure is enough for the next rest, and is no "
          "news") {
  auto breaker = open_breaker();
  CHECK_FALSE(breaker.on_given_up(start + 11min));
  CHECK_FALSE(breaker.allows(start + 20min));
  CHECK(breaker.allows(start + 21min));
}

TEST_CASE("after the rest one download that comes ends the matter") {
  auto breaker = open_breaker();
  breaker.on_success();
  CHECK(breaker.allows(start));
  CHECK_FALSE(breaker.on_given_up(start));
  CHECK(breaker.allows(start));
}
