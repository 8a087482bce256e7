#include "core/flow/retry_policy.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace sluice;
using namespace std::chrono_literals;

TEST_CASE("waits double from base to cap, each cut by at most half",
          "[retry]") {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    retry_policy policy{1s, 60s, seed};
    for (auto whole : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
      auto wait = policy.next();
      CHECK(whole / 2 <= wait);
      CHECK(wait <= whole);
    }
  }
}

TEST_CASE("clients that fail together do not return together", "[retry]") {
  std::set<duration> waits;
  for (uint64_t seed = 0; seed < 100; ++seed)
    waits.insert(retry_policy{1s, 60s, seed}.next());
  CHECK(waits.size() > 90);
  CHECK(*waits.begin() < 600ms);
  CHECK(*waits.rbegin() > 900ms);
}

TEST_CASE("equal seeds give equal waits", "[retry]") {
  retry_policy one{1s, 60s, 7};
  retry_policy other{1s, 60s, 7};
  for (int i = 0; i < 10; ++i)
    CHECK(one.next() == other.next());
}

TEST_CASE("a server's hint is a minimum wait, even beyond the cap", "[retry]") {
  retry_policy policy{1s, 60s, 1};
  CHECK(policy.next(100s) == 100s);
  auto wait = policy.next(1ns);
  CHECK(wait >= 1s); // the second failure
  CHECK(wait <= 2s);
}

TEST_CASE("a success starts the waits over", "[retry]") {
  retry_policy policy{1s, 60s, 1};
  for (unsigned i = 0; i < 5; ++i) {
    CHECK(policy.failures() == i);
    CHECK(policy.next() > 0s);
  }
  policy.reset();
  CHECK(policy.failures() == 0);
  CHECK(policy.next() <= 1s);
}

TEST_CASE("many failures do not overflow", "[retry]") {
  auto cap = duration::max();
  retry_policy policy{1ns, cap, 1};
  for (int i = 0; i < 1'000; ++i) {
    auto wait = policy.next();
    CHECK(wait >= 0s);
    CHECK(wait <= cap);
  }
  CHECK(policy.next() >= cap / 2);
}
