// Ledgers and files that were damaged or changed. Each leads to a clear error
// and exit code 5. Nothing changes, nothing is lost, and the job continues once
// the cause is gone.

#include "core/ledger/ledger_formats.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

using namespace sluice;
using namespace sluice::test;

namespace {

struct damaged_job : slow_job {
  void execute(const char* sql) const {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file("job.sluice").c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }

  /// The ledger is refused, even by `status`, and left unchanged.
  void check_ledger_refused(const std::string& text) const {
    auto before = content_of(file("job.sluice"));
    check_refused(5, text);
    auto status = call("status");
    CHECK(status.exit_code == 5);
    CHECK_THAT(status.err, Catch::Contains(text));
    CHECK(content_of(file("job.sluice")) == before);
  }

  /// Overwrites the ledger from an offset.
  void overwrite(uint64_t from, const std::string& bytes) const {
    std::fstream raw{file("job.sluice"),
                     std::ios::in | std::ios::out | std::ios::binary};
    raw.seekp(static_cast<std::streamoff>(from));
    raw << bytes;
  }
};

/// The command prefix that runs a program as a user who is subject to file
/// permissions.
using prefix = std::vector<std::string>;

program_input
as_user(const prefix& user, program_input input, const std::string& name) {
  input.arguments[0] = name;
  if (user.empty())
    return input;
  input.arguments.insert(input.arguments.begin(), input.executable);
  input.arguments.insert(input.arguments.begin(), user.begin() + 1, user.end());
  input.executable = user.front();
  return input;
}

/// nullopt if only root can run the program.
std::optional<prefix> ordinary_user() {
  if (::geteuid() != 0)
    return prefix{};
  prefix nobody{"/usr/bin/setpriv", "--reuid=65534", "--clear-groups"};
  auto works = run_program(as_user(nobody, {{""}}, "--version")).exit_code == 0;
  return works ? std::optional{nobody} : std::nullopt;
}

} // namespace

TEST_CASE_METHOD(damaged_job,
                 "an output file that was shortened stops the next start") {
  stop_midway();
  auto whole = file("whole.jsonl");
  std::filesystem::copy_file(file("captures.jsonl"), whole);
  std::filesystem::resize_file(file("captures.jsonl"), 10);
  check_refused(5, "someone shortened it");
  std::filesystem::rename(whole, file("captures.jsonl"));
  check_completes();
}

TEST_CASE_METHOD(damaged_job,
                 "an output file that is gone stops the next start") {
  stop_midway();
  std::filesystem::rename(file("captures.jsonl"), file("moved.jsonl"));
  check_refused(5, "is gone");
  CHECK_FALSE(std::filesystem::exists(file("captures.jsonl")));
  std::filesystem::rename(file("moved.jsonl"), file("captures.jsonl"));
  check_completes();
}

TEST_CASE_METHOD(
  damaged_job,
  "an output file that is cut, deleted or replaced stops the running job") {
  program running{command()};
  wait_for_captures(running);
  auto aside = file("aside.jsonl");
  std::string what, then;
  SECTION("cut, as by logrotate with copytruncate") {
    std::filesystem::resize_file(file("captures.jsonl"), 0);
    what = "copytruncate";
    then = "someone shortened it";
  }
  SECTION("moved and recreated, as by logrotate without copytruncate") {
    std::filesystem::rename(file("captures.jsonl"), aside);
    fill(file("captures.jsonl"), "");
    what = "was moved and replaced";
    then = "someone shortened it";
  }
  SECTION("deleted") {
    std::filesystem::remove(file("captures.jsonl"));
    what = "was deleted";
    then = "is gone";
  }
  auto ended = running.wait();
  INFO(ended.err);
  CHECK(ended.exit_code == 5);
  CHECK_THAT(ended.err,
             Catch::Contains(what) && Catch::Contains("captures.jsonl"));
  // The job ends at a checkpoint, long before it would otherwise.
  CHECK(in_account(ended.err, "pending") > 0);
  if (in_account(ended.err, "captured") == 0)
    return; // cut before the first checkpoint, so nothing is lost
  check_refused(5, then);
  if (std::filesystem::exists(aside)) {
    std::filesystem::rename(aside, file("captures.jsonl"));
    check_completes();
  }
}

