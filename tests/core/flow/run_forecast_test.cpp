#include "core/flow/run_forecast.hpp"
#include "tests/core/flow/forecast_fixture.hpp"
#include "tests/core/flow/start.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

run_status counting(uint64_t extracted, uint64_t queue) {
  run_status status;
  status.extracted = extracted;
  status.queue = queue;
  return status;
}

} // namespace

TEST_CASE("too few lengths predict nothing", "[forecast]") {
  auto history = no_history();
  for (size_t i = 1; i < run_history::enough; ++i)
    history->add_length(10s, 100);
  run_forecast forecast{history, 100, start};
  CHECK_FALSE(forecast.when(0.5));
  CHECK(forecast.chance(start + 1h) == 0);
  CHECK_FALSE(forecast.is_overdue());
  history->add_length(10s, 100);
  forecast.refresh();
  CHECK(forecast.when(0.5) == start + 10s);
}

TEST_CASE("a run's length is proportional to its URLs", "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 8; ++i)
    history->add_length(10s, 100);
  CHECK(run_forecast(history, 50, start).when(0.5) == start + 5s);
  CHECK(run_forecast(history, 1'000, start).when(0.5) == start + 100s);
}

TEST_CASE("only the last 64 runs count", "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 64; ++i)
    history->add_length(1h, 1);
  for (int i = 0; i < 64; ++i)
    history->add_length(10s, 1);
  CHECK(run_forecast(history, 1, start).when(1) == start + 10s);
}

TEST_CASE("lengths that a run has exceeded no longer count", "[forecast]") {
  auto history = no_history();
  for (int i = 1; i <= 10; ++i)
    history->add_length(std::chrono::seconds{10 * i}, 1);
  run_forecast forecast{history, 1, start};
  CHECK(forecast.when(0.1) == start + 10s);
  CHECK(forecast.chance(start + 50s) == Approx(0.5));
  forecast.on_active(start + 50s, {});
  CHECK(forecast.when(0.1) == start + 60s);
  CHECK(forecast.chance(start + 70s) == Approx(0.4));
  forecast.on_active(start + 100s, {});
  CHECK_FALSE(forecast.when(0.1));
  CHECK(forecast.is_overdue());
}

TEST_CASE("two values of its counters give a run's rate", "[forecast]") {
  run_forecast forecast{no_history(), 100, start};
  forecast.on_active(start + 30s, counting(20, 80));
  forecast.on_active(start + 40s, counting(40, 60));
  REQUIRE(forecast.when(0.5));
  CHECK(in_seconds(*forecast.when(0.5) - start)
        == Approx(67)); // two per second: 30 s
  CHECK(forecast.has_counters());
}

TEST_CASE("a run that stalled at first counts at its current rate",
          "[forecast]") {
  run_forecast forecast{no_history(), 100, start};
  forecast.on_active(start + 60s, counting(0, 100));
  forecast.on_active(start + 70s, counting(50, 50));
  CHECK(*forecast.when(1) == start + 83s);
}

TEST_CASE("predictions are corrected by the errors of earlier ones",
          "[forecast]") {
  auto history = no_history();
  // Runs whose second half takes twice as long as their counters predict.
  for (int i = 0; i < 20; ++i) {
    run_forecast run{history, 100, start};
    run.on_active(start + 20s, counting(25, 75));
    run.on_active(start + 40s, counting(50, 50));
    run.on_active(start + 115s, counting(99, 1));
    (void)run.on_ended(start + 118s);
  }
  run_forecast forecast{history, 100, start};
  forecast.on_active(start + 20s, counting(25, 75));
  forecast.on_active(start + 40s, counting(50, 50));
  CHECK(*forecast.when(0.5) > start + 100s);
  CHECK(*forecast.when(0.5) < start + 125s);
}

TEST_CASE("a run is polled in time even if its counters predict later than "
          "most runs took",
          "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 10; ++i)
    history->add_length(60s, 100);
  run_forecast forecast{history, 100, start};
  forecast.on_active(start + 30s, counting(20, 80));
  CHECK(*forecast.when(0.3) == start + 60s);
}

TEST_CASE("a run that starts over is forecast afresh", "[forecast]") {
  run_forecast forecast{no_history(), 100, start};
  forecast.on_active(start + 10s, counting(50, 50));
  CHECK(forecast.has_counters());
  forecast.on_active(start + 20s, counting(1, 99));
  CHECK_FALSE(forecast.has_counters());
}

TEST_CASE("a run ended between its last poll and now", "[forecast]") {
  run_forecast forecast{no_history(), 100, start};
  forecast.on_active(start + 30s, {});
  for (int i = 0; i < 100; ++i) {
    auto end = forecast.on_ended(start + 40s);
    CHECK(end >= start + 30s);
    CHECK(end <= start + 40s);
  }
}

TEST_CASE("a run with counters ended about when they predicted", "[forecast]") {
  run_forecast forecast{no_history(), 100, start};
  forecast.on_active(start + 30s, counting(50, 50));
  forecast.on_active(start + 54s, counting(90, 10)); // 5.7 s remain
  for (int i = 0; i < 100; ++i) {
    auto end = forecast.on_ended(start + 90s);
    CHECK(end >= start + 57s);
    CHECK(end <= start + 63s);
  }
}

TEST_CASE("absurd counters and lengths do no harm", "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 10; ++i)
    history->add_length(duration::max() / 1'000, 1);
  run_forecast forecast{history, UINT32_MAX, start};
  CHECK(*forecast.when(1) > start);
  forecast.on_active(start, counting(UINT64_MAX, UINT64_MAX));
  forecast.on_active(start + 1s, counting(1, UINT64_MAX));
  forecast.on_active(start + 2s, counting(2, UINT64_MAX));
  forecast.on_active(start + 2s, counting(UINT64_MAX, 0));
  CHECK(forecast.on_ended(start + 3s) <= start + 3s);
}
