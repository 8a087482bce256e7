// The main job with a real list: 20,000 home pages in random order, of which
// eight are not http URLs. Skipped if the list is missing.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <thread>

using namespace sluice;
using namespace sluice::test;

TEST_CASE("20,000 real URLs are captured once each under the real limit and "
          "through an outage") {
  std::filesystem::path list = SLUICE_SOURCE_DIR "/../shared/data/urls-20k.txt";
  if (!std::filesystem::exists(list)) {
    WARN("skipped: no real list next to the project");
    return;
  }
  auto options = brisk_options();
  options.run_seconds = 30;
  job_fixture job{options};
  job.write_urls(content_of(list));
  job.write_config();
  program running{job.command(
    {"--set", "runs.urls_per_run=100", "--set", "api.timeout=30s"})};
  while (running.running() && in_stats(job.api(), "/captures_served") < 5000)
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  job.pause_answers(10);
  auto result = running.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == 19'992);
  CHECK(in_account(result.err, "invalid") == 8);
  CHECK(in_account(result.err, "total") == 20'000);
  auto got = job.captures();
  CHECK(got.lines == 19'992);
  CHECK(got.by_id.size() == 19'992);
  CHECK(got.urls.size() == 19'992);
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
  CHECK(in_stats(job.api(), "/rate_limited/submit") == 0);
  CHECK(in_stats(job.api(), "/rate_limited/status") == 0);
  CHECK(in_stats(job.api(), "/rate_limited/page") == 0);
}
