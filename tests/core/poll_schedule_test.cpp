#include "core/poll_schedule.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const poll_pace pace{10s, 2s, 30s, 5min};
const time_point begin{1h};

run_status active() {
  return {};
}

run_status active(uint64_t extracted, uint64_t queue) {
  run_status result;
  result.extracted = extracted;
  result.queue = queue;
  return result;
}

run_status in_phase(run_phase phase) {
  run_status result;
  result.phase = phase;
  return result;
}

/// How a simulated run of 100 URLs goes: the share done at a share of its
/// length.
using course = std::function<double(double)>;

struct simulated {
  unsigned polls = 0; ///< to the end, with the one that saw it
  duration delay{0};  ///< from the end to that poll
};

simulated simulate(duration length, double urls, const course& share_at) {
  poll_schedule schedule{pace, begin};
  simulated result;
  while (schedule.next() != time_point::max()) {
    auto now = schedule.next();
    ++result.polls;
    auto share = std::chrono::duration<double>(now - begin)
                 / std::chrono::duration<double>(length);
    if (share >= 1) {
      result.delay = now - begin - length;
      schedule.on_status(now, in_phase(run_phase::done));
      continue;
    }
    auto done = std::floor(urls * share_at(share));
    schedule.on_status(now, active(static_cast<uint64_t>(done),
                                   static_cast<uint64_t>(urls - done)));
    REQUIRE(schedule.next() >= now + pace.min_interval);
  }
  return result;
}

double steady(double share) {
  return share;
}

} // namespace

TEST_CASE("without counters a run is asked every interval, an old one seldomer",
          "[poll]") {
  poll_schedule schedule{pace, begin};
  auto now = begin;
  for (int i = 0; i < 30; ++i) {
    CHECK(schedule.next() == now + 10s);
    now = schedule.next();
    schedule.on_status(now, active());
  }
  CHECK(now == begin + 5min);
  for (int i = 0; i < 5; ++i) {
    CHECK(schedule.next() == now + 30s);
    now = schedule.next();
    schedule.on_status(now, active());
  }
}

TEST_CASE("one counter alone predicts nothing", "[poll]") {
  poll_schedule schedule{pace, begin};
  for (uint64_t i = 1; i < 5; ++i) {
    auto now = schedule.next();
    CHECK(now == begin + 10s * i);
    auto status = active();
    (i % 2 == 0 ? status.extracted : status.queue) = 10 * i;
    schedule.on_status(now, status);
  }
}

TEST_CASE("a terminal run is asked no more", "[poll]") {
  auto phase = GENERATE(run_phase::done, run_phase::failed, run_phase::stopped);
  poll_schedule schedule{pace, begin};
  schedule.on_status(begin + 10s, in_phase(phase));
  CHECK(schedule.next() == time_point::max());
  schedule.on_predecessor_ended(begin + 11s);
  CHECK(schedule.next() == time_point::max());
}

TEST_CASE("a failed poll is repeated after the wait", "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_failure(begin + 10s, 7s);
  CHECK(schedule.next() == begin + 17s);
  schedule.on_failure(begin + 17s, 0s);
  CHECK(schedule.next() == begin + 19s);
}

TEST_CASE("a queued run is asked when one ahead of it ended", "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_predecessor_ended(begin + 1s); // not known to be queued
  CHECK(schedule.next() == begin + 10s);
  schedule.on_status(begin + 10s, in_phase(run_phase::queued));
  CHECK(schedule.next() == begin + 310s); // ten times the longest interval
  schedule.on_predecessor_ended(begin + 60s);
  CHECK(schedule.next() == begin + 62s);
  schedule.on_predecessor_ended(begin + 61s);
  CHECK(schedule.next() == begin + 62s); // not put off by a second one
  schedule.on_status(begin + 62s, in_phase(run_phase::queued));
  CHECK(schedule.next() == begin + 362s);
  schedule.on_status(begin + 362s, active());
  CHECK(schedule.next() == begin + 372s); // its age counts from here
  schedule.on_predecessor_ended(begin + 363s);
  CHECK(schedule.next() == begin + 372s);
}

TEST_CASE("time in the queue does not spoil the rate", "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_status(begin + 10s, in_phase(run_phase::queued));
  schedule.on_status(begin + 1000s, active(1, 99));
  CHECK(schedule.next() == begin + 1010s);
  schedule.on_status(begin + 1010s, active(11, 89));
  auto wait = schedule.next() - (begin + 1010s);
  CHECK(wait > 75s); // at one a second 90 s, early by what is in doubt
  CHECK(wait <= 90s);
}

