#include "core/flow/run_forecast.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const time_point begin{1h};

std::shared_ptr<run_history> no_history() {
  return std::make_shared<run_history>();
}

run_status counting(uint64_t extracted, uint64_t queue) {
  run_status status;
  status.extracted = extracted;
  status.queue = queue;
  return status;
}

double seconds(duration span) {
  return std::chrono::duration<double>{span}.count();
}

} // namespace

TEST_CASE("too few lengths predict nothing", "[forecast]") {
  auto history = no_history();
  for (size_t i = 1; i < run_history::enough; ++i)
    history->add_length(10s, 100);
  run_forecast forecast{history, 100, begin};
  CHECK_FALSE(forecast.when(0.5));
  CHECK(forecast.chance(begin + 1h) == 0);
  CHECK_FALSE(forecast.is_overdue());
  history->add_length(10s, 100);
  forecast.refresh();
  CHECK(forecast.when(0.5) == begin + 10s);
}

TEST_CASE("a run's length is proportional to its URLs", "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 8; ++i)
    history->add_length(10s, 100);
  CHECK(run_forecast(history, 50, begin).when(0.5) == begin + 5s);
  CHECK(run_forecast(history, 1'000, begin).when(0.5) == begin + 100s);
}

TEST_CASE("only the last 64 runs count", "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 64; ++i)
    history->add_length(1h, 1);
  for (int i = 0; i < 64; ++i)
    history->add_length(10s, 1);
  CHECK(run_forecast(history, 1, begin).when(1) == begin + 10s);
}

TEST_CASE("lengths that a run has exceeded no longer count", "[forecast]") {
  auto history = no_history();
  for (int i = 1; i <= 10; ++i)
    history->add_length(std::chrono::seconds{10 * i}, 1);
  run_forecast forecast{history, 1, begin};
  CHECK(forecast.when(0.1) == begin + 10s);
  CHECK(forecast.chance(begin + 50s) == Approx(0.5));
  forecast.on_active(begin + 50s, {});
  CHECK(forecast.when(0.1) == begin + 60s);
  CHECK(forecast.chance(begin + 70s) == Approx(0.4));
  forecast.on_active(begin + 100s, {});
  CHECK_FALSE(forecast.when(0.1));
  CHECK(forecast.is_overdue());
}

TEST_CASE("two values of its counters give a run's rate", "[forecast]") {
  run_forecast forecast{no_history(), 100, begin};
  forecast.on_active(begin + 30s, counting(20, 80));
  forecast.on_active(begin + 40s, counting(40, 60));
  REQUIRE(forecast.when(0.5));
  CHECK(seconds(*forecast.when(0.5) - begin)
        == Approx(67)); // two per second: 30 s
  CHECK(forecast.has_counters());
}

TEST_CASE("a run that stalled at first counts at its current rate",
          "[forecast]") {
  run_forecast forecast{no_history(), 100, begin};
  forecast.on_active(begin + 60s, counting(0, 100));
  forecast.on_active(begin + 70s, counting(50, 50));
  CHECK(*forecast.when(1) == begin + 83s);
}

TEST_CASE("predictions are corrected by the errors of earlier ones",
          "[forecast]") {
  auto history = no_history();
  // Runs whose second half takes twice as long as their counters predict.
  for (int i = 0; i < 20; ++i) {
    run_forecast run{history, 100, begin};
    run.on_active(begin + 20s, counting(25, 75));
    run.on_active(begin + 40s, counting(50, 50));
    run.on_active(begin + 115s, counting(99, 1));
    (void)run.on_ended(begin + 118s);
  }
  run_forecast forecast{history, 100, begin};
  forecast.on_active(begin + 20s, counting(25, 75));
  forecast.on_active(begin + 40s, counting(50, 50));
  CHECK(*forecast.when(0.5) > begin + 100s);
  CHECK(*forecast.when(0.5) < begin + 125s);
}

TEST_CASE("a run is polled in time even if its counters predict later than "
          "most runs took",
          "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 10; ++i)
    history->add_length(60s, 100);
  run_forecast forecast{history, 100, begin};
  forecast.on_active(begin + 30s, counting(20, 80));
  CHECK(*forecast.when(0.3) == begin + 60s);
}

TEST_CASE("a run that starts over is forecast afresh", "[forecast]") {
  run_forecast forecast{no_history(), 100, begin};
  forecast.on_active(begin + 10s, counting(50, 50));
  CHECK(forecast.has_counters());
  forecast.on_active(begin + 20s, counting(1, 99));
  CHECK_FALSE(forecast.has_counters());
}

TEST_CASE("a run ended between its last poll and now", "[forecast]") {
  run_forecast forecast{no_history(), 100, begin};
  forecast.on_active(begin + 30s, {});
  for (int i = 0; i < 100; ++i) {
    auto end = forecast.on_ended(begin + 40s);
    CHECK(end >= begin + 30s);
    CHECK(end <= begin + 40s);
  }
}

TEST_CASE("a run with counters ended about when they predicted", "[forecast]") {
  run_forecast forecast{no_history(), 100, begin};
  forecast.on_active(begin + 30s, counting(50, 50));
  forecast.on_active(begin + 54s, counting(90, 10)); // 5.7 s remain
  for (int i = 0; i < 100; ++i) {
    auto end = forecast.on_ended(begin + 90s);
    CHECK(end >= begin + 57s);
    CHECK(end <= begin + 63s);
  }
}

TEST_CASE("absurd counters and lengths do no harm", "[forecast]") {
  auto history = no_history();
  for (int i = 0; i < 10; ++i)
    history->add_length(duration::max() / 1'000, 1);
  run_forecast forecast{history, UINT32_MAX, begin};
  CHECK(*forecast.when(1) > begin);
  forecast.on_active(begin, counting(UINT64_MAX, UINT64_MAX));
  forecast.on_active(begin + 1s, counting(1, UINT64_MAX));
  forecast.on_active(begin + 2s, counting(2, UINT64_MAX));
  forecast.on_active(begin + 2s, counting(UINT64_MAX, 0));
  CHECK(forecast.on_ended(begin + 3s) <= begin + 3s);
}
