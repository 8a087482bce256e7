#include "core/flow/token_bucket.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto clock_tick = 50ms;
constexpr auto token = 1 - 1e-6; // sums of clock ticks are inexact

/// A server's bucket of 120 a minute with a burst of 30. Another client takes
/// `others` tokens per second. Ours takes what its own bucket allows.
struct budget {
  double server = 30;
  double others = 0;
  double others_due = 0;
  uint64_t admitted = 0;
  uint64_t refused = 0;
  time_point now = start;
  token_bucket ours{{2, 30, 15s, 10min}, full()};

  static bucket_state full() {
    bucket_state state;
    state.level = 30;
    state.at = start;
    return state;
  }

  void pass(duration span) {
    for (auto end = now + span; now < end; now += clock_tick) {
      auto seconds = std::chrono::duration<double>(clock_tick).count();
      server = std::min(30.0, server + 2 * seconds);
      others_due += others * seconds;
      if (others_due >= token && server >= token) {
        --others_due;
        --server;
      }
      others_due = std::min(others_due, 1.0);
      while (!ours.take(now))
        request();
    }
  }

  void request() {
    if (server < token) {
      ++refused;
      return ours.on_reply(bucket_reply::refused, now, now + 1ms, {});
    }
    --server;
    ++admitted;
    ours.on_reply(bucket_reply::answered, now, now + 1ms, {});
  }

  struct counts {
    double per_second;
    double refused_per_minute;
  };
  counts during(duration span) {
    admitted = refused = 0;
    pass(span);
    auto seconds = std::chrono::duration<double>(span).count();
    return {static_cast<double>(admitted) / seconds,
            static_cast<double>(refused) * 60 / seconds};
  }
};

} // namespace

TEST_CASE("a share is halved, grows back, and never reaches zero", "[share]") {
  rate_share share;
  CHECK(share.now(start) == 1);
  share.halve(start);
  CHECK(share.now(start) == 0.5);
  CHECK(share.now(start + 1min) == Approx(0.75));
  CHECK(share.now(start + 1h) == 1);
  for (int i = 0; i < 20; ++i)
    share.halve(start);
  CHECK(share.now(start) == rate_share::least);
}

TEST_CASE("a single 429 does not reduce the share", "[share]") {
  budget budget;
  budget.server = 10; // someone's burst
  CHECK(budget.during(2min).refused_per_minute == 0.5);
  CHECK(budget.ours.state().share.value == 1);
}

TEST_CASE("all that other clients leave of the budget is used", "[share]") {
  budget budget;
  budget.others = GENERATE(0.5, 1.0, 1.5, 1.8);
  CAPTURE(budget.others);
  budget.pass(90s); // to find the rate
  auto found = budget.during(20min);
  CAPTURE(found.per_second, found.refused_per_minute);
  CHECK(found.per_second >= 0.9 * (2 - budget.others));
  // If almost nothing is left, a freeze yields few tokens.
  CHECK(found.refused_per_minute <= (budget.others > 1.5 ? 3 : 1.5));
}

TEST_CASE("the rate that others leave is found within a minute", "[share]") {
  budget budget;
  budget.pass(5min);
  budget.others = 1;
  budget.pass(100s); // the burst lasts 30 s, then the rate is found
  auto share = budget.ours.state().share.now(budget.now);
  CHECK(share >= 0.3);
  CHECK(share <= 0.8);
}

TEST_CASE("the whole limit is used again once the others have gone",
          "[share]") {
  budget budget;
  budget.others = 1.5;
  budget.pass(10min);
  budget.others = 0;
  budget.pass(4min);
  auto found = budget.during(5min);
  CHECK(found.per_second == Approx(2).epsilon(0.01));
  CHECK(found.refused_per_minute == 0);
}
