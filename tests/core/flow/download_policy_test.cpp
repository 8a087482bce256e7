#include "core/flow/download_policy.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

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

TEST_CASE(
  "three runs in a row without a download suspend downloads for a while") {
  auto breaker = open_breaker();
  CHECK_FALSE(breaker.allows(start));
  CHECK_FALSE(breaker.allows(start + 10min - 1ns));
  CHECK(breaker.allows(start + 10min));
}

TEST_CASE("one successful download in between keeps downloads going") {
  download_breaker breaker;
  for (auto i = 0; i < 100; ++i) {
    CHECK_FALSE(breaker.on_given_up(start));
    CHECK_FALSE(breaker.on_given_up(start));
    breaker.on_success();
  }
  CHECK(breaker.allows(start));
}

TEST_CASE("one failure after the pause is enough for the next pause and is not "
          "reported") {
  auto breaker = open_breaker();
  CHECK_FALSE(breaker.on_given_up(start + 11min));
  CHECK_FALSE(breaker.allows(start + 20min));
  CHECK(breaker.allows(start + 21min));
}

TEST_CASE("one successful download after the pause resumes downloads") {
  auto breaker = open_breaker();
  breaker.on_success();
  CHECK(breaker.allows(start));
  CHECK_FALSE(breaker.on_given_up(start));
  CHECK(breaker.allows(start));
}
