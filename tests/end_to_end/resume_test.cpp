// A job that is interrupted and run again, in every way a user may do so.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

struct interrupted_job : slow_job {
  /// The job ends with each capture delivered once. Batches whose submit was
  /// cut off are held and were never sent again.
  void check_ends() const {
    auto result = run();
    INFO(result.err);
    auto held = in_account(result.err, "held");
    auto captured = in_account(result.err, "captured");
    CHECK(result.exit_code == (held > 0 ? 3 : 0));
    CHECK(captured + held == all_urls);
    check_account(*this, result, all_urls);
    auto got = captures();
    CHECK(got.lines == captured);
    CHECK(got.by_id.size() == captured);
    CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  }

  /// Runs a printed command like a user who copies it.
  [[nodiscard]] program_result shell(const std::string& printed) const {
    auto input = command();
    input.executable = "/bin/sh";
    auto folder = std::filesystem::path{SLUICE_PROGRAM}.parent_path().string();
    input.arguments = {"-c", "PATH=" + folder + ":$PATH; " + printed};
    return run_program(input);
  }
};

/// The part of `text` after `before`, up to the next backtick.
std::string printed_after(const std::string& text, const std::string& before) {
  auto begin = text.find(before);
  REQUIRE(begin != std::string::npos);
  begin += before.size();
  return text.substr(begin, text.find('`', begin) - begin);
}

} // namespace

TEST_CASE_METHOD(
  interrupted_job,
  "SIGTERM, SIGINT and SIGHUP stop a job cleanly and it can continue") {
  auto number = GENERATE(SIGTERM, SIGINT, SIGHUP);
  program running{command()};
  wait_for_captures(running);
  running.signal(number);
  auto stopped = running.wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  CHECK(in_account(stopped.err, "held") == 0);
  CHECK(in_account(stopped.err, "pending") > 0);
  CHECK(in_account(stopped.err, "captures") == captures().lines);
  check_account(*this, stopped, all_urls);
  CHECK_THAT(stopped.err,
             Catch::Contains("sluice run " + file("job.yaml").string()));
  check_completes();
}

TEST_CASE_METHOD(interrupted_job,
                 "a printed command acts on the same job for any settings") {
  const std::vector<std::string> set{"--set", "ledger=it's another.sluice",
                                     "--set", "runs.max_concurrent=5"};
  program running{command(set)};
  wait_for_captures(running);
  running.signal(SIGTERM);
  auto stopped = running.wait();
  INFO(stopped.err);
  auto seen = call("status", set);
  CHECK(printed_after(seen.out, "pending: run `")
        == printed_after(stopped.err, "pending: run `"));
  auto listed = shell("sluice status"
                      + printed_after(stopped.err, "pending: run `sluice run")
                      + " --list pending");
  CHECK_THAT(listed.out, Catch::Contains("https://"));
  auto result = shell(printed_after(stopped.err, "pending: run `"));
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == all_urls);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  CHECK_FALSE(std::filesystem::exists(file("job.sluice")));
}

TEST_CASE_METHOD(
  interrupted_job,
  "a printed command names the ledger selected by the environment") {
  write_config("ledger: ${WEEK:-none}.sluice\n");
  auto input = command();
  input.environment["WEEK"] = "week 7";
  program running{input};
  wait_for_captures(running);
  running.signal(SIGTERM);
  auto stopped = running.wait();
  auto printed = printed_after(stopped.err, "pending: run `");
  CHECK_THAT(printed, Catch::EndsWith("--set 'ledger="
                                      + file("week 7.sluice").string() + "'"));
  auto result = shell(printed);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == all_urls);
  CHECK_FALSE(std::filesystem::exists(file("none.sluice")));
}

TEST_CASE_METHOD(interrupted_job,
                 "SIGTERM and SIGHUP wait for the reply to a submit, "
                 "even if they arrive twice at once") {
  auto number = GENERATE(SIGTERM, SIGHUP);
  auto twice = GENERATE(false, true);
  auto running = submitting();
  running->signal(number);
  if (twice) { // `timeout` signals its child, then the whole group
    std::this_thread::sleep_for(5ms);
    running->signal(number);
  }
  std::this_thread::sleep_for(200ms);
  CHECK(running->running());
  pause_answers(0);
  auto stopped = running->wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  CHECK(in_account(stopped.err, "held") == 0);
  CHECK(in_account(stopped.err, "runs") == in_stats(api(), "/runs_created"));
  check_completes();
}

