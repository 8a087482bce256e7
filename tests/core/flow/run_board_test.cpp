#include "core/flow/job_counters.hpp"
#include "core/flow/run_board.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

run_bar bar_of(int64_t batch) {
  run_bar bar;
  bar.batch = batch;
  bar.id = "run_" + std::to_string(batch);
  bar.urls = 20;
  bar.submitted_at_ms = 1'000;
  return bar;
}

} // namespace

TEST_CASE("a bar follows its run from the queue to the last capture") {
  run_board board;
  auto bar = bar_of(1);
  bar.stage = run_stage::queued;
  board.put(bar);
  CHECK(board.snapshot().at(0).stage == run_stage::queued);
  board.on_status(1, false, 2'000, 5, 15);
  auto active = board.snapshot().at(0);
  CHECK(active.stage == run_stage::active);
  CHECK(active.started_at_ms == 2'000);
  CHECK(active.extracted == 5);
  CHECK(active.queue == 15);
  board.on_ended(1, 9'000, 20);
  board.on_captures(1, 12);
  auto reading = board.snapshot().at(0);
  CHECK(reading.stage == run_stage::reading);
  CHECK(reading.ended_at_ms == 9'000);
  CHECK(reading.extracted == 20);
  CHECK(reading.captures == 12);
  board.close(1, run_stage::done);
  CHECK(board.snapshot().at(0).stage == run_stage::done);
  CHECK_FALSE(board.has(1));
}

TEST_CASE("the board stays small for any number of runs") {
  run_board board;
  for (int64_t batch = 0; batch < 10'000; ++batch)
    board.put(bar_of(batch));
  CHECK(board.snapshot().size() == run_board::most_open);
  // Updating a shown run works. Updating one that is not shown does no harm.
  board.put(bar_of(0));
  board.on_status(9'999, false, {}, {}, {});
  board.on_captures(9'999, 1);
  for (int64_t batch = 0; batch < 10'000; ++batch)
    board.close(batch, run_stage::done);
  auto left = board.snapshot();
  REQUIRE(left.size() == run_board::most_closed);
  CHECK(left.back().batch == run_board::most_open - 1);
}

TEST_CASE("replies are counted by class, and 429 separately") {
  reply_counts counts;
  for (auto status : {200, 202, 303, 404, 429, 500, 599, 0, 100})
    counts.add(status);
  std::map<std::string, uint64_t> seen;
  for (size_t i = 0; i < reply_counts::classes; ++i)
    seen[reply_counts::names[i]] = counts.at(i);
  CHECK(
    seen
    == std::map<std::string, uint64_t>{
      {"2xx", 2}, {"3xx", 1}, {"4xx", 1}, {"429", 1}, {"5xx", 2}, {"none", 2}});
}
