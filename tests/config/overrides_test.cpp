#include "tests/config/config_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string two_sinks = R"(api: {key: k}
input: {urls: [a.txt]}
runs: {robot: {"*": rbt_1}}
sinks: [{type: file, path: a}, {type: webhook, url: u}]
)";

} // namespace

TEST_CASE("the flag --set sets every kind of key", "[config]") {
  config_fixture f;
  auto result = f.load(
    two_sinks,
    {"name=n: # 1", "api.burst=5", "poll={interval: 3s, max_interval: 4s}",
     "poll.min_interval=3s", "input.urls=[x.txt, \"-\"]", "input.urls[0]=y.txt",
     "runs.robot.shop.example=rbt_2", "runs.budget=none", "sinks[0].path=sub/b",
     "sinks[1].batch.captures=7", "sinks[1].headers.X-A.b=c",
     "log.level=debug"});
  INFO((result.findings.empty() ? "" : result.findings[0].text()));
  REQUIRE(result.value);
  auto& s = *result.value;
  CHECK(s.name == "n: # 1");
  CHECK(s.api.burst == 5);
  CHECK(s.poll.interval == std::chrono::seconds{3});
  CHECK(s.poll.min_interval == std::chrono::seconds{3});
  CHECK(s.input.urls
        == std::vector<std::string>{(f.folder / "y.txt").string(), "-"});
  CHECK(s.runs.robots.by_host.at("shop.example") == "rbt_2");
  CHECK(s.runs.robots.fallback == "rbt_1");
  CHECK(s.runs.budget == run_settings::budget_rule::none);
  CHECK(s.sinks[0].fields.text("path") == f.folder / "sub/b");
  CHECK(s.sinks[1].fields.get<int64_t>("batch.captures") == 7);
  CHECK(s.sinks[1].fields.get<std::map<std::string, std::string>>("headers").at(
          "X-A.b")
        == "c");
  CHECK(s.log.level == log_level::debug);
}

TEST_CASE("the flag --set input.urls=- means standard input", "[config]") {
  config_fixture f;
  auto result = f.load(two_sinks, {"input.urls=-"});
  REQUIRE(result.value);
  CHECK(result.value->input.urls == std::vector<std::string>{"-"});
}

TEST_CASE("the last --set of a key wins and can correct an invalid file",
          "[config]") {
  config_fixture f;
  auto result = f.load(two_sinks + "log: {level: loud}\n",
                       {"log.level=off", "log.level=warn"});
  REQUIRE(result.value);
  CHECK(result.value->log.level == log_level::warn);
}

TEST_CASE("an error in --set is reported without a line number", "[config]") {
  struct row {
    std::string text, expected;
  };
  config_fixture f;
  for (auto& [text, expected] : std::vector<row>{
         {"api.burst=many", "--set api.burst: \"many\" is not a valid value"},
         {"api.brust=5", "--set api.brust: unknown key api.brust; did you mean "
                         "\"burst\"?"},
         {"apo.burst=5", "--set apo.burst: unknown key apo; did you mean"},
         {"sinks[0].compresion=zstd",
          "--set sinks[0].compresion: unknown key sinks[0].compresion; did"},
         {"sinks[2].path=x",
          "--set sinks[2].path: [2] is past the end of the list"},
         {"sinks.path=x", "--set sinks.path: there is a list where"},
         {"name.x=y", ""},
         {"log.level.x=y", ""},
         {"api.burst", "--set api.burst: write path.to.key=value"},
         {"=x", "--set : this is not a valid path"},
         {"api..burst=1", "--set api..burst: this is not a valid path"},
         {"api.=1", "--set api.: this is not a valid path"},
         {"[0]=1", "--set [0]: this is not a valid path"},
         {"sinks[x].path=1", "--set sinks[x].path: this is not a valid path"},
         {"sinks[0=1", "--set sinks[0: this is not a valid path"},
         {"input.urls=[a", "--set input.urls: not valid YAML"},
         {"poll={a: 1, a: 2}", "--set poll: the key \"a\" appears twice"},
         {"name=",
          "--set name: \"\" is not a valid value for name (it is empty)"}}) {
    auto found = f.findings(two_sinks, {text});
    INFO(text);
    REQUIRE_FALSE(found.empty());
    INFO(found[0]);
    CHECK(found[0].starts_with(expected.substr(0, expected.size())));
  }
}

TEST_CASE("the flag --set refuses secrets in any form", "[config]") {
  config_fixture f;
  for (auto text :
       {"api.key=topsecret", "api={key: topsecret}",
        "sinks[1].secret=topsecret",
        "sinks=[{type: webhook, url: u, secret: topsecret}]",
        "sinks[1]={type: webhook, url: u, secret: \"topsecret\"}"}) {
    INFO(text);
    auto found = f.findings(two_sinks, {text});
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("is a secret, and --set refuses") != std::string::npos);
    CHECK(found[0].find("topsecret") == std::string::npos);
  }
}
