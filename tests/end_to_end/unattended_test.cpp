// What a scheduled job needs: a check before it starts, a wait for the previous
// one to end, and a notification of how it ended.

#include "core/ledger/ledger_lock.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

using namespace sluice;
using namespace sluice::test;

namespace {

struct unattended_job : slow_job {
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (auto& entry :
         std::filesystem::directory_iterator{file("urls.txt").parent_path()})
      names.insert(entry.path().filename());
    return names;
  }

  /// A program for `notify` that writes its input to the file `told`.
  void write_listener(const std::string& after = {}) const {
    fill(file("listen"), "#!/bin/sh\ncat > '" + file("told").string()
                           + "'\necho heard\n" + after + "\n");
    std::filesystem::permissions(file("listen"),
                                 std::filesystem::perms::owner_all);
  }
};

/// A webhook receiver that answers when told to.
class blocked_receiver {
public:
  blocked_receiver() {
    server_.Post("/", [this](const auto&, auto&) {
      std::unique_lock lock{mutex_};
      is_asked_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return answers_; });
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }

  ~blocked_receiver() {
    answer();
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string sink() const {
    return "  - {type: webhook, url: \"http://127.0.0.1:"
           + std::to_string(port_) + "/\"}\n";
  }

  /// False if none arrived within a minute.
  [[nodiscard]] bool has_delivery() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::minutes{1},
                             [this] { return is_asked_; });
  }

  void answer() {
    std::lock_guard lock{mutex_};
    answers_ = true;
    changed_.notify_all();
  }

  /// Waits again, as in the beginning.
  void hold() {
    std::lock_guard lock{mutex_};
    answers_ = false;
    is_asked_ = false;
  }

private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_asked_ = false;
  bool answers_ = false;
};

/// The port of a server that has ended.
std::string port_of_nobody() {
  simulator ended{brisk_options()};
  if (auto err = ended.start())
    throw std::runtime_error(what_of(err));
  return std::to_string(ended.port());
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

} // namespace

