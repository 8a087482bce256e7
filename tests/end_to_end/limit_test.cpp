// Limits on the submits of a start: `run --limit` and `runs.max_credits`.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

namespace {

constexpr size_t all_urls = 100;

struct limited_job : job_fixture {
  limited_job() {
    write_urls(url_lines(all_urls));
    write_config();
  }

  [[nodiscard]] uint64_t submitted() const {
    return in_stats(api(), "/urls_submitted");
  }

  /// Exactly the first `count` URLs of the list are captured.
  void check_captured(size_t count) const {
    auto got = captures();
    CHECK(got.lines == count);
    CHECK(got.urls.size() == count);
    CHECK(submitted() == count);
    CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  }
};

} // namespace

TEST_CASE_METHOD(
  limited_job,
  "a start with a limit submits that many URLs and the next one continues") {
  auto first = run({"--limit", "30"});
  INFO(first.err);
  CHECK(first.exit_code == 3);
  check_captured(30);
  CHECK(in_account(first.err, "pending") == 70);
  CHECK(in_account(first.err, "total") == all_urls);
  CHECK_THAT(first.err,
             Contains("  pending: this start has submitted its 30 URLs "
                      "(--limit). To continue, run `sluice run "
                      + file("job.yaml").string()
                      + "` again, with another --limit or without one; ")
               && Catch::EndsWith("sluice: this start has submitted its 30 "
                                  "URLs (--limit)\n"));
  CHECK_THAT(first.err, Contains("limit_reached: this start has submitted")
                          || Contains("\"limit_reached\""));
  CHECK(status_of("/exit_code") == 4);
  CHECK(run({"--limit", "1"}).exit_code == 3);
  check_captured(31);
  auto last = run({"--limit", "69"});
  INFO(last.err);
  CHECK(last.exit_code == 0);
  check_captured(all_urls);
}

TEST_CASE_METHOD(limited_job, "a limit is a positive number of URLs") {
  for (auto wrong : {"0", "-1", "+1", "1e3", "0x10", "1.5", "", "many"}) {
    auto result = run({"--limit", wrong});
    INFO(wrong << ": " << result.err);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains("--limit"));
  }
  CHECK(submitted() == 0);
}

TEST_CASE_METHOD(limited_job, "a rehearsal obeys a limit") {
  auto result = run({"--simulate", "--speed", "600", "--limit", "30"});
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK(in_account(result.err, "captured") == 30);
  CHECK_THAT(result.err, Contains("pending: this start has submitted its 30 "
                                  "URLs (--limit); this was a rehearsal"));
  CHECK(submitted() == 0);
}

TEST_CASE_METHOD(limited_job, "a job stops before it exceeds its credit limit "
                              "and continues when it is raised") {
  auto with = [](const std::string& credits) {
    return std::vector<std::string>{"--set", "runs.max_credits=" + credits};
  };
  auto first = run(with("50"));
  INFO(first.err);
  CHECK(first.exit_code == 3);
  check_captured(50);
  CHECK_THAT(
    first.err,
    Contains("  pending: runs.max_credits (50) does not cover another run: the "
             "job has cost up to 50 credits. To continue, run `sluice run "));
  CHECK_THAT(first.err, Contains(call("status", with("50")).out)
                          && Contains("with a larger runs.max_credits; "));
  auto more = with("50");
  more.emplace_back("--json");
  auto json = call("status", more).out;
  CHECK(json_number(json, "/exit_code") == 3);
  CHECK(json_number(json, "/credit_limit/most") == 50);
  CHECK_THAT(json, Contains("\"committed\":50"));
  CHECK(run(with("50")).exit_code == 3);
  check_captured(50);
  CHECK(run(with("1000")).exit_code == 0);
  check_captured(all_urls);
}

TEST_CASE_METHOD(
  slow_job,
  "a kill during a limited start pays for nothing twice and loses nothing") {
  constexpr auto limit = "150"; // in the middle of a batch
  {
    program running{command({"--limit", limit})};
    wait_for_captures(running);
    running.signal(SIGKILL);
    running.wait();
  }
  CHECK(in_stats(api(), "/urls_submitted") <= 150);
  auto result = run({"--limit", limit});
  INFO(result.err);
  CHECK(in_stats(api(), "/urls_submitted") <= 300);
  result = run();
  INFO(result.err);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  CHECK(in_account(result.err, "captured") + in_account(result.err, "held")
        == slow_job::all_urls);
  auto got = captures();
  CHECK(got.lines == in_account(result.err, "captured"));
  CHECK(got.by_id.size() == got.lines);
}
