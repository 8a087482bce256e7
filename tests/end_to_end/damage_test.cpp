// What goes wrong around the program: signals, ledgers and files that are not
// what they were. Always a clear error, the right exit code, nothing lost, and
// the job goes on when the cause is gone.

#include "tests/end_to_end/job_fixture.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t all_urls = 400;

simulator_options slower() {
  auto options = brisk_options();
  options.run_seconds = 30;
  options.requests_per_minute = 0;
  return options;
}

struct fixture : job_fixture {
  fixture() : job_fixture{slower()} {
    write_config();
    write_urls(url_lines(all_urls));
  }

  [[nodiscard]] uint64_t written() const {
    std::error_code failed;
    auto size = std::filesystem::file_size(file("captures.jsonl"), failed);
    return failed ? 0 : size;
  }

  /// Starts the job and waits until some captures are in the file.
  void wait_for_captures(program& running) const {
    for (auto tries = 0; tries < 3'000 && running.running(); ++tries) {
      if (written() > 0)
        return;
      std::this_thread::sleep_for(5ms);
    }
    FAIL("no capture came: " << running.errors());
  }

  /// Stops the job in its middle, in order: nothing is left in flight.
  void stop_midway() const {
    program running{command()};
    wait_for_captures(running);
    running.signal(SIGTERM);
    CHECK(running.wait().exit_code == 4);
  }

  /// The job ends well, with every capture once.
  void check_completes() const {
    auto result = run();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(in_account(result.err, "captured") == all_urls);
    CHECK(in_account(result.err, "total") == all_urls);
    auto got = captures();
    CHECK(got.lines == all_urls);
    CHECK(got.by_id.size() == all_urls);
    CHECK(in_stats(api(), "/runs_created_twice") == 0);
    CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  }

  void check_refused(int exit_code, const std::string& text) const {
    auto result = run();
    INFO(result.err);
    CHECK(result.exit_code == exit_code);
    CHECK_THAT(result.err, Catch::Contains(text));
  }