TEST_CASE_METHOD(
  interrupted_job,
  "a second signal ends the process at once and nothing is lost") {
  program running{command()};
  wait_for_captures(running);
  pause_answers(3'600);
  running.signal(SIGINT);
  std::this_thread::sleep_for(600ms);
  auto begun = std::chrono::steady_clock::now();
  running.signal(SIGINT);
  auto ended = running.wait();
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  CHECK(ended.exit_code == 4);
  pause_answers(0);
  check_ends();
}

TEST_CASE_METHOD(interrupted_job, "closing the terminal stops a job in order") {
  if (!program::can_have_terminal())
    return;
  auto input = command();
  input.terminal_columns = 80;
  program running{input};
  wait_for_captures(running);
  running.hang_up();
  CHECK(running.wait().exit_code == 4);
  check_completes();
}

TEST_CASE_METHOD(interrupted_job, "SIGHUP does not stop a job under nohup") {
  auto input = command();
  input.ignores_sighup = true;
  program running{input};
  wait_for_captures(running);
  running.signal(SIGHUP);
  auto ended = running.wait();
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(captures().lines == all_urls);
}

TEST_CASE_METHOD(interrupted_job, "kill -9 loses nothing") {
  stop_midway();
  check_ends();
}

TEST_CASE_METHOD(
  interrupted_job,
  "a finished job repeats its exit code and --again starts a new one") {
  check_completes();
  auto runs = in_stats(api(), "/runs_created");
  auto repeated = run();
  CHECK(repeated.exit_code == 0);
  CHECK_THAT(repeated.err, Catch::Contains("This job is finished"));
  check_account(*this, repeated, all_urls);
  CHECK(in_stats(api(), "/runs_created") == runs);

  // Its captures are not overwritten unless requested.
  auto refused = run({"--again"});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Catch::Contains("already has content")
                            && !Catch::Contains("to continue"));
  // Nothing was done. The finished job is still in place.
  CHECK(status_of("/urls/captured") == all_urls);
  for (auto& entry :
       std::filesystem::directory_iterator{file("job.yaml").parent_path()})
    CHECK(entry.path().extension() != ".old");
  std::filesystem::remove(file("captures.jsonl"));
  auto anew = run({"--again"});
  CHECK(anew.exit_code == 0);
  check_account(*this, anew, all_urls);
  CHECK(captures().lines == all_urls);
  CHECK(in_stats(api(), "/runs_created") == 2 * runs);
}

TEST_CASE_METHOD(interrupted_job,
                 "a setting that changed since the job began is refused") {
  stop_midway();
  auto submits = in_stats(api(), "/requests/submit");
  for (auto& [change, named] : std::vector<std::pair<std::string, std::string>>{
         {"runs.robot=rbt_other", "robot"},
         {"api.base_url=http://127.0.0.1:9", "base"},
         {"api.profile=extralt-v0", "profile"},
         {"sinks[0].path=elsewhere.jsonl", "elsewhere.jsonl"}}) {
    auto result = run({"--set", change});
    INFO(change << "\n" << result.err);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Catch::Contains(named));
    CHECK_THAT(result.err, Catch::Contains("was begun with other settings"));
  }
  CHECK(in_stats(api(), "/requests/submit") == submits);
  CHECK_FALSE(std::filesystem::exists(file("elsewhere.jsonl")));
  check_completes();
}

TEST_CASE_METHOD(interrupted_job,
                 "a second process is refused and the first one continues") {
  program running{command()};
  wait_for_captures(running);
  check_says(5, "in use by another sluice (process "
                  + std::to_string(running.id()) + ")");
  // The ledger is reported even if the port is in use as well.
  auto port = "serve=127.0.0.1:" + std::to_string(api().port());
  CHECK(run({"--set", port}).exit_code == 5);
  CHECK_THAT(call("status").out,
             Catch::Contains("pending: the job is running (process "
                             + std::to_string(running.id()) + ")"));
  CHECK(status_of("/urls/total") == all_urls);
  CHECK(call("resolve").exit_code == 0);
  auto first = running.wait();
  CHECK(first.exit_code == 0);
  check_account(*this, first, all_urls);
  CHECK(captures().lines == all_urls);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(interrupted_job,
                 "a rehearsal does not touch a job in progress") {
  stop_midway();
  auto ledger = content_of(file("job.sluice"));
  auto log = content_of(file("job.sluice-wal"));
  auto size = written();
  auto rehearsal = run({"--simulate", "--speed", "1000"});
  INFO(rehearsal.err);
  CHECK(rehearsal.exit_code == 0);
  CHECK(in_account(rehearsal.err, "captured") == all_urls);
  CHECK(written() == size);
  CHECK(content_of(file("job.sluice")) == ledger);
  CHECK(content_of(file("job.sluice-wal")) == log);
  check_completes();
}
