// `sluice status` and `sluice resolve`: held batches and missing URLs, during
// and after a job.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// Closes some connections before reading the request, including the first
/// submit's, so batches without a run are held.
simulator_options deaf_api() {
  auto options = brisk_options();
  options.reset = 0.3;
  options.seed = 2;
  return options;
}

struct brisk_job : job_fixture {
  explicit brisk_job(simulator_options options = brisk_options())
      : job_fixture{std::move(options)} {}
};

} // namespace

TEST_CASE("a job that never began has no status") {
  brisk_job job;
  job.write_config();
  job.write_urls(url_lines(3));
  auto result = job.call("status");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains("has not begun"));
  CHECK_FALSE(std::filesystem::exists(job.file("job.sluice")));
}

TEST_CASE("status prints the same account as the end of the run") {
  auto options = brisk_options();
  options.missing = 0.1;
  brisk_job job{options};
  job.write_config();
  job.write_urls(url_lines(300) + "no url\n" + url_lines(2));
  auto ran = job.run();
  INFO(ran.err);
  REQUIRE(ran.exit_code == 3);
  auto status = job.call("status");
  CHECK(status.exit_code == 0);
  CHECK_THAT(ran.err, Catch::EndsWith(status.out));
  for (auto* name : {"captured", "missing", "invalid", "duplicate", "total"})
    CHECK(job.status_of(std::string{"/urls/"} + name)
          == in_account(ran.err, name));
  CHECK(job.status_of("/exit_code") == 3);
  auto missing = job.call("status", {"--list", "missing"});
  CHECK(lines_in(missing.out) == job.status_of("/urls/missing"));
  CHECK(lines_in(job.call("status", {"--list", "captured"}).out)
        == job.status_of("/urls/captured"));
  CHECK(job.call("status", {"--list", "invalid"}).out == "no url\n");
  CHECK(job.call("status", {"--list", "duplicate"}).exit_code == 1);

  // The list can be used as input.
  job.write_urls(missing.out);
  auto next = job.run(
    {"--set", "ledger=next.sluice", "--set", "sinks[0].path=next.jsonl"});
  INFO(next.err);
  CHECK(in_account(next.err, "total") == lines_in(missing.out));
}

TEST_CASE("missing URLs are submitted again if the config says so") {
  auto options = brisk_options();
  options.missing = 0.2;
  brisk_job job{options};
  job.write_config();
  job.write_urls(url_lines(200));
  auto ran = job.run({"--set", "runs.retry_missing=1"});
  INFO(ran.err);
  CHECK(in_account(ran.err, "total") == 200);
  CHECK(in_account(ran.err, "runs") > 10);
  CHECK(in_account(ran.err, "runs") < 20);
  CHECK(in_account(ran.err, "captured") == job.captures().urls.size());
}

TEST_CASE("held batches are resolved and the job continues") {
  brisk_job job{deaf_api()};
  job.write_config();
  job.write_urls(url_lines(60));
  auto first = job.run();
  INFO(first.err);
  auto held = job.status_of("/urls/held");
  REQUIRE(held >= 20);
  CHECK_THAT(first.err, Catch::Contains("sluice resolve"));
  auto list = job.call("resolve");
  CHECK(list.exit_code == 0);
  CHECK_THAT(list.out, Catch::Contains("batch 1, 20 URLs"));

  SECTION("given up, so its URLs have failed") {
    CHECK(job.call("resolve", {"1", "abandon"}).exit_code == 0);
    CHECK(job.status_of("/urls/failed") == 20);
    CHECK(job.status_of("/urls/held") == held - 20);
    CHECK(job.status_of("/urls/total") == 60);
  }
  SECTION(
    "submitted again, and nothing is paid for twice as there was no run") {
    for (auto round = 0; round < 40; ++round) {
      CHECK(job.call("resolve", {"--all", "resubmit"}).exit_code == 0);
      if (job.run().exit_code == 0)
        break;
    }
    CHECK(job.status_of("/urls/captured") == 60);
    CHECK(job.status_of("/exit_code") == 0);
    CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
    CHECK(job.captures().lines == 60);
  }
  SECTION("an impossible decision is refused and changes nothing") {
    for (auto& words :
         std::vector<std::vector<std::string>>{{"99", "abandon"},
                                               {"x", "abandon"},
                                               {"1", "adopt"},
                                               {"1", "forget"},
                                               {"1", "abandon", "now"},
                                               {"--all", "adopt", "run_1"},
                                               {"--all"}}) {
      auto refused = job.call("resolve", words);
      INFO(refused.err);
      CHECK(refused.exit_code == 1);
    }
    CHECK(job.status_of("/urls/held") == held);
  }
}

TEST_CASE("a run that the API does not know is not adopted") {
  brisk_job job{deaf_api()};
  job.write_config();
  job.write_urls(url_lines(20));
  (void)job.run();
  auto held = job.status_of("/urls/held");
  REQUIRE(held > 0);
  auto batch = json_number(job.call("status", {"--json"}).out, "/held/0/batch");
  auto refused = program_result{};
  for (auto round = 0; round < 30; ++round) {
    refused =
      job.call("resolve", {std::to_string(batch), "adopt", "run_unknown"});
    CHECK(refused.exit_code != 0);
    if (refused.exit_code == 1)
      break;
  }
  CHECK_THAT(refused.err, Catch::Contains("does not know run run_unknown"));
  CHECK(job.status_of("/urls/held") == held);
}

TEST_CASE("status and resolve work while the job runs") {
  auto options = deaf_api();
  options.run_seconds = 300;
  brisk_job job{options};
  job.write_config();
  job.write_urls(url_lines(100));
  program running{job.command()};
  uint64_t held = 0;
  for (auto tries = 0; tries < 300 && running.running() && held == 0; ++tries) {
    std::this_thread::sleep_for(20ms);
    auto status = job.call("status", {"--json"});
    if (status.exit_code == 0)
      held = json_number(status.out, "/urls/held");
  }
  REQUIRE(held > 0);
  auto second = job.run();
  auto decided = job.call("resolve", {"--all", "resubmit"});
  INFO(decided.err);
  CHECK(decided.exit_code == 0);
  CHECK(second.exit_code == 5);
  running.signal(SIGINT);
  CHECK(running.wait().exit_code == 4);
  CHECK(job.status_of("/urls/total") == 100);
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
}
