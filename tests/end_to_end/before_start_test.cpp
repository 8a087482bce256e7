// Jobs that are refused with exit code 1 before anything is created or sent.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>

#include <signal.h>

#include <filesystem>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

struct unstarted_job : job_fixture {
  unstarted_job() { write_urls(url_lines(20)); }

  /// The names of all files in the job's folder.
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (auto& entry :
         std::filesystem::directory_iterator{file("urls.txt").parent_path()})
      names.insert(entry.path().filename());
    return names;
  }

  /// `command` refuses the job with exactly these lines and changes nothing.
  void check_refused(const std::string& command,
                     const std::vector<std::string>& lines,
                     std::vector<std::string> more = {}) const {
    auto before = files();
    auto list = content_of(file("urls.txt"));
    auto result = call(command, std::move(more));
    INFO(command << ": " << result.err);
    CHECK(result.exit_code == 1);
    std::string expected;
    for (auto& line : lines)
      expected += file("job.yaml").string() + ":" + line + "\n";
    CHECK(result.err == expected);
    CHECK(files() == before);
    CHECK(content_of(file("urls.txt")) == list);
    CHECK(in_stats(api(), "/requests/submit") == 0);
  }

  void write_job(const std::string& key, const std::string& sinks) {
    fill(file("job.yaml"), "api: {key: \"" + key + "\", base_url: \""
                             + api().base_url()
                             + "\"}\ninput: {urls: [urls.txt]}\nruns: {robot: "
                               "r}\nsinks:\n"
                             + sinks);
  }
};

} // namespace

TEST_CASE_METHOD(unstarted_job,
                 "a sink that would write to the list or a file of "
                 "the ledger is refused and nothing is touched") {
  std::filesystem::create_hard_link(file("urls.txt"), file("hard"));
  auto config = file("job.yaml").string();
  for (auto* rule : {"append", "replace"}) {
    write_job("k", "  - {type: file, path: hard, exists: " + std::string{rule}
                     + "}\n");
    for (auto* command : {"check", "plan", "run"})
      check_refused(command, {"5:24: sinks[0].path names the same file as "
                              "input.urls[0] ("
                              + config + ":2:16), " + file("urls.txt").string()
                              + ": write another name for one of them"});
    check_refused("run",
                  {"5:24: sinks[0].path names the same file as input.urls[0] ("
                   + config + ":2:16), " + file("urls.txt").string()
                   + ": write another name for one of them"},
                  {"--simulate"});
  }
  write_job("k", "  - {type: file, path: ./job.sluice-wal}\n");
  for (auto* command : {"check", "run"})
    check_refused(command, {"5:24: sinks[0].path names the same file as the "
                            "ledger's -wal, "
                            + file("job.sluice-wal").string()
                            + ": write another name for one of them"});
}

TEST_CASE_METHOD(unstarted_job,
                 "every missing secret is named before anything is created") {
  write_job("${NO_SUCH_KEY}",
            "  - {type: webhook, url: \"http://127.0.0.1:1/\", "
            "secret: \"${NO_SUCH_SECRET}\"}\n"
            "  - {type: webhook, url: \"http://127.0.0.1:1/\", "
            "secret: \"${file:none}\"}\n"
            "  - {type: webhook, url: \"http://127.0.0.1:1/\", "
            "secret: \"${EXTRALT_API_KEY}\"}\n");
  auto hint = " is not set: set it, or write ${file:/path} for a file that "
              "holds the secret";
  check_refused(
    "run",
    {std::string{"1:12: api.key: the environment variable NO_SUCH_KEY"} + hint,
     std::string{"5:57: sinks[0].secret: the environment variable "
                 "NO_SUCH_SECRET"}
       + hint,
     "6:57: sinks[1].secret: cannot read " + file("none").string()
       + ", which ${file:} names: No such file or directory"});
  // A rehearsal needs none.
  CHECK(run({"--simulate", "--speed", "600"}).exit_code == 0);
}

TEST_CASE_METHOD(unstarted_job,
                 "a missing list is named before anything is created "
                 "or an old ledger is renamed") {
  write_job("${EXTRALT_API_KEY}", "  - {type: stdout}\n");
  REQUIRE(run().exit_code == 0);
  std::filesystem::rename(file("urls.txt"), file("kept"));
  auto refuses = [&](std::vector<std::string> more) {
    auto before = files();
    auto result = run(std::move(more));
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Catch::Contains("there is no file "));
    CHECK(files() == before);
  };
  refuses({"--again"});
  refuses({"--set", "ledger=other.sluice"});
}

