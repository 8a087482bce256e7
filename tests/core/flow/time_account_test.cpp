#include "core/flow/time_account.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

#include <numeric>
#include <random>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr stage_waits for_tokens{limiter_wait::tokens};
constexpr stage_waits for_slots{limiter_wait::none, submit_wait::slots};

duration of(const time_account& account, time_point now, bottleneck cause) {
  return account.totals(now)[static_cast<size_t>(cause)];
}

} // namespace

TEST_CASE("time is attributed to what the stages waited for") {
  time_account account;
  account.begin(start);
  account.change(start + 1s, for_tokens);
  account.change(start + 4s, for_slots);
  account.change(start + 9s, {});
  auto now = start + 10s;
  CHECK(of(account, now, bottleneck::tokens) == 3s);
  CHECK(of(account, now, bottleneck::slots) == 5s);
  CHECK(of(account, now, bottleneck::requests) == 2s);
}

TEST_CASE("nothing is counted before the start") {
  time_account account;
  account.change(start, for_tokens);
  account.change(start + 1h, for_slots);
  CHECK(account.totals(start + 2h) == time_account::totals_type{});
  account.begin(start + 2h);
  CHECK(of(account, start + 3h, bottleneck::slots) == 1h);
  CHECK(of(account, start + 3h, bottleneck::tokens) == 0s);
}

TEST_CASE("times out of order are not counted twice") {
  time_account account;
  account.begin(start);
  account.change(start + 2s, for_tokens);
  account.change(start + 1s, for_slots);
  account.change(start + 3s, {});
  CHECK(of(account, start + 3s, bottleneck::requests) == 2s);
  CHECK(of(account, start + 3s, bottleneck::slots) == 1s);
  CHECK(of(account, start + 3s, bottleneck::tokens) == 0s);
}

TEST_CASE("the parts add up to the elapsed time, to a millisecond per cause") {
  std::mt19937_64 random{3};
  time_account account;
  account.begin(start);
  auto now = start;
  auto taken = 0ms;
  for (auto i = 0; i < 10'000; ++i) {
    now += std::chrono::nanoseconds{random() % 5'000'000};
    stage_waits waits;
    waits.limiter = static_cast<limiter_wait>(random() % 3);
    waits.submits = static_cast<submit_wait>(random() % 6);
    waits.pages = static_cast<page_wait>(random() % 5);
    account.change(now, waits);
    if (random() % 10 == 0)
      for (auto part : account.take(now)) {
        CHECK(part >= 0ms);
        taken += part;
      }
  }
  for (auto part : account.take(now))
    taken += part;
  CHECK(now - start - taken >= 0ms);
  CHECK(now - start - taken < 6ms);
  for (auto part : account.take(now))
    CHECK(part == 0ms);
}
