#include "core/flow/token_bucket.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// 120 a minute with a burst of 30, as in the profile. Full at `start`.
struct bucket_fixture {
  bucket_limits limits{2, 30, 15s, 10min};
  token_bucket bucket = make(30);

  token_bucket make(double level) const {
    bucket_state state;
    state.level = level;
    state.at = start;
    return {limits, state};
  }

  uint64_t take_all(time_point now) {
    uint64_t taken = 0;
    while (!bucket.take(now))
      ++taken;
    return taken;
  }

  /// A 429 at `now` to a request granted at `granted`.
  void refuse(time_point granted, time_point now, duration hint = {}) {
    bucket.on_reply(bucket_reply::refused, granted, now, hint);
  }
};

} // namespace

TEST_CASE_METHOD(
  bucket_fixture,
  "a full bucket grants its burst, then one token each half second") {
  CHECK(take_all(start) == 30);
  CHECK(bucket.take(start) == start + 500ms);
  auto later = bucket.take(start + 499ms);
  REQUIRE(later);
  CHECK(*later >= start + 500ms);
  CHECK(*later <= start + 500ms + 1us);
  CHECK_FALSE(bucket.take(start + 500ms));
  CHECK(bucket.take(start + 500ms) == start + 1s);
}

TEST_CASE_METHOD(bucket_fixture,
                 "an idle bucket fills up to its burst and no further") {
  CHECK(take_all(start) == 30);
  CHECK(bucket.level(start + 5s) == Approx(10));
  CHECK(take_all(start + 15s) == 30);
  CHECK(take_all(start + 10h) == 30);
}

TEST_CASE_METHOD(bucket_fixture,
                 "taking as soon as the bucket allows loses nothing") {
  take_all(start);
  auto now = start;
  uint64_t taken = 0;
  while (now < start + 10min) {
    auto later = bucket.take(now);
    taken += later ? 0 : 1;
    now = later.value_or(now);
  }
  CHECK(taken == 1199);
}

TEST_CASE("rates that are not a whole number of nanoseconds lose nothing") {
  auto per_minute = GENERATE(1, 7, 90, 119, 6000);
  bucket_limits limits{per_minute / 60.0, 1, 15s, 10min};
  bucket_state empty;
  empty.at = start;
  token_bucket bucket{limits, empty};
  auto now = start;
  int taken = 0;
  for (auto asked = 0; asked < 200'000; ++asked) {
    auto later = bucket.take(now);
    if (!later) {
      ++taken;
      continue;
    }
    REQUIRE(*later > now);
    if (*later > start + 10min + 1us)
      break;
    now = *later;
  }
  CHECK(taken == 10 * per_minute);
}

TEST_CASE("an unlimited bucket always grants a token") {
  token_bucket bucket{{0, 30, 15s, 10min}, {}};
  for (auto i = 0; i < 1000; ++i)
    CHECK_FALSE(bucket.take(start));
}

TEST_CASE_METHOD(bucket_fixture,
                 "a bucket that is made smaller loses the excess") {
  limits.burst = 26;
  bucket = make(30);
  CHECK(take_all(start) == 26);
  CHECK(bucket.take(start) == start + 500ms);
}

TEST_CASE_METHOD(bucket_fixture,
                 "a returned token is available again, up to the burst") {
  take_all(start);
  bucket.give_back(start, start);
  CHECK(take_all(start) == 1);
  bucket = make(30);
  bucket.give_back(start, start);
  CHECK(bucket.level(start) == 30);
}

// -- 429 ----------------------------------------------------------------------

TEST_CASE_METHOD(bucket_fixture,
                 "a 429 freezes the bucket, then one probe is sent") {
  CHECK_FALSE(bucket.take(start + 1s));
  refuse(start + 1s, start + 2s);
  CHECK(bucket.frozen());
  CHECK(bucket.take(start + 2s) == start + 17s);
  CHECK(bucket.take(start + 16s) == start + 17s);
  CHECK_FALSE(bucket.take(start + 17s));
  // Only one. All others ask again a little later.
  CHECK(bucket.take(start + 17s) > start + 17s);
  bucket.on_reply(bucket_reply::answered, start + 17s, start + 17200ms, {});
  CHECK_FALSE(bucket.frozen());
  // The freeze emptied the bucket. It refilled in 15 s at two per second. The
  // probe took one token, which the last half second restored.
  CHECK(take_all(start + 17500ms) == 30);
}