TEST_CASE_METHOD(unstarted_job, "a rehearsal writes to no list either") {
  write_job("k", "  - {type: file, path: out}\n");
  std::filesystem::copy_file(file("urls.txt"), file("out.simulated"));
  auto list = "input.urls=" + file("out.simulated").string();
  auto result = run({"--simulate", "--set", list});
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::Contains(
                           "sinks[0].path names the same file as input.urls"));
  CHECK(content_of(file("out.simulated")) == content_of(file("urls.txt")));
  CHECK(call("check", {"--set", list}).exit_code == 0);
}

TEST_CASE_METHOD(unstarted_job, "standard output may not be a list") {
  write_job("k", "  - {type: stdout}\n");
  auto list = content_of(file("urls.txt"));
  auto input = command();
  input.arguments.insert(input.arguments.begin(),
                         {"-c",
                          "exec \"$0\" \"$@\" >> " + file("urls.txt").string(),
                          input.executable});
  input.executable = "/bin/sh";
  auto result = run_program(input);
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err,
             Catch::Contains("the standard output of sinks[0] names "
                             "the same file as input.urls[0]"));
  CHECK(content_of(file("urls.txt")) == list);
}

TEST_CASE("numbers on the command line are read like those in a config") {
  temp_folder folder;
  fill(folder / "urls.txt", url_lines(1'000));
  auto file = (folder / "job.yaml").string();
  fill(file, "api: {key: k}\ninput: {urls: [urls.txt]}\nruns: {robot: r}\n"
             "sinks: [{type: stdout}]\n");
  auto plan = [&](const std::string& size) {
    return sluice_with({"plan", file, "--page-size", size});
  };
  CHECK(plan("0100").out == plan("100").out);
  CHECK(plan("0100").out != plan("64").out);
  for (auto* wrong : {"0x1F", "+5", " 5", "5 ", "1e3", "-1", "1.0", "", "1_000",
                      "1000001", "99999999999999999999"}) {
    INFO(wrong);
    auto refused = plan(wrong);
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, Catch::Contains("--page-size: write a number from "
                                            "1 to 1000000, not"));
  }
  for (auto* option : {"--port", "--seed", "--burst", "--requests-per-minute",
                       "--page-size", "--captures-per-url", "--retry-after"})
    for (auto* wrong : {"-1", "0x1F", "+5", "18446744073709551616"}) {
      INFO(option << ' ' << wrong);
      auto refused = sluice_with({"simulate", option, wrong});
      CHECK(refused.exit_code == 1);
      CHECK_THAT(refused.err, Catch::Contains(std::string{option}
                                              + ": write a whole number "
                                                "from 0 to "));
    }
  for (auto* option : {"--run-seconds", "--run-spread", "--late-seconds",
                       "--unreadable-seconds"})
    CHECK_THAT(
      sluice_with({"simulate", option, "-1"}).err,
      Catch::Contains(std::string{option} + ": write a number from 0 to "));
  CHECK_THAT(sluice_with({"simulate", "--run-spread", "7"}).err,
             Catch::Contains("--run-spread: write a number from 0 to 1, not"));
  for (auto* wrong : {"0x10", "+2", "nan", "inf", " 2", "2,5"})
    CHECK_THAT(sluice_with({"run", file, "--simulate", "--speed", wrong}).err,
               Catch::Contains("--speed: write a number from 1 to 10000, not"));
  for (auto* wrong : {"0x1Fs", "+5s", " 5s", "-1s", "5", "1e3s"})
    CHECK_THAT(sluice_with({"plan", file, "--run-time", wrong}).err,
               Catch::Contains("write a time such as 90s"));
}

TEST_CASE("an interrupted rehearsal gives no advice about a job") {
  temp_folder folder;
  fill(folder / "urls.txt", url_lines(5'000));
  auto file = (folder / "job.yaml").string();
  fill(file, "api: {key: k}\ninput: {urls: [urls.txt]}\nruns: {robot: r}\n"
             "sinks: [{type: file, path: out.jsonl}]\n");
  program_input input;
  input.arguments = {"run", file, "--simulate", "-v"};
  program running{input};
  REQUIRE(running.says("submitted"));
  running.signal(SIGINT);
  auto stopped = running.wait();
  INFO(stopped.err);
  CHECK(stopped.exit_code == 4);
  CHECK_THAT(
    stopped.err,
    Catch::Contains("pending: this was a rehearsal, and")
      && Catch::Contains("`sluice run " + file + " --simulate`")
      && Catch::Contains("sluice: interrupted; this was a rehearsal, and "
                         "nothing is kept")
      && !Catch::Contains("to continue")
      && !Catch::Contains("sluice run " + file + "`")
      && !Catch::Contains("sluice resolve"));
}
