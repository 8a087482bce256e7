// Jobs whose files were moved, lost or copied. They continue as the user says,
// and nothing is paid for twice. Also what `check` and `plan` say about them,
// and ledgers of old jobs.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct movable_job : slow_job {
  /// Runs a command of the job in a copy of its folder.
  [[nodiscard]] program_result call_in_copy(const std::string& name) const {
    auto input = command();
    input.arguments = {name, file("copy/job.yaml").string()};
    return run_program(input);
  }

  void copy_folder() const {
    fs::create_directory(file("copy"));
    for (auto* name : {"job.yaml", "urls.txt", "job.sluice", "captures.jsonl"})
      fs::copy_file(file(name), file("copy") / name);
  }
};

} // namespace

TEST_CASE_METHOD(
  movable_job,
  "a job whose folder was copied continues in the copy and only there") {
  stop_midway();
  copy_folder();
  auto done = call_in_copy("run");
  INFO(done.err);
  CHECK(done.exit_code == 0);
  auto got = read_captures(content_of(file("copy/captures.jsonl")));
  CHECK(got.lines == all_urls);
  CHECK(got.by_id.size() == all_urls);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  check_refused(5, "the job last ran with '"
                     + fs::canonical(file("copy/job.sluice")).string());
}

TEST_CASE_METHOD(movable_job,
                 "two copies of a job do not run at the same time") {
  stop_midway();
  copy_folder();
  program running{command()};
  auto before = written();
  while (running.running() && written() <= before)
    ::usleep(5'000);
  auto second = call_in_copy("run");
  INFO(second.err);
  CHECK(second.exit_code == 5);
  CHECK_THAT(second.err, Contains("is a copy of one that is in use")
                           || Contains("is an old copy"));
  auto first = running.wait();
  CHECK(first.exit_code == 0);
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
  CHECK(in_stats(api(), "/runs_created_twice") == 0);
}

TEST_CASE_METHOD(
  movable_job,
  "a job continues with a file that was moved and without one that is lost") {
  stop_midway();
  auto moved = std::vector<std::string>{"--set", "sinks[0].path=new.jsonl"};
  fs::rename(file("captures.jsonl"), file("new.jsonl"));
  check_refused(5, "sluice relocate " + file("job.yaml").string());
  auto refused = run(moved);
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err,
             Contains("`sluice relocate " + file("job.yaml").string()
                      + " --set 'sinks[0].path=new.jsonl'`"));
  SECTION("moved") {
    auto relocated = call("relocate", moved);
    INFO(relocated.err);
    CHECK(relocated.exit_code == 0);
    CHECK(run(moved).exit_code == 0);
    auto got = read_captures(content_of(file("new.jsonl")));
    CHECK(got.lines == all_urls);
    CHECK(got.by_id.size() == all_urls);
    CHECK_FALSE(fs::exists(file("captures.jsonl")));
  }
  SECTION("lost") {
    auto before = read_captures(content_of(file("new.jsonl")));
    fs::rename(file("new.jsonl"), file("kept"));
    auto relocated = call("relocate", {"--lost", "file-0"});
    INFO(relocated.err);
    CHECK(relocated.exit_code == 0);
    CHECK_THAT(relocated.out, Contains(std::to_string(before.lines)
                                       + " captures of checkpoint "));
    auto done = run();
    CHECK(done.exit_code == 0);
    CHECK_THAT(done.err, Contains("lost with sinks' files"));
    CHECK(status_of("/captures/given_up") == before.lines);
    // Each capture is in one of the two files, once.
    auto got = read_captures(content_of(file("kept"))
                             + content_of(file("captures.jsonl")));
    CHECK(got.lines == all_urls);
    CHECK(got.by_id.size() == all_urls);
  }
  CHECK(in_stats(api(), "/urls_submitted_twice") == 0);
}

TEST_CASE_METHOD(
  movable_job,
  "a copy of a ledger is made while the job runs and can be read but not run") {
  program running{command()};
  wait_for_captures(running);
  auto copy = file("monday.sluice").string();
  auto made = call("backup", {copy});
  INFO(made.err);
  CHECK(made.exit_code == 0);
  CHECK(call("backup", {copy}).exit_code == 1);
  auto as_copy = std::vector<std::string>{"--set", "ledger=" + copy};
  auto refused = run(as_copy);
  CHECK(refused.exit_code == 5);
  running.signal(SIGTERM);
  running.wait();
  auto read = call("status", as_copy);
  INFO(read.err);
  CHECK(read.exit_code == 0);
  CHECK(in_account(read.out, "total") == all_urls);
  auto old = run(as_copy);
  CHECK(old.exit_code == 5);
  CHECK_THAT(old.err, Contains("is an old copy")
                        && Contains("Put the newer ledger back"));
  check_completes();
}

TEST_CASE_METHOD(job_fixture,
                 "ledgers that were set aside are listed and removed") {
  write_config();
  write_urls(url_lines(20));
  CHECK(run().exit_code == 0);
  CHECK(run({"--again", "--set", "sinks[0].exists=append"}).exit_code == 0);
  auto listed = call("ledgers");
  INFO(listed.out << listed.err);
  CHECK(listed.exit_code == 0);
  CHECK_THAT(listed.out, Contains("job.sluice: the job's own; it began on")
                           && Contains(".old: set aside on")
                           && Contains("20 of 20 URLs are done; nothing is "
                                       "left behind"));
  CHECK(call("ledgers", {"--all"}).exit_code == 1);
  CHECK_THAT(call("ledgers", {"--prune", "--older-than", "1"}).out,
             !Contains("removed"));
  CHECK_THAT(call("ledgers", {"--prune"}).out, Contains(".old: removed"));
  CHECK_THAT(call("ledgers").out, !Contains(".old"));
  CHECK(run().exit_code == 0);
}

TEST_CASE_METHOD(movable_job, "check and plan report what a start would do") {
  CHECK_THAT(call("check").out, Contains("`: a new job begins\n"));
  stop_midway();
  CHECK_THAT(call("check").out, Contains("`: the job is continued: it began"));
  write_urls(url_lines(all_urls) + "https://shop.example/new\n");
  for (auto* command : {"check", "plan"}) {
    auto told = call(command);
    CHECK(told.exit_code == 0);
    CHECK_THAT(told.out, Contains("`: refused: the lists are not those"));
  }
  check_refused(1, "the lists are not those");
}
