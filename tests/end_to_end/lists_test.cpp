// Lists that change between two starts of a job. The URLs bought before are
// distinguished from what the lists contain now.

#include "core/base/file_descriptor.hpp"
#include "tests/end_to_end/slow_job.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct job_with_lists : slow_job {
  /// Runs without sending a submit.
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
    CHECK_THAT(result.err, Contains("not those this job began with")
                             && Contains(why) && Contains(" --again\n")
                             && Contains(" --discard-unfinished\n")
                             && Contains("of 400 URLs are done"));
    // `status` and the other commands ignore the change.
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

  /// Nothing is left of a new job, and the old one is unchanged.
  void check_untouched(uint64_t captured) const {
    CHECK(old_ledgers().empty());
    CHECK_FALSE(fs::exists(file("job.sluice.new")));
    CHECK(status_of("/urls/captured") == captured);
    CHECK(status_of("/urls/total") == all_urls);
  }

  /// A folder takes the list's place.
  void make_list_unreadable() const {
    fs::remove(file("urls.txt"));
    fs::create_directory(file("urls.txt"));
  }
};

} // namespace

TEST_CASE_METHOD(job_with_lists,
                 "a job reports in one line that it continues, when "
                 "it began and its progress") {
  stop_midway();
  auto done = slow_job::all_urls - status_of("/urls/pending");
  auto result = run();
  CHECK(result.exit_code == 0);
  INFO(result.err);
  CHECK_THAT(result.err, Contains("The job is continued: it began on 20")
                           && Contains(" UTC, and " + std::to_string(done)
                                       + " of 400 URLs are done"));
}

