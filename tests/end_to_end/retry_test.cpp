// URLs of a finished job that are submitted again, with a kill in the middle.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct unlucky_job : slow_job {
  unlucky_job() : slow_job{unlucky()} {}

  static simulator_options unlucky() {
    auto options = slower();
    options.missing = 0.1;
    options.failing = 0.4;
    return options;
  }

  /// Kills the program as soon as the API has a request that it does not
  /// answer.
  void kill_while_submitting(const std::vector<std::string>& arguments) const {
    pause_answers(3'600);
    program running{command(arguments)};
    for (auto tries = 0; tries < 3'000 && running.running(); ++tries) {
      if (api().waiting() > 0)
        break;
      std::this_thread::sleep_for(5ms);
    }
    CHECK(api().waiting() > 0);
    running.signal(SIGKILL);
    running.wait();
    pause_answers(0);
  }

  [[nodiscard]] uint64_t in_round(int round, const std::string& state) const {
    return status_of("/rounds/" + std::to_string(round) + "/urls/" + state);
  }
};

} // namespace

TEST_CASE_METHOD(
  unlucky_job,
  "a retry that is killed and started again neither loses nor doubles a URL") {
  auto first = run();
  INFO(first.err);
  REQUIRE(first.exit_code == 3);
  auto missing = in_account(first.err, "missing");
  auto failed = in_account(first.err, "failed");
  auto captured = in_account(first.err, "captured");
  REQUIRE(missing > 0);
  REQUIRE(failed > 0);
  CHECK_THAT(first.err, Catch::Contains("--retry failed`"));

  // If an error prevents the start, no retry is begun.
  std::filesystem::rename(file("captures.jsonl"), file("away"));
  CHECK(run({"--retry", "missing,failed"}).exit_code == 5);
  CHECK(status_of("/urls/pending") == 0);
  std::filesystem::rename(file("away"), file("captures.jsonl"));

  kill_while_submitting({"--retry", "missing,failed"});
  CHECK(in_round(1, "total") == missing + failed);
  // It continues without the flag, even if the lists have changed.
  write_urls(url_lines(all_urls + 1));
  program interrupted{command()};
  REQUIRE(interrupted.says("Retry 1 continues: "));
  interrupted.signal(SIGTERM);
  auto stopped = interrupted.wait();
  CHECK(stopped.exit_code == 4);
  CHECK_THAT(stopped.err, Catch::Contains("lists_changed"));

  auto second = run({"--retry", "missing,failed"});
  INFO(second.err);
  CHECK(second.exit_code == 3);
  CHECK_THAT(second.err, Catch::Contains("Retry 1 continues: ")
                           && Catch::Contains("of its URLs are pending; at "
                                              "most")
                           && Catch::Contains("No further URL is submitted "
                                              "again"));
  check_account(*this, second, all_urls);

  CHECK(in_round(0, "captured") == captured);
  CHECK(in_round(0, "missing") == missing);
  CHECK(in_round(0, "failed") == failed);
  CHECK(in_round(1, "total") == missing + failed);
  CHECK(in_round(1, "pending") == 0);
  auto held = in_round(1, "held");
  CHECK(held > 0);
  CHECK(in_round(1, "captured") > 0);
  CHECK(in_account(second.err, "captured")
        == captured + in_round(1, "captured"));
  auto sent = in_stats(api(), "/urls_submitted");
  CHECK(sent <= all_urls + missing + failed);
  CHECK(sent + held >= all_urls + missing + failed);
  auto got = captures();
  CHECK(got.by_id.size() == got.lines);
  CHECK(got.urls.size() == in_account(second.err, "captured"));

  // It is finished. The next one is another round and reports what it buys.
  auto third = run({"--retry", "failed"});
  INFO(third.err);
  if (auto left = in_account(second.err, "failed"); left > 0) {
    CHECK_THAT(third.err,
               Catch::Contains("Submits " + std::to_string(left) + " URL"));
    CHECK(in_round(2, "total") == left);
  }
  CHECK(in_account(third.err, "held") == held);
}

TEST_CASE_METHOD(
  unlucky_job,
  "URLs that cannot be submitted again are refused and nothing is created") {
  auto begun = run({"--retry", "missing"});
  CHECK(begun.exit_code == 1);
  CHECK_THAT(begun.err, Catch::Contains("has not begun"));
  CHECK_FALSE(std::filesystem::exists(file("job.sluice")));
  for (auto* kinds : {"held", "missing,,failed", ""}) {
    auto refused = run({"--retry", kinds});
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, Catch::Contains("cannot be submitted again"));
  }
  CHECK(run({"--retry", "missing", "--again"}).exit_code == 1);
  CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE("a retry that runs.max_credits does not allow is not begun") {
  auto options = brisk_options();
  options.missing = 0.5;
  job_fixture job{options};
  job.write_config();
  job.write_urls(url_lines(40));
  auto first = job.run();
  INFO(first.err);
  auto captured = in_account(first.err, "captured");
  auto missing = in_account(first.err, "missing");
  REQUIRE(captured > 0);
  REQUIRE(missing > 1);
  auto retry = [&](uint64_t credits) {
    return job.run({"--retry", "missing", "--set",
                    "runs.max_credits=" + std::to_string(credits)});
  };

  auto refused = retry(captured); // what the job has cost
  INFO(refused.err);
  CHECK(refused.exit_code == 3);
  CHECK_THAT(refused.err, Catch::Contains("does not cover another run")
                            && Catch::EndsWith("; nothing is submitted "
                                               "again\n")
                            && !Catch::Contains("Submits "));
  CHECK(job.status_of("/urls/missing") == missing);
  CHECK(job.status_of("/urls/pending") == 0);
  CHECK(in_stats(job.api(), "/urls_submitted") == 40);

  auto begun = retry(captured + 1);
  INFO(begun.err);
  CHECK_THAT(begun.err, Catch::Contains("Submits " + std::to_string(missing)
                                        + " URLs again"));
  CHECK(in_stats(job.api(), "/urls_submitted") > 40);
}
