// What a timer's job needs around it: a look before it starts, its turn behind
// the last one, and word of how it ended.

#include "core/ledger/ledger_lock.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <httplib.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <set>
#include <thread>
#include <utility>

using namespace sluice;
using namespace sluice::test;

namespace {

struct fixture : slow_job {
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (auto& entry :
         std::filesystem::directory_iterator{file("urls.txt").parent_path()})
      names.insert(entry.path().filename());
    return names;
  }

  /// A program for `notify` that keeps what it is told in the file `told`.
  void write_listener(const std::string& after = {}) const {
    fill(file("listen"), "#!/bin/sh\ncat > '" + file("told").string()
                           + "'\necho heard\n" + after + "\n");
    std::filesystem::permissions(file("listen"),
                                 std::filesystem::perms::owner_all);
  }
};

/// A webhook's receiver that answers when it is told to.
class slow_receiver {
public:
  slow_receiver() {
    server_.Post("/", [this](const auto&, auto&) {
      if (!is_asked_.exchange(true))
        asked_.set_value();
      released_.wait();
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread{[this] { server_.listen_after_bind(); }};
  }

  ~slow_receiver() {
    answer();
    server_.stop();
    thread_.join();
  }

  [[nodiscard]] std::string sink() const {
    return "  - {type: webhook, url: \"http://127.0.0.1:"
           + std::to_string(port_) + "/\"}\n";
  }

  /// False when none came within a minute.
  [[nodiscard]] bool has_delivery() {
    return asked_.get_future().wait_for(std::chrono::minutes{1})
           == std::future_status::ready;
  }

  void answer() {
    if (!is_released_.exchange(true))
      release_.set_value();
  }

private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::promise<void> asked_;
  std::promise<void> release_;
  std::shared_future<void> released_{release_.get_future()};
  std::atomic<bool> is_asked_ = false;
  std::atomic<bool> is_released_ = false;
};

/// That of a server which has ended.
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

TEST_CASE_METHOD(fixture, "check --online finds a wrong key and a dead "
                          "webhook at once, and makes nothing") {
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

TEST_CASE_METHOD(fixture, "check --online is content with a job that can run") {
  auto result = call("check", {"--online"});
  INFO(result.out << result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out, Catch::Contains("ok       api.key: ")
                           && Catch::Contains("  the clock: ")
                           && Catch::Contains("warning  runs.robot: cannot")
                           && Catch::Contains("job.yaml: ok\n"));
  CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE("check --online knows a robot by its runs, where the API lists "
          "them") {
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

TEST_CASE_METHOD(fixture, "run --wait takes its turn when the process that "
                          "runs the job ends, or is told to end itself") {
  program first{command()};
  wait_for_captures(first);
  // However long the tests below take, the job does not end meanwhile.
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
  // A submit may have met the silence.
  CHECK(result.exit_code == (in_account(result.err, "held") > 0 ? 3 : 0));
  CHECK(count_of(result.err, "Waiting for process") == 1);
  check_account(*this, result, all_urls);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(fixture, "run --wait says for which process it waits, also "
                          "when that changes") {
  write_urls(url_lines(20));
  auto ours = ledger_lock::take(file("job.sluice"));
  REQUIRE(ours);
  program waiting{command({"--wait"})};
  REQUIRE(waiting.says("Waiting for process " + std::to_string(::getpid())));
  fill(file("job.sluice.lock"), "77\n");
  REQUIRE(waiting.says("Waiting for process 77,"));
  static_cast<void>(ledger_lock{std::move(*ours)}); // lets it go
  auto result = waiting.wait();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(count_of(result.err, "Waiting for process") == 2);
}

TEST_CASE_METHOD(fixture, "run --wait refuses a ledger that a new job left, "
                          "and makes nothing") {
  auto before = files();
  auto result = run({"--wait", "--set", "ledger=job.sluice.1764547200.old"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains("that was left for a new one"));
  CHECK(files() == before);
}

TEST_CASE_METHOD(fixture, "a program is told how the job ended, when it wants "
                          "to know") {
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
  // What the program says and that it fails is told, and changes nothing.
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Catch::Contains("\nheard\n")
                           && Catch::Contains("notify_failed")
                           && Catch::Contains("exit code 7"));
  CHECK_THAT(content_of(file("told")), Catch::Contains(R"("on":["done"])"));
  CHECK(result.out.empty());
}

TEST_CASE_METHOD(fixture, "a signal ends the program that is told of the end, "
                          "and changes no exit code") {
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

TEST_CASE_METHOD(fixture, "a job that is finished when it stops has the exit "
                          "code of a finished one") {
  slow_receiver hook;
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

TEST_CASE_METHOD(fixture, "nobody is told of a rehearsal, of a job that was "
                          "over before, or of an end that is of no interest") {
  write_config("notify: {command: [./listen], on: [incomplete, stopped]}\n");
  write_listener();
  write_urls(url_lines(20));
  CHECK(run({"--simulate"}).exit_code == 0);
  CHECK(run().exit_code == 0);
  CHECK(run().exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(file("told")));
}

TEST_CASE_METHOD(fixture, "check finds a program to be told that is not "
                          "there") {
  write_config("notify: {command: [./missing]}\n");
  auto result = call("check");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err,
             Catch::Contains("notify.command: '" + file("missing").string()
                             + "' is not an executable file"));
}