TEST_CASE_METHOD(
  job_with_lists,
  "an unfinished job refuses changed lists and names both ways to continue") {
  stop_midway();
  SECTION("edited") {
    write_urls(url_lines(all_urls) + "https://shop.example/new\n");
    check_refused_unfinished({}, "urls.txt has changed");
    // The original content belongs to the job again.
    write_urls(url_lines(all_urls));
    check_completes();
  }
  SECTION("another file") {
    write("new.txt", "https://shop.example/new\n");
    check_refused_unfinished({"--set", "input.urls=new.txt"}, "new.txt is new");
    check_completes();
  }
  SECTION("a missing file") {
    check_refused_unfinished({"--set", "input.urls=nowhere.txt"},
                             "there is no file");
  }
  SECTION("an additional one in the config") {
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

TEST_CASE_METHOD(job_with_lists,
                 "a list rewritten with the same content is accepted") {
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

TEST_CASE_METHOD(job_with_lists,
                 "an unfinished job with --again continues with its "
                 "original URLs and says so") {
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

TEST_CASE_METHOD(job_with_lists,
                 "a job whose list is gone continues and says so") {
  stop_midway();
  fs::remove(file("urls.txt"));
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err,
             Contains("lists_not_compared") && Contains("urls.txt is gone"));
  CHECK(captures().lines == all_urls);
  // It also says when the job is finished.
  auto repeated = run_without_submit();
  CHECK(repeated.exit_code == 0);
  CHECK_THAT(repeated.err, Contains("This job is finished"));
}

TEST_CASE_METHOD(job_with_lists,
                 "a job whose list was standard input continues "
                 "without reading it and says so") {
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

TEST_CASE_METHOD(
  job_with_lists,
  "a finished job with another list exits with 1 and names --again") {
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

TEST_CASE_METHOD(job_with_lists,
                 "a job with --discard-unfinished reports what it "
                 "leaves behind and a new one begins") {
  stop_midway();
  auto captured = status_of("/urls/captured");
  auto open = status_of("/runs/open");
  REQUIRE(open > 0);
  write_urls("https://shop.example/new\n");
  // An output file is not overwritten unless requested, and no job is
  // superseded.
  auto refused = run_without_submit({"--discard-unfinished"});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Contains("already has content"));
  CHECK(old_ledgers().empty());
  CHECK(status_of("/urls/captured") == captured);

  fs::remove(file("captures.jsonl"));
  auto anew = run({"--discard-unfinished"});
  INFO(anew.err);
  CHECK(anew.exit_code == 0);
  CHECK_THAT(anew.err, Contains("The unfinished job is replaced by a new one")
                         && Contains(" credits: run_")
                         && Contains("ledger_set_aside"));
  CHECK(in_account(anew.err, "captured") == 1);
  CHECK(captures().lines == 1);
  CHECK_FALSE(fs::exists(file("job.sluice.new")));
  CHECK_FALSE(fs::exists(file("job.sluice.new.lock")));
  REQUIRE(old_ledgers().size() == 1);
  auto old =
    call("status", {"--json", "--set", "ledger=" + old_ledgers()[0].string()});
  CHECK(json_number(old.out, "/runs/open") == open);
  CHECK(json_number(old.out, "/urls/captured") == captured);

  // It has no effect on a finished job.
  auto finished = run_without_submit({"--discard-unfinished"});
  CHECK(finished.exit_code == 0);
  CHECK_THAT(finished.err, Contains("This job is finished"));
  CHECK(old_ledgers().size() == 1);
}

TEST_CASE_METHOD(
  job_with_lists,
  "submits without a reply are reported before they are left behind") {
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

TEST_CASE_METHOD(job_with_lists,
                 "an interrupted import reads the current lists") {
  write_urls("https://shop.example/1\nno url\n");
  CHECK(run({"--set", "input.on_invalid=fail"}).exit_code == 1);
  write_urls("https://shop.example/2\n");
  auto result = run();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(captures().urls == std::set<std::string>{"https://shop.example/2"});
  CHECK_THAT(result.err, !Contains("job is continued"));
}

TEST_CASE_METHOD(job_with_lists, "a rehearsal compares no lists") {
  stop_midway();
  write_urls("https://shop.example/new\n");
  auto result = run_without_submit({"--simulate", "--speed", "1000"});
  CHECK(result.exit_code == 0);
  CHECK(in_account(result.err, "captured") == 1);
}

TEST_CASE_METHOD(job_with_lists,
                 "a job is not superseded for lists that cannot be imported") {
  stop_midway();
  auto captured = status_of("/urls/captured");
  auto output = content_of(file("captures.jsonl"));
  fs::rename(file("captures.jsonl"), file("kept.jsonl"));
  std::vector<std::string> more{"--discard-unfinished"};
  std::string why;
  SECTION("gone") {
    fs::remove(file("urls.txt"));
    why = "urls.txt";
  }
  SECTION("unreadable") {
    make_list_unreadable();
    why = "is a directory";
  }
  SECTION("without the column") {
    more.insert(more.end(), {"--set", "input.format=csv"});
    why = "url";
  }
  SECTION("without a URL") {
    write_urls("\n");
    why = "URL";
  }
  auto refused = run_without_submit(more);
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Contains(why) && !Contains("The job is left"));
  check_untouched(captured);
  fs::remove_all(file("urls.txt"));
  fs::rename(file("kept.jsonl"), file("captures.jsonl"));
  write_urls(url_lines(all_urls));
  check_completes();
}

TEST_CASE_METHOD(
  job_with_lists,
  "a finished job is not superseded for lists that cannot be imported") {
  write_urls(url_lines(40));
  CHECK(run().exit_code == 0);
  fs::remove(file("captures.jsonl"));
  write_urls("\n");
  CHECK(run_without_submit({"--again"}).exit_code == 1);
  CHECK(old_ledgers().empty());
  CHECK(status_of("/urls/captured") == 40);
  // Standard input can be read only once.
  auto input = command({"--again", "--set", "input.urls=-"});
  input.standard_input = url_lines(21);
  auto anew = run_program(input);
  INFO(anew.err);
  CHECK(anew.exit_code == 0);
  CHECK_THAT(anew.err, !Contains("job is continued"));
  CHECK(in_account(anew.err, "captured") == 21);
  CHECK(old_ledgers().size() == 1);
}

TEST_CASE_METHOD(
  job_with_lists,
  "a kill during the import of a new job leaves the old job unchanged") {
  stop_midway();
  auto captured = status_of("/urls/captured");
  fs::rename(file("captures.jsonl"), file("kept.jsonl"));
  REQUIRE(::mkfifo(file("pipe").c_str(), 0600) == 0);
  {
    program running{
      command({"--discard-unfinished", "--set", "input.urls=pipe"})};
    for (auto tries = 0; tries < 3'000 && !fs::exists(file("job.sluice.new"));
         ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    running.signal(SIGKILL);
    static_cast<void>(running.wait());
  }
  CHECK(old_ledgers().empty());
  CHECK(status_of("/urls/captured") == captured);
  // The leftovers prevent neither continuing nor superseding the job.
  SECTION("continuing") {
    fs::rename(file("kept.jsonl"), file("captures.jsonl"));
    check_completes();
  }
  SECTION("superseding") {
    write_urls("https://shop.example/new\n");
    auto anew = run({"--discard-unfinished"});
    INFO(anew.err);
    CHECK(anew.exit_code == 0);
    CHECK(captures().lines == 1);
    CHECK(old_ledgers().size() == 1);
    CHECK_FALSE(fs::exists(file("job.sluice.new")));
  }
}

TEST_CASE_METHOD(
  job_with_lists,
  "Ctrl-C during the import of a new job reports which job continues") {
  stop_midway();
  auto captured = status_of("/urls/captured");
  fs::rename(file("captures.jsonl"), file("kept.jsonl"));
  REQUIRE(::mkfifo(file("pipe").c_str(), 0600) == 0);
  file_descriptor pipe{::open(file("pipe").c_str(), O_RDWR | O_CLOEXEC)};
  std::string line = "https://shop.example/new\n";
  REQUIRE(::write(pipe.get(), line.data(), line.size()) > 0);
  program running{
    command({"--discard-unfinished", "--set", "input.urls=pipe"})};
  int unread = 1;
  for (auto tries = 0; tries < 3'000 && unread > 0; ++tries) {
    REQUIRE(::ioctl(pipe.get(), FIONREAD, &unread) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  REQUIRE(unread == 0);
  running.signal(SIGINT);
  pipe = {};
  auto result = running.wait();
  INFO(result.err);
  CHECK(result.exit_code == 4);
  CHECK_THAT(
    result.err,
    Contains(
      "the earlier job is unchanged, and the same command begins the new one")
      && !Contains("run again"));
  CHECK(old_ledgers().empty());
  CHECK_FALSE(fs::exists(file("job.sluice.new")));
  CHECK(status_of("/urls/captured") == captured);
}

TEST_CASE_METHOD(
  job_with_lists,
  "a kill before a new ledger gets its name is repaired by the next start") {
  stop_midway();
  fs::rename(file("job.sluice"), file("job.sluice.new"));
  check_completes();
  CHECK(fs::exists(file("job.sluice")));
  CHECK_FALSE(fs::exists(file("job.sluice.new")));
}

TEST_CASE_METHOD(
  job_with_lists,
  "a superseded job does not write to the files of the next one") {
  stop_midway();
  auto size = written();
  fs::rename(file("job.sluice"), file("job.sluice.1.old"));
  fill(file("captures.jsonl"), content_of(file("captures.jsonl")) + "more\n");
  auto result = run({"--set", "ledger=job.sluice.1.old"});
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("a new one has replaced"));
  CHECK(written() == size + 5);
  CHECK(call("status", {"--set", "ledger=job.sluice.1.old"}).exit_code == 0);
}

TEST_CASE_METHOD(job_with_lists,
                 "an old ledger never takes another one's name") {
  write_urls(url_lines(20));
  CHECK(run().exit_code == 0);
  fs::remove(file("captures.jsonl"));
  auto now = std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
               .count();
  for (auto later = 0; later < 60; ++later)
    write("job.sluice." + std::to_string(now + later) + ".old", "kept");
  CHECK(run({"--again"}).exit_code == 0);
  auto found = old_ledgers();
  CHECK(found.size() == 61);
  size_t ledgers = 0;
  for (auto& name : found)
    if (content_of(name) != "kept") {
      ++ledgers;
      CHECK_THAT(name.string(), Catch::EndsWith("-2.old"));
    }
  CHECK(ledgers == 1);
}

TEST_CASE_METHOD(job_with_lists,
                 "an unreadable list is reported and an unfinished "
                 "job continues with --again") {
  stop_midway();
  make_list_unreadable();
  check_refused_unfinished({}, "is a directory");
  auto result = run({"--again"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.err,
             Contains("lists_not_compared") && Contains("is a directory"));
  CHECK(captures().lines == all_urls);
  auto finished = run_without_submit();
  CHECK(finished.exit_code == 0);
  CHECK_THAT(finished.err, Contains("lists_not_compared")
                             && Contains("This job is finished"));
}

TEST_CASE_METHOD(job_with_lists,
                 "missing lists are reported along with changed ones") {
  write("b.txt", "https://shop.example/b\n");
  write_config("# more\n");
  auto text = content_of(file("job.yaml"));
  text.replace(text.find("[urls.txt]"), 10, "[urls.txt, b.txt]");
  write("job.yaml", text);
  stop_midway();
  fs::remove(file("b.txt"));
  write_urls("https://shop.example/new\n");
  auto refused = run_without_submit();
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err,
             Contains("b.txt is gone") && Contains("urls.txt has changed"));
}

TEST_CASE_METHOD(job_with_lists, "the comparison of a long list is reported") {
  write_urls(url_lines(20));
  CHECK(run().exit_code == 0);
  CHECK_THAT(run_without_submit().err, !Contains("comparing_lists"));
  // A sparse file takes no space on disk.
  fs::resize_file(file("urls.txt"), 300 << 20);
  auto refused = run_without_submit();
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Contains("comparing_lists"));
}
