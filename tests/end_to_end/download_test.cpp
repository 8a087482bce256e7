// Jobs with `captures.fetch: download`: the same captures as with pages, each
// once, whatever the file server does.

#include "tests/end_to_end/account_check.hpp"
#include "tests/end_to_end/slow_job.hpp"
#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <set>
#include <sstream>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr auto by_download = "captures: {fetch: download}\n";

using texts = std::multiset<std::string>;

texts lines_of(const job_fixture& job) {
  std::istringstream in{content_of(job.file("captures.jsonl"))};
  texts result;
  for (std::string line; std::getline(in, line);)
    result.insert(line);
  return result;
}

/// The captures of all runs, byte for byte.
texts captures_of(const simulator& api) {
  texts result;
  api.each_run([&](const created_run& run) {
    result.insert(run.captures.begin(), run.captures.end());
  });
  return result;
}

simulator_options faulty() {
  auto options = brisk_options();
  options.failing = 0.15;
  options.error_503 = 0.05;
  options.expired_links = 0.15;
  options.cut_frames = 0.15;
  options.late_captures = 0.2;
  return options;
}

/// Two runs at a time, each with a file of about 20 MB.
simulator_options large_files() {
  auto options = brisk_options();
  options.requests_per_minute = 0;
  options.max_concurrent = 2;
  options.capture_bytes = 2'000;
  options.captures_per_url = 500;
  return options;
}

} // namespace

TEST_CASE_METHOD(
  job_fixture,
  "downloads deliver the same captures as pages for one request per run") {
  write_config(by_download);
  write_urls(url_lines(300));
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  check_account(*this, result, 300);
  CHECK(lines_of(*this) == captures_of(api()));
  CHECK(in_stats(api(), "/runs_created") == 15);
  CHECK(in_stats(api(), "/requests/download") == 15);
  CHECK(in_stats(api(), "/requests/page") == 0);
  // The file server refuses a request that carries the key.
  CHECK(in_stats(api(), "/requests/other") == 15);
  CHECK(status_of("/requests/pages") == 15);
  CHECK_THAT(result.err, Catch::Contains(" 15 downloads; "));
  CHECK_THAT(result.err, !Catch::Contains("signature"));
  CHECK_THAT(content_of(file("job.sluice")), !Catch::Contains("signature="));
}

TEST_CASE("each capture is delivered once despite faulty downloads") {
  job_fixture job{faulty()};
  job.write_config(by_download);
  job.write_urls(url_lines(600));
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 3); // runs failed
  check_account(job, result, 600);
  CHECK(lines_of(job) == captures_of(job.api()));
  // The failed runs have no file, so they are paged.
  CHECK(in_stats(job.api(), "/requests/page") > 0);
  CHECK_THAT(result.err, Catch::Contains("403"));
  CHECK_THAT(result.err, !Catch::Contains("signature"));
}

TEST_CASE("a job that is stopped in the middle of its files resumes each "
          "without duplicates") {
  job_fixture job{large_files()};
  job.write_config(by_download);
  job.write_urls(url_lines(100));
  auto written = [&]() -> uint64_t {
    std::error_code failed;
    auto size = std::filesystem::file_size(job.file("captures.jsonl"), failed);
    return failed ? 0 : size;
  };
  // First an orderly stop, which commits the captures delivered in mid-file.
  for (auto signal : {SIGTERM, SIGKILL, SIGTERM, SIGKILL}) {
    auto before = written();
    // The data in transit when the job is stopped is a small part of the whole.
    program running{job.command(
      {"--set", "api.max_body=1MiB", "--set", "captures.window=2MiB"})};
    while (running.running() && written() < before + 3'000'000)
      std::this_thread::sleep_for(1ms);
    REQUIRE(running.running());
    running.signal(signal);
    auto began = std::chrono::steady_clock::now();
    CHECK(running.wait().exit_code == (signal == SIGTERM ? 4 : 128 + SIGKILL));
    CHECK(std::chrono::steady_clock::now() - began < 10s);
  }
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  check_account(job, result, 100);
  CHECK(lines_of(job) == captures_of(job.api()));
  CHECK(job.status_of("/captures/repeated") > 0); // files were read again
  CHECK(in_stats(job.api(), "/requests/page") == 0);
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
}

TEST_CASE_METHOD(slow_job, "a job may switch to downloads midway") {
  stop_midway();
  write_config(by_download);
  check_completes();
  CHECK(in_stats(api(), "/requests/page") > 0);
  CHECK(in_stats(api(), "/requests/download") > 0);
}

TEST_CASE_METHOD(job_fixture, "a rehearsal can download") {
  write_config(by_download);
  write_urls(url_lines(100));
  auto result = run({"--simulate"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == 100);
}
