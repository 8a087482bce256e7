#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

namespace sluice::test {

namespace {

using namespace std::chrono_literals;

/// Batches in flight, or 0 if there is no ledger.
int64_t in_flight(const std::filesystem::path& ledger) {
  sqlite3* db = nullptr;
  sqlite3_stmt* row = nullptr;
  int64_t count = 0;
  sqlite3_open_v2(ledger.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  sqlite3_prepare_v2(db, "SELECT count(*) FROM batch WHERE state = 'in_flight'",
                     -1, &row, nullptr);
  if (row != nullptr && sqlite3_step(row) == SQLITE_ROW)
    count = sqlite3_column_int64(row, 0);
  sqlite3_finalize(row);
  sqlite3_close(db);
  return count;
}

} // namespace

simulator_options slow_job::slower(double speed) {
  auto options = brisk_options();
  options.speed = speed;
  options.run_seconds = 30;
  options.requests_per_minute = 0;
  return options;
}

slow_job::slow_job(simulator_options options)
    : job_fixture{std::move(options)} {
  write_config();
  write_urls(url_lines(all_urls));
}

uint64_t slow_job::written() const {
  std::error_code failed;
  auto size = std::filesystem::file_size(file("captures.jsonl"), failed);
  return failed ? 0 : size;
}

void slow_job::wait_for_captures(program& running) const {
  for (auto tries = 0; tries < 3'000 && running.running(); ++tries) {
    if (written() > 0)
      return;
    std::this_thread::sleep_for(5ms);
  }
  FAIL("no capture came: " << running.errors());
}

std::unique_ptr<program> slow_job::submitting() const {
  pause_answers(3'600);
  auto running = std::make_unique<program>(command());
  for (auto tries = 0; tries < 3'000 && running->running(); ++tries) {
    if (api().waiting() > 0 && in_flight(file("job.sluice")) > 0)
      return running;
    std::this_thread::sleep_for(5ms);
  }
  FAIL("nothing was submitted: " << running->errors());
  return running;
}

void slow_job::stop_midway() const {
  program running{command()};
  wait_for_captures(running);
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
}

void slow_job::check_completes() const {
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == all_urls);
  check_account(*this, result, all_urls);
  auto got = captures();
  CHECK(got.lines == all_urls);
  CHECK(got.by_id.size() == all_urls);
  CHECK(in_stats(api(), "/runs_created_twice") == 0);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

void slow_job::check_refused(int exit_code, const std::string& text) const {
  auto submits = in_stats(api(), "/requests/submit");
  check_says(exit_code, text);
  CHECK(in_stats(api(), "/requests/submit") == submits);
}

void slow_job::check_says(int exit_code, const std::string& text) const {
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == exit_code);
  CHECK_THAT(result.err, Catch::Contains(text));
}

} // namespace sluice::test
