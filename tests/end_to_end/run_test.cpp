// The program from the outside: a list and a config go in, captures and an
// account come out.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

void require_each_once(const delivered& got, uint64_t expected) {
  CHECK(got.lines == expected);
  CHECK(got.by_id.size() == expected);
}

void require_no_429(const simulator& api) {
  for (auto* kind : {"submit", "status", "page"})
    CHECK(in_stats(api, std::string{"/rate_limited/"} + kind) == 0);
}

/// Waits until the file sink has written something.
void wait_for_captures(const job_fixture& job, program& running) {
  auto file = job.file("captures.jsonl");
  while (running.running()
         && (!std::filesystem::exists(file)
             || std::filesystem::file_size(file) == 0))
    std::this_thread::sleep_for(2ms);
}

} // namespace

TEST_CASE(
  "a list goes in, every capture comes out once, and no request gets a 429") {
  job_fixture job;
  job.write_urls(url_lines(1000));
  job.write_config();
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  require_each_once(job.captures(), 1000);
  CHECK(job.captures().urls.size() == 1000);
  CHECK(in_account(result.err, "captured") == 1000);
  CHECK(in_account(result.err, "total") == 1000);
  require_no_429(job.api());
  CHECK(in_stats(job.api(), "/runs_created") == 50);
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
}

TEST_CASE(
  "invalid lines and duplicates are counted and named but not submitted") {
  job_fixture job;
  job.write_urls("# my list\n\nhttps://a.example/1\nftp://a.example/2\n"
                 "https://a.example/1\n<insert\nhttps://a.example/3\n");
  job.write_config();
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == 2);
  CHECK(in_account(result.err, "invalid") == 2);
  CHECK(in_account(result.err, "duplicate") == 1);
  CHECK(in_account(result.err, "total") == 5);
  CHECK(result.err.find("urls.txt:4:") != std::string::npos);
  CHECK(result.err.find("urls.txt:6:") != std::string::npos);
}

TEST_CASE("the list can come from standard input") {
  job_fixture job;
  job.write_config();
  auto input = job.command({"--set", "input.urls=-"});
  input.standard_input = url_lines(50);
  auto result = run_program(input);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  require_each_once(job.captures(), 50);
}

TEST_CASE("every dialect delivers everything") {
  auto options = brisk_options();
  options.dialect = GENERATE("extralt", "extralt-array", "extralt-v0");
  job_fixture job{options};
  job.write_urls(url_lines(200));
  job.write_config();
  auto result = job.run();
  INFO(options.dialect << '\n' << result.err);
  CHECK(result.exit_code == 0);
  require_each_once(job.captures(), 200);
}

TEST_CASE("a finished job says so and repeats its exit code, and --again "
          "starts a new one") {
  auto options = brisk_options();
  options.missing = 0.2;
  job_fixture job{options};
  job.write_urls(url_lines(100));
  job.write_config();
  CHECK(job.run().exit_code == 3);
  auto runs = in_stats(job.api(), "/runs_created");
  auto again = job.run();
  CHECK(again.exit_code == 3);
  CHECK(again.err.find("finished") != std::string::npos);
  CHECK(in_stats(job.api(), "/runs_created") == runs);
  std::filesystem::remove(job.file("captures.jsonl"));
  CHECK(job.run({"--again"}).exit_code == 3);
  CHECK(in_stats(job.api(), "/runs_created") == 2 * runs);
}

TEST_CASE(
  "a killed process continues with each capture once and no run twice") {
  auto options = brisk_options();
  options.page_size = 7;
  job_fixture job{options};
  job.write_urls(url_lines(1000));
  job.write_config();
  for (auto kill = 0; kill < 3; ++kill) {
    program running{job.command()};
    wait_for_captures(job, running);
    std::this_thread::sleep_for(300ms);
    running.signal(SIGKILL);
    running.wait();
  }
  auto result = job.run();
  INFO(result.err);
  // A submit may have been in progress at a kill, in which case its batch is
  // held.
  auto held = in_account(result.err, "held");
  CHECK(result.exit_code == (held > 0 ? 3 : 0));
  CHECK(in_account(result.err, "total") == 1000);
  CHECK(in_account(result.err, "captured") + held == 1000);
  require_each_once(job.captures(), 1000 - held);
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
}

TEST_CASE(
  "an interrupt stops the job in order and the next start finishes it") {
  job_fixture job;
  job.write_urls(url_lines(1000));
  job.write_config();
  program running{job.command()};
  wait_for_captures(job, running);
  running.signal(SIGINT);
  auto stopped = running.wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  CHECK(stopped.err.find("run again to continue") != std::string::npos);
  CHECK(in_account(stopped.err, "held") == 0);
  CHECK(in_account(stopped.err, "total") == 1000);
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  require_each_once(job.captures(), 1000);
  CHECK(in_stats(job.api(), "/runs_created") == 50);
}

TEST_CASE("a server that stops answering for a while costs only time") {
  job_fixture job;
  job.write_urls(url_lines(1500));
  job.write_config();
  program running{job.command()};
  wait_for_captures(job, running);
  job.pause_answers(1.5);
  auto result = running.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  require_each_once(job.captures(), 1500);
  require_no_429(job.api());
  CHECK(in_account(result.err, "total") == 1500);
}

