// An API that is down. The job waits and says why.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using Catch::Contains;

TEST_CASE("an unreachable API is reported with the cause") {
  job_fixture job;
  job.write_urls(url_lines(5));
  job.write_config();
  // Nothing listens on the discard port.
  program running{job.command({"--set", "api.base_url=http://127.0.0.1:9"})};
  REQUIRE(running.says("\"event\":\"request_failed\""));
  auto said = running.errors();
  CHECK_THAT(said, Contains("\"level\":\"warn\"")
                     && Contains("no connection to 127.0.0.1:9"));
  // Numbers in the log are JSON numbers.
  CHECK_THAT(said, Contains("\"records\":5,"));
  // The account is updated even if nothing else is committed.
  auto known = false;
  for (auto i = 0; i < 150 && !known; ++i) {
    std::this_thread::sleep_for(100ms);
    known = job.call("status", {"--json"}).out.find("\"why\":null")
            == std::string::npos;
  }
  CHECK(known);
  running.signal(SIGTERM);
  auto stopped = running.wait();
  CHECK(stopped.exit_code == 4);
  CHECK(in_account(stopped.err, "pending") == 5);
}

TEST_CASE("an API that answers only with a proxy's errors is reported and held "
          "batches do not count as done") {
  if (!program::can_have_terminal())
    return;
  auto options = brisk_options();
  options.html_error = 1;
  job_fixture job{options};
  job.write_urls(url_lines(60));
  job.write_config();
  auto input = job.command();
  input.terminal_columns = 200;
  input.environment.emplace("TERM", "xterm");
  input.environment.emplace("NO_COLOR", "1");
  // The second process starts with the batches that the first one left held.
  for (auto held : {20U, 40U}) {
    program running{input};
    REQUIRE(running.says("request_failed"));
    REQUIRE(running.says("the API fails: HTTP 502"));
    running.signal(SIGTERM);
    auto stopped = running.wait();
    CHECK(stopped.exit_code == 4);
    CHECK(in_account(stopped.err, "held") == held);
    CHECK_THAT(stopped.err, Contains("0/60 URLs (0%)") && !Contains("20/60")
                              && !Contains(" left"));
  }
}
