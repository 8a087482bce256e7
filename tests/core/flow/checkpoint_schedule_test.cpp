#include "core/flow/checkpoint_schedule.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A schedule whose last checkpoint took `took` and ended at `start`.
checkpoint_schedule schedule_after(duration took) {
  checkpoint_schedule cuts{1s, 1000, 250ms};
  cuts.begin(start - took);
  cuts.end(start);
  return cuts;
}

} // namespace

TEST_CASE("no checkpoint is due without a change") {
  auto cuts = schedule_after(0ms);
  cuts.on_delivered(5000);
  CHECK_FALSE(cuts.due());
  CHECK_FALSE(cuts.has_changes());
}

TEST_CASE("a checkpoint is due one second after the first change") {
  auto cuts = schedule_after(0ms);
  cuts.on_change(start + 1ms);
  cuts.on_change(start + 500ms);
  CHECK(cuts.due() == start + 1001ms);
}

TEST_CASE(
  "a checkpoint is due at once after a finished run or much delivered data") {
  auto cuts = schedule_after(0ms);
  cuts.on_delivered(999);
  cuts.on_change(start + 1ms);
  CHECK(cuts.due() == start + 1001ms);
  SECTION("a run") {
    cuts.on_finished();
  }
  SECTION("bytes") {
    cuts.on_delivered(1);
  }
  CHECK(cuts.due() == start + 1ms);
}

TEST_CASE("a change during a checkpoint waits for the next one") {
  auto cuts = schedule_after(0ms);
  cuts.on_finished();
  cuts.on_delivered(5000);
  cuts.on_change(start);
  cuts.begin(start + 1ms);
  CHECK(cuts.under_way());
  CHECK_FALSE(cuts.has_changes());
  cuts.on_change(start + 2ms);
  CHECK_FALSE(cuts.due());
  cuts.end(start + 2ms);
  CHECK_FALSE(cuts.under_way());
  CHECK(cuts.due() == start + 1002ms);
}

TEST_CASE("quick checkpoints take at most a quarter of the time") {
  auto cuts = schedule_after(10ms);
  cuts.on_finished();
  cuts.on_change(start + 10ms);
  CHECK(cuts.due() == start + 30ms);
  duration writing{0};
  auto now = *cuts.due();
  for (auto i = 0; i < 100; ++i) {
    cuts.begin(now);
    cuts.on_finished();
    cuts.on_change(now);
    auto took = 10ms * (i % 9);
    writing += took;
    cuts.end(now + took);
    now = *cuts.due();
  }
  CHECK(writing * 4 == now - (start + 30ms));
}

TEST_CASE(
  "the next checkpoint comes soon after one that waited for a slow sink") {
  auto cuts = schedule_after(1h);
  cuts.on_finished();
  cuts.on_change(start);
  CHECK(cuts.due() == start + 250ms);
}
