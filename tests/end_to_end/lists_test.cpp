// Lists that change between two starts of a job: what was bought for is told
// apart from what the lists say now.

#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct fixture : slow_job {
  /// Runs, and sends no submit.
  program_result run_without_submit(std::vector<std::string> more = {}) const {
    auto submits = in_stats(api(), "/requests/submit");
    auto result = run(std::move(more));
    UNSCOPED_INFO(result.err);
    CHECK(in_stats(api(), "/requests/submit") == submits);
    return result;
  }

  void check_refused_unfinished(std::vector<std::string> more,
                                const std::string& why) const {
    auto pending = status_of("/urls/pending");
    auto result = run_without_submit(std::move(more));
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains("not those that this job was begun with")
                             && Contains(why) && Contains(" --again\n")
                             && Contains(" --discard-unfinished\n")
                             && Contains("of 400 URLs are done"));
    // `status` and the others do not care.
    CHECK(status_of("/urls/pending") == pending);
    CHECK(call("why").exit_code == 0);
    CHECK(call("resolve").exit_code == 0);
  }

  void write(const std::string& name, const std::string& text) const {
    fill(file(name), text);
  }

  [[nodiscard]] std::vector<fs::path> old_ledgers() const {
    std::vector<fs::path> found;
    for (auto& entry : fs::directory_iterator{file("job.yaml").parent_path()})
      if (entry.path().extension() == ".old")
        found.push_back(entry.path());
    return found;
  }
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "a job says in one line that it is continued, when it "
                 "began and how far it is") {
  stop_midway();
  auto done = slow_job::all_urls - status_of("/urls/pending");
  auto result = run();
  CHECK(result.exit_code == 0);
  INFO(result.err);
  CHECK_THAT(result.err, Contains("The job is continued: it began on 20")
                           && Contains(" UTC, and " + std::to_string(done)
                                       + " of 400 URLs are done"));
}

TEST_CASE_METHOD(fixture,
                 "an unfinished job refuses other lists and names both "
                 "ways on") {
  stop_midway();
  SECTION("edited") {
    write_urls(url_lines(all_urls) + "https://shop.example/new\n");
    check_refused_unfinished({}, "urls.txt has changed");
    // As it was, it is the job's again.
    write_urls(url_lines(all_urls));
    check_completes();
  }
  SECTION("another file") {
    write("new.txt", "https://shop.example/new\n");
    check_refused_unfinished({"--set", "input.urls=new.txt"}, "new.txt is new");
    check_completes();
  }
  SECTION("a file that is not there") {
    check_refused_unfinished({"--set", "input.urls=nowhere.txt"},
                             "there is no file");
  }
  SECTION("one more in the config") {
    write("new.txt", "https://shop.example/new\n");
    write_config("# changed\n");
    auto text = content_of(file("job.yaml"));
    text.replace(text.find("[urls.txt]"), 10, "['*.txt']");
    write("job.yaml", text);
    check_refused_unfinished({}, "new.txt is new");
    fs::remove(file("new.txt"));
    check_completes();
  }
  SECTION("standard input") {
    check_refused_unfinished({"--set", "input.urls=-"},
                             "standard input is new");
  }
  SECTION("another column") {
    check_refused_unfinished({"--set", "input.format=csv"}, "it was read as");
  }
}

TEST_CASE_METHOD(fixture, "a list that was written again with the same content "
                          "is the job's") {
  stop_midway();
  write_urls(url_lines(all_urls));
  fs::last_write_time(file("urls.txt"),
                      fs::file_time_type::clock::now() - std::chrono::hours{1});
  fs::rename(file("urls.txt"), file("moved.txt"));
  auto result = run({"--set", "input.urls=moved.txt"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, !Contains("lists_not_compared"));
  CHECK(captures().lines == all_urls);
}

TEST_CASE_METHOD(fixture,
                 "with --again an unfinished job goes on with the URLs "
                 "it was begun with, and says so") {
  stop_midway();
  write_urls("https://shop.example/new\n");
  auto result = run({"--again"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err,
             Contains("lists_changed") && Contains("urls.txt has changed"));
  CHECK(in_account(result.err, "captured") == all_urls);
  CHECK(captures().lines == all_urls);
  CHECK(old_ledgers().empty());
}

TEST_CASE_METHOD(fixture, "a job whose list is gone goes on and says so") {
  stop_midway();
  fs::remove(file("urls.txt"));
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err,
             Contains("lists_not_compared") && Contains("urls.txt is gone"));
  CHECK(captures().lines == all_urls);
  // So it says when it is finished.
  auto repeated = run_without_submit();
  CHECK(repeated.exit_code == 0);
  CHECK_THAT(repeated.err, Contains("This job is finished"));
}

TEST_CASE_METHOD(fixture, "a job whose list was standard input goes on without "
                          "reading it, and says so") {
  auto input = command({"--set", "input.urls=-"});
  input.standard_input = url_lines(all_urls);
  program running{input};
  wait_for_captures(running);
  running.signal(SIGTERM);
  CHECK(running.wait().exit_code == 4);
  input.standard_input = "https://shop.example/not-read\n";
  auto result = run_program(input);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err, Contains("lists_not_compared")
                           && Contains("standard input can be read only once"));
  CHECK(captures().lines == all_urls);
}