TEST_CASE("a nearly done run is asked soon, from its first poll", "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_status(begin + 10s, active(75, 25));
  auto wait = schedule.next() - (begin + 10s);
  CHECK(wait > 3s);
  CHECK(wait < 4s); // 25 of them take 3.3 s at the least rate there can be
  poll_schedule other{pace, begin};
  other.on_status(begin + 10s, active(99, 1));
  CHECK(other.next() == begin + 12s);
}

TEST_CASE("a run that just began is not taken for a slow one", "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_status(begin + 10s, active(0, 0));
  CHECK(schedule.next() == begin + 20s);
  schedule.on_status(begin + 20s, active(0, 100));
  CHECK(schedule.next() == begin + 30s);
  schedule.on_status(begin + 30s, active(5, 95));
  CHECK(schedule.next() == begin + 40s);
  schedule.on_status(begin + 40s, active(55, 45));
  auto wait = schedule.next() - (begin + 40s);
  CHECK(wait > 8s); // five a second
  CHECK(wait < 9s);
}

TEST_CASE("a stalled run is asked every interval, until it moves", "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_status(begin + 10s, active(50, 50));
  schedule.on_status(begin + 20s, active(97, 3));
  CHECK(schedule.next() == begin + 22s);
  schedule.on_status(begin + 22s, active(97, 3));
  CHECK(schedule.next() == begin + 32s);
  schedule.on_status(begin + 32s, active(97, 3));
  CHECK(schedule.next() == begin + 42s);
  schedule.on_status(begin + 600s, active(97, 3));
  CHECK(schedule.next() == begin + 630s); // old by now
  // It moves again: the time it stood still is no part of the rate.
  schedule.on_status(begin + 630s, active(98, 2));
  auto wait = schedule.next() - (begin + 630s);
  CHECK(wait > 12s);
  CHECK(wait <= 15s); // at most two in the last thirty seconds
}

TEST_CASE("a prediction is checked after four of the longest intervals",
          "[poll]") {
  poll_schedule schedule{pace, begin};
  schedule.on_status(begin + 10s, active(1, 1'000'000));
  schedule.on_status(begin + 20s, active(2, 999'999));
  CHECK(schedule.next() == begin + 140s);
}

TEST_CASE("counters that make no sense keep the pace within bounds", "[poll]") {
  poll_schedule schedule{pace, begin};
  auto now = begin;
  uint64_t seen[][2]{{UINT64_MAX, UINT64_MAX},
                     {0, 0},
                     {UINT64_MAX, 0},
                     {5, UINT64_MAX},
                     {6, 0},
                     {7, 0},
                     {1, 1},
                     {0, UINT64_MAX}};
  for (auto& [extracted, queue] : seen) {
    now = schedule.next();
    schedule.on_status(now, active(extracted, queue));
    CHECK(schedule.next() >= now + 2s);
    CHECK(schedule.next() <= now + 120s);
  }
  // Polled twice at one moment: no time, no rate.
  schedule.on_status(now, active(9, 9));
  schedule.on_status(now, active(10, 8));
  CHECK(schedule.next() >= now + 2s);
}

TEST_CASE("honest counters: few polls, and the end is seen at once", "[poll]") {
  auto length = GENERATE(12s, 30s, 61s, 119s, 120s, 200s, 400s);
  CAPTURE(length.count());
  for (int urls : {20, 100, 1'000}) {
    CAPTURE(urls);
    auto result = simulate(length, urls, steady);
    CAPTURE(result.polls, result.delay.count());
    auto coarse = length / urls > pace.min_interval; // seems to stand still
    CHECK(result.polls <= (coarse || length > 200s ? 10 : 6));
    CHECK(result.delay <= (coarse ? pace.max_interval : 2'100ms));
  }
}

TEST_CASE("a run of two minutes takes at most five polls", "[poll]") {
  auto result = simulate(120s, 100, steady);
  CHECK(result.polls <= 5);
  CHECK(result.delay <= 2'100ms);
}

TEST_CASE("uneven runs are asked in time, too", "[poll]") {
  struct row {
    const char* name;
    course share_at;
    duration delay;
  };
  auto row = GENERATE(values<struct row>({
    {"slow start", [](double x) { return x * x; }, 50s},
    {"slow end", [](double x) { return std::sqrt(x); }, 10s},
    {"nothing at first", [](double x) { return x < .5 ? 0 : x * 2 - 1; }, 10s},
    {"a last URL that takes ages",
     [](double x) { return x < .5 ? x * 1.98 : .99; }, 10s},
    {"steps", [](double x) { return std::floor(x * 4) / 4; }, 10s},
  }));
  CAPTURE(row.name);
  for (auto length : {60s, 120s, 240s}) {
    CAPTURE(length.count());
    auto result = simulate(length, 100, row.share_at);
    CAPTURE(result.polls, result.delay.count());
    CHECK(result.polls <= 4 + length / pace.interval);
    CHECK(result.delay <= row.delay);
  }
}