TEST_CASE_METHOD(unattended_job,
                 "check --online finds a wrong key and a dead webhook "
                 "at once and creates nothing") {
  auto port = port_of_nobody();
  write_config("  - {type: webhook, url: \"http://127.0.0.1:" + port
               + "/\", dead_letter: gone/refused.jsonl}\n");
  auto before = files();
  auto input = command({"--online"});
  input.arguments[0] = "check";
  input.environment["EXTRALT_API_KEY"] = "sk-of-somebody-else";
  auto result = run_program(input);
  INFO(result.out << result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.out,
             Catch::Contains("failure  api.key: HTTP 401")
               && Catch::Contains("failure  sinks[1] (webhook-1): no "
                                  "connection to 127.0.0.1:"
                                  + port)
               && Catch::Contains("failure  sinks[1].dead_letter: ")
               && Catch::Contains("ok       input.urls: 1 list can be read")
               && Catch::Contains("ok       ledger: ")
               && !Catch::Contains("job.yaml: ok"));
  CHECK(result.err.empty());
  CHECK(files() == before);
  CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE_METHOD(unattended_job, "check --online accepts a job that can run") {
  auto result = call("check", {"--online"});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("ok       api.key: ")
                           && Catch::Contains("  the clock: ")
                           && Catch::Contains("warning  runs.robot: unknown")
                           && Catch::Contains("job.yaml: ok\n"));
  CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE(
  "check --online recognises a robot by its runs if the API lists them") {
  auto options = brisk_options();
  options.list_runs = "ids";
  job_fixture job{options};
  job.write_config();
  job.write_urls(url_lines(20));
  fill(job.file("listing.yaml"),
       "extends: extralt\n"
       "find: {path: /runs, items: [/items], id: [/_id], robot: [/robotId]}\n");
  std::vector<std::string> set{"--set", "api.profile=./listing.yaml"};
  auto online = set;
  online.push_back("--online");
  CHECK_THAT(job.call("check", online).out,
             Catch::Contains("warning  robot rbt_test: unknown"));
  CHECK(job.run(set).exit_code == 0);
  CHECK_THAT(job.call("check", online).out,
             Catch::Contains("ok       robot rbt_test: the API has runs"));
}

TEST_CASE_METHOD(unattended_job,
                 "run --wait takes its turn when the process running "
                 "the job ends, and stops on a signal") {
  program first{command()};
  wait_for_captures(first);
  // Keeps the job from ending while the tests below run.
  pause_answers(3'600);
  program second{command({"--wait"})};
  REQUIRE(second.says("Waiting for process " + std::to_string(first.id())));
  for (auto number : {SIGTERM, SIGINT, SIGHUP}) {
    program third{command({"--wait"})};
    REQUIRE(third.says("Waiting for process "));
    third.signal(number);
    auto ended = third.wait();
    INFO(ended.err);
    CHECK(ended.exit_code == 4);
    CHECK(count_of(ended.err, "Waiting for process") == 1);
  }
  first.signal(SIGINT);
  REQUIRE(first.says("stopping"));
  pause_answers(0);
  CHECK(first.wait().exit_code == 4);
  auto result = second.wait();
  INFO(result.err);
  // A submit may have been sent while the API was silent.
  CHECK(result.exit_code == (in_account(result.err, "held") > 0 ? 3 : 0));
  CHECK(count_of(result.err, "Waiting for process") == 1);
  check_account(*this, result, all_urls);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(
  unattended_job,
  "run --wait names the process that it waits for, and a later one") {
  write_urls(url_lines(20));
  auto ours = ledger_lock::take(file("job.sluice"));
  REQUIRE(ours);
  program waiting{command({"--wait"})};
  REQUIRE(waiting.says("Waiting for process " + std::to_string(::getpid())));
  fill(file("job.sluice.lock"), "77\n");
  REQUIRE(waiting.says("Waiting for process 77,"));
  static_cast<void>(ledger_lock{std::move(*ours)}); // releases the ledger
  auto result = waiting.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(count_of(result.err, "Waiting for process") == 2);
}

TEST_CASE_METHOD(
  unattended_job,
  "run --wait refuses a ledger that a new job superseded and creates nothing") {
  auto before = files();
  auto result = run({"--wait", "--set", "ledger=job.sluice.1764547200.old"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains("that a new one has replaced"));
  CHECK(files() == before);
}

TEST_CASE_METHOD(
  unattended_job,
  "a notify program learns how the job ended if that ending is selected") {
  write_config("notify: {command: [./listen]}\n");
  write_listener("exit 7");
  stop_midway();
  auto told = content_of(file("told"));
  CHECK(json_number(told, "/ended/exit_code") == 4);
  CHECK_THAT(told, Catch::Contains(R"("on":["stopped"])")
                     && Catch::Contains("interrupted"));
  CHECK(json_number(told, "/urls/total") == all_urls);
  auto result = run();
  INFO(result.err);
  // The program's output and failure are reported but do not affect the job.
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Catch::Contains("\nheard\n")
                           && Catch::Contains("notify_failed")
                           && Catch::Contains("exit code 7"));
  CHECK_THAT(content_of(file("told")), Catch::Contains(R"("on":["done"])"));
  CHECK(result.out.empty());
}

TEST_CASE_METHOD(
  unattended_job,
  "a signal ends the notify program and does not change the exit code") {
  write_config("notify: {command: [./listen]}\n");
  write_listener("exec sleep 1000");
  write_urls(url_lines(20));
  program running{command()};
  REQUIRE(running.says("heard"));
  running.signal(SIGTERM);
  auto result = running.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Catch::Contains("notify_failed")
                           && Catch::Contains("cancelled and was killed"));
}

TEST_CASE_METHOD(
  unattended_job,
  "a job that finishes while it stops has the exit code of a finished one") {
  blocked_receiver hook;
  write_config(hook.sink());
  write_urls(url_lines(20));
  program running{command()};
  REQUIRE(hook.has_delivery());
  running.signal(SIGTERM);
  REQUIRE(running.says("stopping"));
  hook.answer();
  auto result = running.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, !Catch::Contains("run again to continue"));
}

TEST_CASE("a retry that is finished when it stops has the exit code of a "
          "finished job") {
  auto options = slow_job::slower();
  options.failing = 1; // half of a run's URLs are captured, the others fail
  slow_job job{options};
  blocked_receiver hook;
  job.write_config(hook.sink());
  job.write_urls(url_lines(20));
  hook.answer();
  CHECK(job.run().exit_code == 3);
  hook.hold();
  program running{job.command({"--retry", "failed"})};
  REQUIRE(hook.has_delivery());
  running.signal(SIGTERM);
  REQUIRE(running.says("stopping"));
  hook.answer();
  auto result = running.wait();
  INFO(result.err);
  CHECK(result.exit_code == 3);
  // URLs that this retry leaves are for another retry, which nobody requested.
  CHECK(in_account(result.err, "failed") > 0);
  CHECK_THAT(result.err, !Catch::Contains("run again to continue"));
}

TEST_CASE_METHOD(unattended_job,
                 "no notification is sent for a rehearsal, a job "
                 "already finished or an unselected ending") {
  write_config("notify: {command: [./listen], on: [incomplete, stopped]}\n");
  write_listener();
  write_urls(url_lines(20));
  CHECK(run({"--simulate"}).exit_code == 0);
  CHECK(run().exit_code == 0);
  CHECK(run().exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(file("told")));
}

TEST_CASE_METHOD(unattended_job,
                 "check reports a notify program that does not exist") {
  write_config("notify: {command: [./missing]}\n");
  auto result = call("check");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err,
             Catch::Contains("notify.command: '" + file("missing").string()
                             + "' is not an executable file"));
}