TEST_CASE_METHOD(damaged_job,
                 "an output file that another process has locked is refused") {
  stop_midway();
  auto descriptor = ::open(file("captures.jsonl").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(descriptor, LOCK_EX) == 0);
  check_refused(5, "captures.jsonl");
  ::close(descriptor);
  check_completes();
}

TEST_CASE_METHOD(damaged_job,
                 "an output file that existed before the job is refused") {
  std::ofstream{file("captures.jsonl")} << "mine\n";
  auto refused = run();
  CHECK(refused.exit_code != 0);
  CHECK_THAT(refused.err, Catch::Contains("exists"));
  std::ifstream in{file("captures.jsonl")};
  std::string line;
  CHECK(std::getline(in, line));
  CHECK(line == "mine");
  CHECK_FALSE(std::filesystem::exists(file("job.sluice")));
  CHECK(in_stats(api(), "/requests/submit") == 0);
}

TEST_CASE_METHOD(damaged_job,
                 "a file that is not a ledger is refused and left unchanged") {
  SECTION("another program's database") {
    execute("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    check_ledger_refused("another program");
  }
  SECTION("not a database") {
    fill(file("job.sluice"), std::string(8'192, 'x'));
    check_ledger_refused("job.sluice");
  }
  SECTION("a folder") {
    std::filesystem::create_directory(file("job.sluice"));
    check_refused(5, "Is a directory");
  }
  CHECK_FALSE(std::filesystem::exists(file("captures.jsonl")));
  std::filesystem::remove(file("job.sluice"));
  check_completes();
}

TEST_CASE_METHOD(damaged_job,
                 "a ledger from a newer sluice is refused and left unchanged") {
  stop_midway();
  execute("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
  check_ledger_refused("a newer sluice wrote it");
  execute(("PRAGMA user_version = " + std::to_string(ledger_format)).c_str());
  check_completes();
}

TEST_CASE_METHOD(damaged_job,
                 "a damaged ledger is detected and a copy continues") {
  stop_midway();
  execute("PRAGMA wal_checkpoint(TRUNCATE)");
  auto copy = content_of(file("job.sluice"));
  auto reason = std::string{"damaged"};
  SECTION("everything except its first bytes") {
    overwrite(100, std::string(copy.size() - 100, 'Z'));
  }
  SECTION("truncated") {
    std::filesystem::resize_file(file("job.sluice"), copy.size() / 2);
    reason = "ledger";
  }
  check_refused(5, reason);
  fill(file("job.sluice"), copy);
  check_completes();
}

TEST_CASE_METHOD(damaged_job,
                 "a ledger that is deleted or replaced stops the running job") {
  auto which = GENERATE("job.sluice", "job.sluice-wal", "job.sluice.lock");
  program running{command()};
  wait_for_captures(running);
  auto aside = file("aside");
  std::filesystem::rename(file(which), aside);
  auto submits = in_stats(api(), "/requests/submit");
  auto ended = running.wait();
  INFO(ended.err);
  CHECK(ended.exit_code == 5);
  CHECK_THAT(ended.err, Catch::Contains("deleted or moved")
                          && Catch::Contains(which)
                          && Catch::Contains("Nothing more is submitted"));
  // Only those in transit when the file was moved.
  CHECK(in_stats(api(), "/requests/submit") <= submits + 4);
  std::filesystem::rename(aside, file(which));
  auto result = run();
  INFO(result.err);
  CHECK(in_account(result.err, "captured") + in_account(result.err, "held")
        == all_urls);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(damaged_job, "an old copy of a ledger is refused") {
  stop_midway();
  auto copy = content_of(file("job.sluice"));
  program running{command()};
  auto before = written();
  while (running.running() && written() <= before)
    ::usleep(5'000);
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
  auto newest = content_of(file("job.sluice"));
  REQUIRE(newest != copy);
  fill(file("job.sluice"), copy);
  check_refused(5, "is an old copy");
  CHECK(content_of(file("job.sluice")) == copy);
  CHECK(call("status").exit_code == 0);
  SECTION("the newer one is restored") {
    fill(file("job.sluice"), newest);
    check_completes();
  }
  SECTION("the copy is intended") {
    for (auto& entry :
         std::filesystem::directory_iterator{file("state") / "sluice"})
      if (entry.path().filename().string().starts_with("job-"))
        std::filesystem::remove(entry.path());
    auto result = run();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(captures().by_id.size() == captures().lines);
    CHECK(in_account(result.err, "captured") == all_urls);
  }
}

TEST_CASE_METHOD(damaged_job, "a rehearsal of a job does not touch its notes") {
  CHECK(run({"--simulate"}).exit_code == 0);
  auto notes = file("state") / "sluice";
  std::error_code ignored;
  for (auto& entry : std::filesystem::directory_iterator{notes, ignored})
    CHECK_FALSE(entry.path().filename().string().starts_with("job-"));
  stop_midway();
  CHECK(run({"--simulate"}).exit_code == 0);
  check_completes();
}

TEST_CASE_METHOD(
  damaged_job,
  "damage that is found only during a run never causes wrong requests") {
  stop_midway();
  execute("PRAGMA wal_checkpoint(TRUNCATE)");
  auto copy = content_of(file("job.sluice"));
  auto captured = written();
  // URLs are packed and never stored in clear text. For any damaged page, the
  // job completes or reports that the ledger is damaged. It never sends wrong
  // URLs.
  constexpr size_t page = 1'024;
  auto place = GENERATE(range(0, 4));
  auto pages = copy.size() / page;
  auto at = page * (pages - 1 - pages * static_cast<size_t>(place) / 4);
  overwrite(at + 200, std::string(page - 400, 'Z'));
  auto result = run();
  INFO(result.err);
  CHECK((result.exit_code == 0 || result.exit_code == 5));
  if (result.exit_code == 5)
    CHECK_THAT(result.err, Catch::Contains("damaged"));
  CHECK(written() >= captured);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  CHECK(in_stats(api(), "/urls_submitted") <= all_urls);
}

TEST_CASE_METHOD(damaged_job, "a ledger that cannot be written is refused") {
  stop_midway();
  auto user = ordinary_user();
  if (!user) {
    WARN("skipped: every user here may write");
    return;
  }
  auto ledger = file("job.sluice");
  auto lock = ledger;
  lock += ".lock";
  using std::filesystem::perms;
  SECTION("and neither can its lock") {
    std::filesystem::permissions(lock, perms{0444});
  }
  SECTION("although its lock can") {
    std::filesystem::permissions(lock, perms{0666});
  }
  std::filesystem::permissions(file("job.yaml"), perms{0644});
  std::filesystem::permissions(ledger, perms{0444});
  std::filesystem::permissions(ledger.parent_path(), perms{0555});
  auto submits = in_stats(api(), "/requests/submit");
  for (auto* name : {"run", "status"}) {
    auto result = run_program(as_user(*user, command(), name));
    INFO(result.err);
    CHECK(result.exit_code == 5);
    CHECK_THAT(result.err, Catch::Contains("writable"));
  }
  CHECK(in_stats(api(), "/requests/submit") == submits);
  std::filesystem::permissions(ledger.parent_path(), perms{0755});
  std::filesystem::permissions(ledger, perms{0644});
  std::filesystem::permissions(lock, perms{0644});
  check_completes();
}

TEST_CASE_METHOD(damaged_job, "a ledger with a reader is set aside whole") {
  check_completes();
  sqlite3* reader = nullptr;
  REQUIRE(sqlite3_open(file("job.sluice").c_str(), &reader) == SQLITE_OK);
  auto is_whole = [&] {
    return sqlite3_exec(reader,
                        "PRAGMA wal_checkpoint; UPDATE job SET one = 1;"
                        "PRAGMA integrity_check; SELECT * FROM batch",
                        nullptr, nullptr, nullptr)
           == SQLITE_OK;
  };
  CHECK(is_whole());
  std::filesystem::remove(file("captures.jsonl"));
  program anew{command({"--again"})};
  wait_for_captures(anew);
  CHECK(is_whole());
  auto ended = anew.wait();
  sqlite3_close(reader);
  INFO(ended.err);
  CHECK(ended.exit_code == 0);
  check_account(*this, ended, all_urls);
}
