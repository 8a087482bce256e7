// The commands that send nothing, and rehearsals.

#include "tests/support/job_fixture.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <filesystem>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string quickstart =
  SLUICE_SOURCE_DIR "/config/examples/quickstart.yaml";

} // namespace

TEST_CASE("the quickstart config runs against the embedded simulator") {
  temp_folder folder;
  auto out = (folder / "captures.jsonl").string();
  auto result = sluice_with(
    {"run", quickstart, "--simulate", "--set", "sinks[0].path=" + out});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(out));
  auto got = read_captures(content_of(out + ".simulated"));
  CHECK(got.lines > 0);
  CHECK(got.lines == in_account(result.err, "captures"));
}

TEST_CASE("a rehearsal needs no key and leaves no ledger") {
  temp_folder folder;
  fill(folder / "urls.txt", url_lines(40));
  fill(folder / "job.yaml",
       "api: {key: \"${NO_SUCH_KEY}\"}\n"
       "input: {urls: [urls.txt]}\n"
       "runs: {robot: r}\n"
       "sinks: [{type: webhook, url: \"https://hooks.example/x\"}]\n");
  auto result =
    sluice_with({"run", (folder / "job.yaml").string(), "--simulate"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "job.sluice"));
}

TEST_CASE("a starter config runs immediately with --simulate") {
  temp_folder folder;
  auto file = (folder / "job.yaml").string();
  CHECK(sluice_with({"init", file}).exit_code == 0);
  CHECK(sluice_with({"check", file}).exit_code == 0);
  auto result = sluice_with({"run", file, "--simulate"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  auto got = read_captures(content_of(folder / "captures.jsonl.simulated"));
  CHECK(got.by_id.size() == 10);
}

TEST_CASE("a starter config names the schema file next to it") {
  temp_folder folder;
  CHECK(sluice_with({"init", (folder / "job.yaml").string()}).exit_code == 0);
  CHECK_THAT(content_of(folder / "job.yaml"),
             Catch::StartsWith("# yaml-language-server: "
                               "$schema=./sluice.schema.json\n"));
  CHECK(content_of(folder / "sluice.schema.json")
        == sluice_with({"schema"}).out);
}

TEST_CASE("a starter config works with --again") {
  job_fixture job;
  CHECK(sluice_with({"init", job.file("job.yaml").string()}).exit_code == 0);
  auto address = "api.base_url=" + job.api().base_url();
  std::vector<std::string> set{"--set", address,
                               "--set", "poll.interval=100ms",
                               "--set", "poll.min_interval=50ms"};
  CHECK(job.run(set).exit_code == 0);
  set.push_back("--again");
  auto again = job.run(set);
  INFO(again.err);
  CHECK(again.exit_code == 0);
  CHECK(job.captures().lines == 20);
}

TEST_CASE("a starter config overwrites nothing") {
  temp_folder folder;
  auto file = (folder / "job.yaml").string();
  fill(folder / "urls.txt", "https://a.example/mine\n");
  CHECK(sluice_with({"init", file}).exit_code == 0);
  auto again = sluice_with({"init", file});
  CHECK(again.exit_code == 1);
  CHECK(again.err.find("choose another file name") != std::string::npos);
  CHECK(content_of(folder / "urls.txt") == "https://a.example/mine\n");
}

TEST_CASE("check prints every error with its position") {
  temp_folder folder;
  auto file = folder / "job.yaml";
  fill(file, "api:\n  keey: x\n  burst: many\n"
             "runs: {robot: r}\nrunz: 1\n"
             "input: {urls: [u]}\nsinks: [{type: fil}]\n");
  auto result = sluice_with({"check", file.string()});
  CHECK(result.exit_code == 1);
  for (auto* place : {":2:3:", ":3:10:", ":5:1:", ":7:"})
    CHECK(result.err.find(place) != std::string::npos);
  CHECK(result.err.find("did you mean") != std::string::npos);
}

TEST_CASE("a ca_file without a certificate fails check and run") {
  temp_folder folder;
  auto file = folder / "job.yaml";
  fill(file, "api: {key: k, ca_file: ca.pem}\ninput: {urls: [u]}\n"
             "runs: {robot: r}\nsinks: [{type: stdout}]\n");
  struct row {
    std::string content, message;
  };
  for (const auto& [content, message] :
       {row{"", "is empty"}, row{"not PEM", "holds no certificate"}}) {
    fill(folder / "ca.pem", content);
    for (auto command : {"check", "run"}) {
      auto result = sluice_with({command, file.string()});
      CHECK(result.exit_code == 1);
      CHECK_THAT(result.err, Catch::Contains("ca.pem " + message));
    }
  }
  CHECK_FALSE(std::filesystem::exists(folder / "job.sluice"));
}

TEST_CASE("every example is accepted unchanged") {
  auto checked = 0;
  for (auto& entry : std::filesystem::directory_iterator{SLUICE_SOURCE_DIR
                                                         "/config/examples"}) {
    auto file = entry.path().string();
    if (entry.path().extension() != ".yaml" || file.ends_with("-profile.yaml"))
      continue;
    auto result = sluice_with({"check", file});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    ++checked;
  }
  CHECK(checked > 3);
}

TEST_CASE("the null sink needs no quotes in YAML") {
  temp_folder folder;
  auto file = folder / "job.yaml";
  fill(file, "api: {key: k}\ninput: {urls: [u]}\nruns: {robot: r}\n"
             "sinks: [{type: null}]\n");
  auto result = sluice_with({"check", file.string()});
  INFO(result.err);
  CHECK(result.exit_code == 0);
}

TEST_CASE("an invalid config does nothing and exits with 1") {
  temp_folder folder;
  auto file = folder / "job.yaml";
  fill(file, "sinks: []\n");
  auto result = sluice_with({"run", file.string()});
  CHECK(result.exit_code == 1);
  CHECK_FALSE(std::filesystem::exists(folder / "job.sluice"));
  CHECK(sluice_with({"run", "no-such-file.yaml"}).exit_code == 1);
  auto nameless = sluice_with({"run"});
  CHECK(nameless.exit_code == 1);
  CHECK(nameless.err
        == "sluice run: CONFIG is required; see `sluice run --help`\n");
  CHECK_THAT(sluice_with({"run", "--frob", file.string()}).err,
             Catch::StartsWith("sluice run: the following argument was not "
                               "expected: --frob;"));
  CHECK(sluice_with({}).exit_code == 1);
  auto unknown = sluice_with({"stauts", file.string()});
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.err
        == "sluice: 'stauts' is not a command; did you mean \"status\"?\n");
}

TEST_CASE("an unset key is named") {
  temp_folder folder;
  fill(folder / "urls.txt", url_lines(5));
  fill(folder / "job.yaml", "api: {key: \"${NO_SUCH_KEY}\"}\n"
                            "input: {urls: [urls.txt]}\n"
                            "runs: {robot: r}\n"
                            "sinks: [{type: stdout}]\n");
  auto result = sluice_with({"run", (folder / "job.yaml").string()});
  CHECK(result.exit_code == 1);
  CHECK(result.err.find("NO_SUCH_KEY") != std::string::npos);
  // The message suggests no default for a secret.
  CHECK(result.err.find(":-") == std::string::npos);
}

TEST_CASE("a rehearsal needs no api.key in the config and a run does") {
  temp_folder folder;
  auto file = (folder / "job.yaml").string();
  fill(folder / "urls.txt", url_lines(5));
  fill(file, "input: {urls: [urls.txt]}\nruns: {robot: r}\n"
             "sinks: [{type: stdout}]\n");
  auto rehearsed = sluice_with({"run", file, "--simulate", "--speed", "600"});
  INFO(rehearsed.err);
  CHECK(rehearsed.exit_code == 0);
  auto refused = sluice_with({"run", file});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.err, Catch::Contains("api.key is missing"));
}