TEST_CASE(
  "the account adds up and no run is created twice despite all faults") {
  auto options = brisk_options();
  options.requests_per_minute = 0;
  options.page_size = 7;
  options.lost_reply = 0.02;
  options.reset = 0.02;
  options.truncate = 0.03;
  options.html_error = 0.03;
  options.error_500 = 0.02;
  options.error_503 = 0.05;
  options.late_captures = 0.3;
  options.overlap = 0.3;
  options.failing = 0.1;
  options.extra = 0.05;
  job_fixture job{options};
  job.write_urls(url_lines(600));
  job.write_config();
  auto result = job.run();
  // Three ambiguous submits in a row end the submitting, so run again.
  for (auto tries = 0; result.exit_code == 4 && tries < 10; ++tries)
    result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK(in_account(result.err, "total") == 600);
  CHECK(in_account(result.err, "pending") == 0);
  auto got = job.captures();
  CHECK(got.lines == got.by_id.size());
  CHECK(got.lines == in_account(result.err, "captures"));
  CHECK(in_stats(job.api(), "/runs_created_twice") == 0);
  CHECK(in_stats(job.api(), "/urls_submitted_twice") == 0);
}

TEST_CASE("the key never appears at any log level") {
  job_fixture job;
  job.write_urls(url_lines(50));
  job.write_config("log: {level: debug, format: json}\n");
  auto good = job.run();
  CHECK(good.exit_code == 0);
  auto refused = job.command({"--again"});
  std::filesystem::remove(job.file("captures.jsonl"));
  refused.environment["EXTRALT_API_KEY"] = std::string{secret_key} + "x";
  auto bad = run_program(refused);
  CHECK(bad.exit_code == 2);
  for (auto& text : {good.out, good.err, bad.out, bad.err})
    CHECK(text.find(secret_key) == std::string::npos);
  CHECK(content_of(job.file("job.sluice")).find(secret_key)
        == std::string::npos);
}

TEST_CASE("a wrong key stops the job after one request, with a hint") {
  job_fixture job;
  job.write_urls(url_lines(500));
  job.write_config();
  auto input = job.command();
  input.environment["EXTRALT_API_KEY"] = "wrong";
  auto result = run_program(input);
  INFO(result.err);
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("api.key") != std::string::npos);
  CHECK(in_stats(job.api(), "/requests/submit") == 1);
  CHECK(job.run().exit_code == 0);
  require_each_once(job.captures(), 500);
}

TEST_CASE("a URL that the API refuses is found and the others succeed") {
  auto options = brisk_options();
  options.reject_containing = "/item/33";
  job_fixture job{options};
  job.write_urls(url_lines(100));
  job.write_config();
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 3);
  CHECK(in_account(result.err, "rejected") == 1);
  CHECK(in_account(result.err, "captured") == 99);
  require_each_once(job.captures(), 99);
}

TEST_CASE("a job stops early if every URL is refused because the request must "
          "be wrong") {
  auto options = brisk_options();
  options.reject_containing = "/item/";
  job_fixture job{options};
  job.write_urls(url_lines(2000));
  job.write_config();
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 2);
  CHECK(in_stats(job.api(), "/requests/submit") < 20);
}

TEST_CASE("a second process on the same ledger is refused") {
  job_fixture job;
  job.write_urls(url_lines(1000));
  job.write_config();
  program running{job.command()};
  wait_for_captures(job, running);
  auto second = job.run();
  CHECK(second.exit_code == 5);
  CHECK(second.err.find("job.sluice") != std::string::npos);
  running.signal(SIGINT);
  CHECK(running.wait().exit_code == 4);
}

TEST_CASE("a robot that changed since the job began is refused") {
  job_fixture job;
  job.write_urls(url_lines(20));
  job.write_config();
  CHECK(job.run().exit_code == 0);
  auto changed = job.run({"--set", "runs.robot=rbt_other"});
  INFO(changed.err);
  CHECK(changed.exit_code == 1);
  CHECK(changed.err.find("rbt_other") != std::string::npos);
}

TEST_CASE("two jobs with the same key share a bucket") {
  auto options = brisk_options();
  options.max_concurrent = 30;
  job_fixture one{options};
  one.write_urls(url_lines(800));
  one.write_config();
  fill(one.file("two.yaml"),
       one.config_text("ledger: two.sluice\n")
         .replace(one.config_text().find("captures.jsonl"), 14, "two.jsonl"));
  auto second = one.command();
  second.arguments[1] = one.file("two.yaml").string();
  program first_running{one.command()};
  program second_running{second};
  auto first_result = first_running.wait();
  auto second_result = second_running.wait();
  INFO(first_result.err << second_result.err);
  CHECK(first_result.exit_code == 0);
  CHECK(second_result.exit_code == 0);
  require_no_429(one.api());
  CHECK_THAT(one.call("why").out,
             Catch::EndsWith("The rate limit is shared with\n  "
                             + one.file("two.yaml").string() + "\n"));
}