  void execute(const std::string& name, const char* sql) const {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file(name).c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "SIGTERM and SIGINT stop in order, resumably") {
  auto number = GENERATE(SIGTERM, SIGINT);
  program running{command()};
  wait_for_captures(running);
  running.signal(number);
  auto stopped = running.wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  CHECK(in_account(stopped.err, "total") == all_urls);
  CHECK(in_account(stopped.err, "held") == 0);
  CHECK_THAT(stopped.err, Catch::Contains("sluice run "));
  check_completes();
}

TEST_CASE_METHOD(fixture, "a second signal ends at once; nothing is lost") {
  program running{command()};
  wait_for_captures(running);
  pause_answers(20);
  running.signal(SIGINT);
  std::this_thread::sleep_for(200ms);
  auto begun = std::chrono::steady_clock::now();
  running.signal(SIGINT);
  auto ended = running.wait();
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  CHECK(ended.exit_code != 0);
  pause_answers(0);
  auto result = run();
  INFO(result.err);
  // A submit may have been cut off: it is held, never sent again.
  CHECK((result.exit_code == 0 || result.exit_code == 3));
  CHECK(in_account(result.err, "captured") + in_account(result.err, "held")
        == all_urls);
  CHECK(captures().lines == in_account(result.err, "captured"));
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(fixture, "an output file that somebody shortened") {
  stop_midway();
  auto whole = file("whole.jsonl");
  std::filesystem::copy_file(file("captures.jsonl"), whole);
  std::filesystem::resize_file(file("captures.jsonl"), 10);
  check_refused(5, "somebody shortened it");
  std::filesystem::rename(whole, file("captures.jsonl"));
  check_completes();
}

TEST_CASE_METHOD(fixture, "an output file that is gone") {
  stop_midway();
  std::filesystem::rename(file("captures.jsonl"), file("moved.jsonl"));
  check_refused(5, "is gone");
  CHECK_FALSE(std::filesystem::exists(file("captures.jsonl")));
  std::filesystem::rename(file("moved.jsonl"), file("captures.jsonl"));
  check_completes();
}

TEST_CASE_METHOD(fixture, "an output file that another process has locked") {
  stop_midway();
  auto descriptor = ::open(file("captures.jsonl").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(descriptor, LOCK_EX) == 0);
  check_refused(5, "captures.jsonl");
  ::close(descriptor);
  check_completes();
}

TEST_CASE_METHOD(fixture, "an output file that was there before the job") {
  std::ofstream{file("captures.jsonl")} << "mine\n";
  auto refused = run();
  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.err, Catch::Contains("exists"));
  std::ifstream in{file("captures.jsonl")};
  std::string line;
  CHECK(std::getline(in, line));
  CHECK(line == "mine");
  CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE_METHOD(fixture, "a ledger that cannot be used is left as it is") {
  auto before = [&] {
    return std::filesystem::exists(file("job.sluice"))
             ? std::filesystem::file_size(file("job.sluice"))
             : 0;
  };
  SECTION("another program's database") {
    execute("job.sluice", "CREATE TABLE theirs (x); INSERT INTO theirs "
                          "VALUES (1)");
    auto size = before();
    check_refused(5, "another program");
    CHECK(before() == size);
  }
  SECTION("no database at all") {
    std::ofstream{file("job.sluice")} << std::string(8'192, 'x');
    check_refused(5, "job.sluice");
    CHECK(before() == 8'192);
  }
  SECTION("a folder") {
    std::filesystem::create_directory(file("job.sluice"));
    check_refused(5, "job.sluice");
  }
  SECTION("a newer format") {
    stop_midway();
    execute("job.sluice", "PRAGMA user_version = 99");
    check_refused(5, "a newer sluice wrote it");
    execute("job.sluice", "PRAGMA user_version = 2");
    check_completes();
  }
  SECTION("damaged in its middle") {
    stop_midway();
    execute("job.sluice", "PRAGMA wal_checkpoint(TRUNCATE)");
    auto copy = file("copy.sluice");
    std::filesystem::copy_file(file("job.sluice"), copy);
    {
      std::fstream raw{file("job.sluice"),
                       std::ios::in | std::ios::out | std::ios::binary};
      raw.seekp(100);
      raw << std::string(before() - 100, '\x5A');
    }
    auto result = run();
    INFO(result.err);
    CHECK(result.exit_code == 5);
    CHECK_THAT(result.err, Catch::Contains("job.sluice"));
    std::filesystem::rename(copy, file("job.sluice"));
    check_completes();
  }
  if (!std::filesystem::exists(file("captures.jsonl")))
    CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE_METHOD(fixture, "what changed since the job began is refused") {
  stop_midway();
  auto submits = in_stats(api(), "/requests/submit");
  for (auto& change : std::vector<std::pair<std::string, std::string>>{
         {"runs.robot=rbt_other", "robot"},
         {"api.base_url=http://127.0.0.1:9", "base"},
         {"api.profile=extralt-v0", "profile"},
         {"sinks[0].path=elsewhere.jsonl", "elsewhere.jsonl"}}) {
    auto result = run({"--set", change.first});
    INFO(change.first << "\n" << result.err);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Catch::Contains(change.second));
    CHECK_THAT(result.err, Catch::Contains("was begun with other settings"));
  }
  CHECK(in_stats(api(), "/requests/submit") == submits);
  CHECK_FALSE(std::filesystem::exists(file("elsewhere.jsonl")));
  check_completes();
}

TEST_CASE_METHOD(fixture, "a rehearsal touches nothing of a job under way") {
  stop_midway();
  auto size = written();
  auto rehearsal = run({"--simulate", "--speed", "1000"});
  INFO(rehearsal.err);
  CHECK(rehearsal.exit_code == 0);
  CHECK(written() == size);
  check_completes();
}
