#include "core/flow/quota_watch.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("one long wait is reported at once and short ones are not") {
  quota_watch watch;
  CHECK_FALSE(watch.on_wait(5s, start));
  CHECK_FALSE(watch.on_wait(0s, start + 1s));
  CHECK(watch.on_wait(60s, start + 2s) == 65s);
}

TEST_CASE("many short waits within a minute add up to a report") {
  quota_watch watch;
  CHECK_FALSE(watch.on_wait(2s, start));
  CHECK_FALSE(watch.on_wait(2s, start + 20s));
  CHECK(watch.on_wait(2s, start + 40s) == 6s);
}

TEST_CASE("short waits minutes apart are never reported") {
  quota_watch watch;
  for (auto now = start; now < start + 1h; now += 1min)
    CHECK_FALSE(watch.on_wait(5s, now));
}

TEST_CASE("a lasting wait is reported once a minute, not at each reply") {
  quota_watch watch;
  auto told = 0;
  for (auto now = start; now < start + 10min; now += 2s)
    told += watch.on_wait(2s, now) ? 1 : 0;
  CHECK(told >= 9);
  CHECK(told <= 10);
}