TEST_CASE_METHOD(fixture,
                 "a finished job with another list ends with exit code "
                 "1 and names --again") {
  write_urls(url_lines(40));
  CHECK(run().exit_code == 0);
  write_urls(url_lines(20) + "https://shop.example/new\n");
  auto refused = run_without_submit();
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err,
             Contains("The job is finished") && Contains("urls.txt has changed")
               && Contains(" --again") && !Contains("--discard-unfinished"));
  fs::remove(file("captures.jsonl"));
  auto anew = run({"--again"});
  INFO(anew.err);
  CHECK(anew.exit_code == 0);
  CHECK(in_account(anew.err, "captured") == 21);
  CHECK(captures().lines == 21);
}

TEST_CASE_METHOD(fixture,
                 "--discard-unfinished tells what it leaves behind, and "
                 "begins a new job") {
  stop_midway();
  auto captured = status_of("/urls/captured");
  auto open = status_of("/runs/open");
  REQUIRE(open > 0);
  write_urls("https://shop.example/new\n");
  // What an output file holds is not overwritten unasked, nothing is left.
  auto refused = run_without_submit({"--discard-unfinished"});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Contains("already has content"));
  CHECK(old_ledgers().empty());
  CHECK(status_of("/urls/captured") == captured);

  fs::remove(file("captures.jsonl"));
  auto anew = run({"--discard-unfinished"});
  INFO(anew.err);
  CHECK(anew.exit_code == 0);
  CHECK_THAT(anew.err, Contains("The job is left unfinished for a new one")
                         && Contains(" credits: run_")
                         && Contains("ledger_set_aside"));
  CHECK(in_account(anew.err, "captured") == 1);
  CHECK(captures().lines == 1);
  REQUIRE(old_ledgers().size() == 1);
  auto old =
    call("status", {"--json", "--set", "ledger=" + old_ledgers()[0].string()});
  CHECK(json_number(old.out, "/runs/open") == open);
  CHECK(json_number(old.out, "/urls/captured") == captured);

  // Of a finished job it does nothing.
  auto finished = run_without_submit({"--discard-unfinished"});
  CHECK(finished.exit_code == 0);
  CHECK_THAT(finished.err, Contains("This job is finished"));
  CHECK(old_ledgers().size() == 1);
}

TEST_CASE_METHOD(fixture, "submits without a reply are told before they are "
                          "left behind") {
  auto running = submitting();
  running->signal(SIGKILL);
  static_cast<void>(running->wait());
  pause_answers(0);
  write_urls("https://shop.example/new\n");
  check_refused_unfinished({}, "urls.txt has changed");
  auto result = run_without_submit();
  CHECK_THAT(result.err, Contains("A new one leaves these behind")
                           && Contains("without a reply")
                           && Contains("at most ") && Contains("batch 1"));
}

TEST_CASE_METHOD(fixture, "an import that was interrupted reads the lists as "
                          "they are then") {
  write_urls("https://shop.example/1\nno url\n");
  CHECK(run({"--set", "input.on_invalid=fail"}).exit_code == 1);
  write_urls("https://shop.example/2\n");
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(captures().urls == std::set<std::string>{"https://shop.example/2"});
  CHECK_THAT(result.err, !Contains("job is continued"));
}

TEST_CASE_METHOD(fixture, "a rehearsal compares no lists") {
  stop_midway();
  write_urls("https://shop.example/new\n");
  auto result = run_without_submit({"--simulate", "--speed", "1000"});
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == 1);
}
