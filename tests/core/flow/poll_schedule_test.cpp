#include "core/flow/poll_schedule.hpp"
#include "tests/core/flow/forecast_fixture.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

const poll_pace pace{10s, 2s, 30s, 5min};

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

/// A history of runs of 100 URLs that took 30 to 90 seconds.
std::shared_ptr<run_history> learnt() {
  auto history = no_history();
  for (int length = 30; length <= 90; length += 3)
    history->add_length(std::chrono::seconds{length}, 100);
  return history;
}

poll_schedule fresh(std::shared_ptr<run_history> history = no_history()) {
  return {pace, std::move(history), 100, start};
}

/// How a simulated run of 100 URLs progresses: the share done at each fraction
/// of its length.
using course = std::function<double(double)>;

struct simulated {
  unsigned polls = 0; ///< up to the end, including the one that saw it
  duration delay{0};  ///< from the end to the poll that saw it
};

simulated simulate(duration length, double urls, const course& share_at,
                   std::shared_ptr<run_history> history = no_history()) {
  auto schedule = fresh(std::move(history));
  simulated result;
  while (schedule.next() != time_point::max()) {
    auto now = schedule.next();
    ++result.polls;
    auto share = std::chrono::duration<double>(now - start)
                 / std::chrono::duration<double>(length);
    if (share >= 1) {
      result.delay = now - start - length;
      (void)schedule.on_ended(now);
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

TEST_CASE(
  "a run without counters is polled every interval and less often as it ages",
  "[poll]") {
  auto schedule = fresh();
  auto now = start;
  for (int i = 0; i < 30; ++i) {
    CHECK(schedule.next() == now + 10s);
    now = schedule.next();
    schedule.on_status(now, active());
  }
  CHECK(now == start + 5min);
  for (int i = 0; i < 5; ++i) {
    CHECK(schedule.next() == now + 30s);
    now = schedule.next();
    schedule.on_status(now, active());
  }
}

TEST_CASE("one value of a counter predicts nothing", "[poll]") {
  auto schedule = fresh();
  for (uint64_t i = 1; i < 5; ++i) {
    auto now = schedule.next();
    CHECK(now == start + 10s * i);
    auto status = active();
    (i % 2 == 0 ? status.extracted : status.queue) = 10 * i;
    schedule.on_status(now, status);
  }
}

TEST_CASE("a run that has ended is not polled again", "[poll]") {
  auto schedule = fresh();
  auto end = schedule.on_ended(start + 10s);
  CHECK(end > start);
  CHECK(end <= start + 10s);
  CHECK(schedule.next() == time_point::max());
  CHECK(schedule.due() == time_point::max());
}

TEST_CASE("a failed poll is repeated after the wait", "[poll]") {
  auto schedule = fresh();
  schedule.on_failure(start + 10s, 7s);
  CHECK(schedule.next() == start + 17s);
  schedule.on_failure(start + 17s, 0s);
  CHECK(schedule.next() == start + 19s);
  CHECK(schedule.due() == start + 19s);
  schedule.on_failure(start + 19s, 60s);
  schedule.on_history(); // the history of other runs does not shorten the wait
  CHECK(schedule.next() == start + 79s);
}

TEST_CASE("a queued run is not polled until a slot is free", "[poll]") {
  auto schedule = fresh();
  schedule.on_queued(start);
  CHECK(schedule.next() == start + 300s); // ten times the longest interval
  CHECK(schedule.chance(start + 300s) == 0);
  schedule.on_slot_free(start + 60s);
  CHECK(schedule.next() == start + 70s);
  schedule.on_slot_free(start + 65s); // that slot is for another run
  CHECK(schedule.next() == start + 70s);
  schedule.on_status(start + 70s, in_phase(run_phase::queued));
  CHECK(schedule.next() == start + 370s);
  schedule.on_status(start + 370s, active());
  CHECK_FALSE(schedule.is_queued());
  CHECK(schedule.next() == start + 380s);
}

TEST_CASE("a run that leaves the queue is forecast from that moment",
          "[poll]") {
  auto schedule = fresh(learnt());
  schedule.on_queued(start);
  schedule.on_slot_free(start + 600s);
  // By 45 s three in ten of the earlier runs had ended.
  CHECK(schedule.next() >= start + 645s);
  CHECK(schedule.next() <= start + 651s);
}

TEST_CASE("the lengths of earlier runs say when to poll and with what chance",
          "[poll]") {
  auto schedule = fresh(learnt());
  CHECK(schedule.next() == start + 48s);
  CHECK(schedule.due() == start + 84s);
  CHECK(schedule.chance(start + 29s) == 0);
  CHECK(schedule.chance(start + 60s) > 0.5);
  CHECK(schedule.chance(start + 90s) == 1);
  // Still active: three in ten of the longer runs had ended by 69 s.
  schedule.on_status(start + 60s, active());
  CHECK(schedule.next() == start + 69s);
  CHECK(schedule.due() == start + 87s);
  // Longer than all earlier runs: polled less and less often.
  schedule.on_status(start + 90s, active());
  CHECK(schedule.next() == start + 99s);
  schedule.on_status(start + 99s, active());
  CHECK(schedule.next() == start + 99s + 9900ms);
}

TEST_CASE("the first poll comes early if counters can say more", "[poll]") {
  auto history = learnt();
  history->saw_counters();
  auto schedule = fresh(history);
  CHECK(schedule.next() == start + 36s);
  schedule.on_status(start + 36s, active(50, 50));
  CHECK(schedule.next() > start + 60s);
  CHECK(schedule.next() < start + 72s);
}

TEST_CASE("a scarce token is not spent for two minutes if nothing is known",
          "[poll]") {
  auto schedule = fresh();
  CHECK(schedule.next() == start + 10s);
  CHECK(schedule.due() == start + 120s);
  schedule.on_status(start + 120s, active());
  CHECK(schedule.due() == start + 240s);
}

TEST_CASE("time in the queue does not distort the rate", "[poll]") {
  auto schedule = fresh();
  schedule.on_status(start + 10s, in_phase(run_phase::queued));
  schedule.on_slot_free(start + 1000s);
  schedule.on_status(start + 1010s, active(40, 60));
  auto wait = schedule.next() - (start + 1010s);
  CHECK(wait > 8s); // 15 s at four per second, a little early
  CHECK(wait <= 15s);
}

TEST_CASE("a nearly finished run is polled soon after its first poll",
          "[poll]") {
  auto schedule = fresh();
  schedule.on_status(start + 10s, active(75, 25));
  auto wait = schedule.next() - (start + 10s);
  CHECK(wait > 2s);
  CHECK(wait < 3500ms); // 25 remaining ones take 3.3 s at its rate
  auto other = fresh();
  other.on_status(start + 10s, active(99, 1));
  CHECK(other.next() == start + 12s);
}

TEST_CASE("a run that has just begun is not mistaken for a slow one",
          "[poll]") {
  auto schedule = fresh();
  schedule.on_status(start + 10s, active(0, 0));
  CHECK(schedule.next() == start + 20s);
  schedule.on_status(start + 20s, active(0, 100));
  CHECK(schedule.next() == start + 30s);
  schedule.on_status(start + 30s, active(5, 95));
  CHECK(schedule.next() == start + 40s);
  schedule.on_status(start + 40s, active(55, 45));
  auto wait = schedule.next() - (start + 40s);
  CHECK(wait > 6s); // five per second
  CHECK(wait < 9s);
}

TEST_CASE("a stalled run is polled every interval until it progresses",
          "[poll]") {
  auto schedule = fresh();
  schedule.on_status(start + 10s, active(50, 50));
  schedule.on_status(start + 20s, active(97, 3));
  CHECK(schedule.next() == start + 22s);
  schedule.on_status(start + 22s, active(97, 3));
  CHECK(schedule.next() == start + 32s);
  schedule.on_status(start + 32s, active(97, 3));
  CHECK(schedule.next() == start + 42s);
  schedule.on_status(start + 600s, active(97, 3));
  CHECK(schedule.next() == start + 630s); // it is old by now
  // It progresses again. The rate excludes the time without progress.
  schedule.on_status(start + 630s, active(98, 2));
  auto wait = schedule.next() - (start + 630s);
  CHECK(wait <= 30s); // it is not taken to be stalled forever
}

TEST_CASE("a prediction is checked within four of the longest intervals, or "
          "within one if no run has ended yet",
          "[poll]") {
  auto schedule = fresh();
  schedule.on_status(start + 100s, active(50, 250)); // 500 s more
  CHECK(schedule.next() == start + 130s);
  auto history = no_history();
  for (int i = 0; i < 10; ++i)
    history->add_length(1h, 100);
  auto later = fresh(history);
  CHECK(later.next() == start + 120s);
  later.on_status(start + 100s, active(50, 250));
  CHECK(later.next() == start + 220s);
}

TEST_CASE("invalid counters keep the pace within bounds", "[poll]") {
  auto schedule = fresh();
  auto now = start;
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
  // Two polls at the same moment give no rate.
  schedule.on_status(now, active(9, 9));
  schedule.on_status(now, active(10, 8));
  CHECK(schedule.next() >= now + 2s);
}

TEST_CASE("honest counters need few polls and the end is seen at once",
          "[poll]") {
  auto length = GENERATE(12s, 30s, 61s, 119s, 120s, 200s, 400s);
  CAPTURE(length.count());
  for (int urls : {20, 100, 1'000}) {
    CAPTURE(urls);
    auto result = simulate(length, urls, steady);
    CAPTURE(result.polls, result.delay.count());
    auto coarse = length / urls > pace.min_interval; // seems to be stalled
    CHECK(result.polls <= 5 + length / pace.max_interval);
    CHECK(result.delay <= (coarse ? pace.max_interval : 3s));
  }
}

TEST_CASE("after a few runs each further run takes at most four polls",
          "[poll]") {
  auto history = no_history();
  for (auto length : {60s, 70s, 80s, 90s, 100s, 110s, 120s, 60s, 120s})
    (void)simulate(length, 100, steady, history);
  auto length = GENERATE(61s, 75s, 89s, 104s, 119s);
  CAPTURE(length.count());
  auto result = simulate(length, 100, steady, history);
  CHECK(result.polls <= 4);
  CHECK(result.delay <= 4s);
}

TEST_CASE("runs with uneven progress are polled in time", "[poll]") {
  struct row {
    const char* name;
    course share_at;
    duration delay;
  };
  auto row = GENERATE(values<struct row>({
    {"slow start", [](double x) { return x * x; }, 30s},
    {"slow end", [](double x) { return std::sqrt(x); }, 10s},
    {"nothing at first", [](double x) { return x < .5 ? 0 : x * 2 - 1; }, 10s},
    {"a last URL that takes ages",
     [](double x) { return x < .5 ? x * 1.98 : .99; }, 10s},
    {"steps", [](double x) { return std::floor(x * 4) / 4; }, 15s},
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