TEST_CASE("check and run report errors that only a sink can detect, with their "
          "positions") {
  temp_folder folder;
  auto file = (folder / "job.yaml").string();
  fill(folder / "urls.txt", url_lines(5));
  fill(file, "api: {key: k}\ninput: {urls: [urls.txt]}\nruns: {robot: r}\n"
             "sinks:\n  - {type: webhook, url: \"no address\"}\n");
  auto checked = sluice_with({"check", file});
  CHECK(checked.exit_code == 1);
  CHECK_THAT(checked.err, Catch::StartsWith(file
                                            + ":5:5: Webhook "
                                              "'webhook-0': 'url'"));
  CHECK(sluice_with({"run", file}).exit_code == 1);
  CHECK_FALSE(std::filesystem::exists(folder / "job.sluice"));
}

TEST_CASE("a host without a robot is an error before anything is sent") {
  job_fixture job;
  job.write_urls("https://a.example/1\nhttps://b.example/2\n");
  fill(job.file("job.yaml"), [&] {
    auto text = job.config_text();
    auto at = text.find("robot: rbt_test");
    return text.replace(at, 15, "robot: {a.example: rbt_a}");
  }());
  auto result = job.run();
  INFO(result.err);
  CHECK(result.exit_code == 1);
  CHECK(result.err.find("b.example") != std::string::npos);
  CHECK(in_stats(job.api(), "/requests/submit") == 0);
  // Nothing was done, and nothing is left behind.
  for (auto* name :
       {"job.sluice", "job.sluice-wal", "job.sluice.lock", "captures.jsonl"})
    CHECK_FALSE(std::filesystem::exists(job.file(name)));
  CHECK(std::filesystem::is_empty(job.file("state") / "sluice"));
}