TEST_CASE_METHOD(bucket_fixture,
                 "each refused probe doubles the wait, up to the cap") {
  CHECK_FALSE(bucket.take(start + 1s));
  auto now = start + 1s;
  refuse(now, now);
  for (auto wait : {15s, 30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
    CHECK(bucket.take(now) == now + wait);
    now += wait;
    CHECK_FALSE(bucket.take(now));
    refuse(now, now);
  }
}

TEST_CASE_METHOD(bucket_fixture,
                 "the wait starts over after a freeze has ended") {
  CHECK_FALSE(bucket.take(start + 1s));
  refuse(start + 1s, start + 1s);
  CHECK_FALSE(bucket.take(start + 16s));
  refuse(start + 16s, start + 16s);
  CHECK_FALSE(bucket.take(start + 46s));
  bucket.on_reply(bucket_reply::answered, start + 46s, start + 47s, {});
  CHECK_FALSE(bucket.take(start + 60s));
  refuse(start + 60s, start + 61s);
  CHECK(bucket.take(start + 61s) == start + 76s);
}

TEST_CASE_METHOD(bucket_fixture,
                 "a 429 to a request from before the freeze is ignored") {
  for (auto i = 0; i < 3; ++i)
    CHECK_FALSE(bucket.take(start + 1s));
  refuse(start + 1s, start + 2s);
  auto before = bucket.state();
  refuse(start + 1s, start + 9s, 5min);
  CHECK(bucket.state() == before);
  // An answer to such a request does not end the freeze either.
  bucket.on_reply(bucket_reply::answered, start + 1s, start + 10s, {});
  CHECK(bucket.state() == before);
}

TEST_CASE_METHOD(bucket_fixture,
                 "the server's hint is a minimum wait within the cap") {
  struct row {
    duration hint, wait;
  };
  auto r = GENERATE(row{0s, 15s}, row{3s, 15s}, row{40s, 40s}, row{9min, 9min},
                    row{24h, 10min}, row{-5s, 15s});
  CHECK_FALSE(bucket.take(start + 1s));
  refuse(start + 1s, start + 1s, r.hint);
  CHECK(bucket.take(start + 1s) == start + 1s + r.wait);
}

TEST_CASE_METHOD(bucket_fixture,
                 "a probe without a reply is followed by another") {
  CHECK_FALSE(bucket.take(start + 1s));
  refuse(start + 1s, start + 1s);
  auto probe = start + 16s;
  CHECK_FALSE(bucket.take(probe));
  SECTION("at once if that is known") {
    bucket.on_reply(bucket_reply::unknown, probe, probe + 5s, {});
    CHECK(bucket.frozen());
    CHECK_FALSE(bucket.take(probe + 5s));
  }
  SECTION("after a minute if its process is gone") {
    CHECK(bucket.take(probe + 59s));
    CHECK_FALSE(bucket.take(probe + 60s));
  }
  SECTION("at once if it was never sent") {
    bucket.give_back(probe, probe + 1s);
    CHECK_FALSE(bucket.take(probe + 1s));
  }
}

TEST_CASE_METHOD(
  bucket_fixture,
  "a bucket made from a saved state continues where it stopped") {
  CHECK_FALSE(bucket.take(start + 1s));
  refuse(start + 1s, start + 1s);
  CHECK_FALSE(bucket.take(start + 16s));
  token_bucket other{limits, bucket.state()};
  CHECK(other.take(start + 17s) == bucket.take(start + 17s));
  other.on_reply(bucket_reply::refused, start + 16s, start + 17s, {});
  CHECK(other.take(start + 17s) == start + 47s);
}

TEST_CASE("a freeze above the cap lasts as long as the profile says") {
  token_bucket bucket{{2, 30, 1h, 10min}, {30, start}};
  CHECK_FALSE(bucket.take(start + 1s));
  bucket.on_reply(bucket_reply::refused, start + 1s, start + 1s, {});
  CHECK(bucket.take(start + 1s) == start + 1s + 1h);
}

// -- quotas that the server reports -------------------------------------------

TEST_CASE_METHOD(
  bucket_fixture,
  "a quota reported by the server lowers the level and never raises it") {
  struct row {
    double level;
    quota_left left;
    uint64_t later;
    double then;
  };
  auto r = GENERATE(row{20, {12, {}}, 0, 12}, row{20, {12, 10s}, 0, 12},
                    row{20, {12, {}}, 5, 7}, row{20, {3, {}}, 5, 0},
                    row{5, {12, {}}, 0, 5}, row{5, {4711, 50s}, 0, 5},
                    row{20, {0, {}}, 0, 0}, row{0.5, {1, 0s}, 0, 0.5},
                    row{20, {UINT64_MAX, {}}, UINT64_MAX, 0});
  bucket = make(r.level);
  bucket.on_quota(r.left, r.later, start);
  CHECK(bucket.level(start) == r.then);
  CHECK(bucket.state().at == start);
}

TEST_CASE_METHOD(bucket_fixture,
                 "an exhausted quota blocks the bucket until the "
                 "reset, then tokens come at the rate") {
  auto [reset, wait] = GENERATE(table<std::chrono::milliseconds, duration>(
    {{0ms, 0s}, {500ms, 500ms}, {40s, 40s}, {24h, 10min}}));
  bucket.on_quota({0, reset}, 0, start);
  if (wait > 0s)
    CHECK(bucket.take(start) == start + wait);
  CHECK(bucket.take(start + wait) == start + wait + 500ms);
  CHECK_FALSE(bucket.take(start + wait + 500ms));
  CHECK(bucket.take(start + wait + 500ms) == start + wait + 1s);
}

TEST_CASE_METHOD(bucket_fixture,
                 "neither a returned token nor the end of a freeze "
                 "lets a request go before the reset") {
  CHECK_FALSE(bucket.take(start + 1s));
  bucket.on_quota({0, 40s}, 0, start + 1s);
  SECTION("a returned token") {
    bucket.give_back(start + 1s, start + 2s);
    CHECK(bucket.take(start + 2s) == start + 41s);
    CHECK_FALSE(bucket.take(start + 41s));
  }
  SECTION("the end of a freeze") {
    refuse(start + 1s, start + 2s);
    CHECK(bucket.take(start + 2s) == start + 17s);
    CHECK(bucket.take(start + 17s) == start + 41s);
    CHECK_FALSE(bucket.take(start + 41500ms));
  }
  SECTION("other quotas reported meanwhile") {
    bucket.on_quota({25, {}}, 0, start + 2s);
    bucket.on_quota({0, 1s}, 0, start + 3s);
    CHECK(bucket.take(start + 5s) == start + 41s);
  }
}

TEST_CASE("an unlimited bucket waits for the server's reset") {
  token_bucket bucket{{0, 30, 15s, 10min}, {}};
  bucket.on_quota({0, 20s}, 0, start);
  CHECK(bucket.take(start) == start + 20s);
  CHECK_FALSE(bucket.take(start + 20s));
}

TEST_CASE_METHOD(bucket_fixture,
                 "a server that always reports an exhausted quota "
                 "slows the job down but does not stop it") {
  auto [reset, least] =
    GENERATE(table<std::optional<std::chrono::milliseconds>, uint64_t>(
      {{std::nullopt, 700}, {1s, 300}, {1min, 9}}));
  uint64_t sent = 0;
  for (auto now = start; now < start + 10min; now += 100ms)
    if (!bucket.take(now)) {
      ++sent;
      bucket.on_quota({0, reset}, 0, now);
    }
  CHECK(sent >= least);
}

// -- the margin ---------------------------------------------------------------

TEST_CASE(
  "the burst is reduced by the possible accumulation of delays, down to one") {
  CHECK(burst_within(30, 2, 0s) == 30);
  CHECK(burst_within(30, 2, 1ms) == 29);
  CHECK(burst_within(30, 2, 500ms) == 29);
  CHECK(burst_within(30, 2, 2s) == 26);
  CHECK(burst_within(30, 2, 1h) == 1);
  CHECK(burst_within(1, 2, 2s) == 1);
  CHECK(burst_within(30, 0, 2s) == 30);
}

namespace {

/// Send times of a client that takes whenever it may and pauses now and then.
std::vector<time_point> departures(token_bucket bucket, duration span,
                                   double rest, std::mt19937& dice) {
  std::vector<time_point> times;
  std::uniform_real_distribution<> chance{0, 1};
  for (auto now = start; now < start + span;) {
    if (chance(dice) < rest)
      now += std::chrono::milliseconds{dice() % 40'000};
    if (auto later = bucket.take(now))
      now = *later;
    else
      times.push_back(now);
  }
  return times;
}

/// How often a server bucket that starts full has no token for an arrival.
size_t overdraws(std::vector<time_point> arrivals, bucket_limits limits) {
  std::sort(arrivals.begin(), arrivals.end());
  token_bucket server{limits, {limits.burst, start}};
  return static_cast<size_t>(
    std::count_if(arrivals.begin(), arrivals.end(),
                  [&](auto at) { return server.take(at).has_value(); }));
}

} // namespace

TEST_CASE("a client within its margin never overdraws the server's bucket "
          "despite delays") {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 dice{seed};
    bucket_limits limits{0.5 + (dice() % 100) / 10.0, 5.0 + dice() % 40, 15s,
                         10min};
    auto least = std::chrono::milliseconds{dice() % 3000};
    auto spread = std::chrono::milliseconds{dice() % 2500};
    auto client = limits;
    client.burst = burst_within(limits.burst, limits.per_second, spread);
    if (client.burst > limits.burst - limits.per_second * spread.count() / 1000)
      continue; // the delays exceed the whole burst, so no margin suffices
    auto rest = seed % 2 == 0 ? 0.0 : 0.02;
    auto times = departures({client, {limits.burst, start}}, 30min, rest, dice);
    for (auto& at : times)
      at += least + std::chrono::milliseconds{dice() % (spread.count() + 1)};
    CAPTURE(seed, limits.per_second, limits.burst, spread.count());
    CHECK(overdraws(times, limits) == 0);
  }
}

TEST_CASE(
  "tokens that the server could not save during an outage are not spent") {
  bucket_limits limits{120, 30, 15s, 10min};
  token_bucket client{limits, {0, start}};
  token_bucket server{limits, {0, start}};
  // Sixteen requests hang for two seconds. The server's bucket is full before
  // it sees them, and ours refills meanwhile.
  for (auto i = 0; i < 16; ++i)
    REQUIRE_FALSE(client.take(start + 10ms * (i + 1)));
  auto now = start + 2s;
  for (auto i = 0; i < 16; ++i)
    REQUIRE_FALSE(server.take(now));
  // The delay is noticed: one token is taken with the smaller burst.
  auto cautious = limits;
  cautious.burst = burst_within(30, 120, 2s);
  client = {cautious, client.state()};
  REQUIRE_FALSE(client.take(now));
  REQUIRE_FALSE(server.take(now));
  client = {limits, client.state()};
  for (auto end = now + 2s; now < end; now += 1ms)
    if (!client.take(now))
      REQUIRE_FALSE(server.take(now));
}

TEST_CASE(
  "a client without a margin overdraws, which validates the previous test") {
  std::mt19937 dice{1};
  bucket_limits limits{2, 30, 15s, 10min};
  auto times = departures({limits, {30, start}}, 30min, 0, dice);
  for (auto& at : times)
    at += std::chrono::milliseconds{dice() % 2000};
  CHECK(overdraws(times, limits) > 0);
}

TEST_CASE(
  "a client with a constant backlog uses at least 99.5% of the tokens") {
  std::mt19937 dice{1};
  for (auto spread : {0ms, 500ms, 2000ms}) {
    bucket_limits limits{2, 30, 15s, 10min};
    limits.burst = burst_within(30, 2, spread);
    auto sent = departures({limits, {30, start}}, 2h, 0, dice).size();
    CHECK(static_cast<double>(sent) >= 0.995 * (30 + 2 * 7200));
    CHECK(sent <= 30 + 2 * 7200);
  }
}