TEST_CASE("a sink's error about its section is reported with the line") {
  temp_folder folder;
  fill(folder / "job.yaml", "api: {key: unused}\n"
                            "input: {urls: [urls.txt]}\n"
                            "runs: {robot: r}\n"
                            "sinks:\n"
                            "  - {type: stdout}\n"
                            "  - {type: webhook, url: \"ftp://x.example/\"}\n");
  auto file = (folder / "job.yaml").string();
  auto result = sluice_with({"check", file});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Catch::StartsWith(file
                                           + ":6:5: Webhook 'webhook-1': 'url' "
                                             "cannot be posted to: "));
}

TEST_CASE(
  "a number out of range is reported with the range, as in the manual") {
  auto result = sluice_with({"run", "job.yaml", "--simulate", "--speed", "0"});
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err,
             Catch::Contains("--speed: write a number from 1 to 10000, not 0"));
  CHECK_THAT(sluice_with({"man", "--format", "markdown"}).out,
             Catch::Contains("A number from 1 to 10000. Default: 60."));
}

TEST_CASE(
  "commands are called commands, even in the error about a missing one") {
  auto missing = sluice_with({});
  CHECK(missing.exit_code == 1);
  CHECK_THAT(missing.err, Catch::Contains("a command is required"));
  auto help = sluice_with({"--help"}).out;
  CHECK_THAT(help, Catch::Contains("sluice [OPTIONS] COMMAND\n"));
  CHECK_THAT(help,
             !Catch::Contains("ubcommand") && !Catch::Contains("SUBCOMMAND"));
}

TEST_CASE("the manual's configuration page is the program's own output") {
  // When this fails: sluice schema --format markdown > docs/configuration.md
  CHECK(sluice_with({"schema", "--format", "markdown"}).out
        == content_of(SLUICE_SOURCE_DIR "/docs/configuration.md"));
}

TEST_CASE("schema, profiles, version and help print what they promise") {
  auto schema = sluice_with({"schema"});
  rapidjson::Document document;
  document.Parse(schema.out.c_str());
  CHECK(document.IsObject());
  CHECK(sluice_with({"profiles"}).out == "extralt\nextralt-v0\n");
  CHECK(sluice_with({"profiles", "extralt"}).out.find("submit")
        != std::string::npos);
  CHECK(sluice_with({"profiles", "nope"}).exit_code == 1);
  auto version = sluice_with({"--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.rfind("sluice ", 0) == 0);
  CHECK(sluice_with({"--help"}).out.find("sluice run") != std::string::npos);
  CHECK(sluice_with({"run", "--help"}).out.find("Exit codes")
        != std::string::npos);
}
