#include "config/load.hpp"
#include "tests/config/config_fixture.hpp"
#include "tests/support/certificates.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <map>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a small config gets all defaults", "[config]") {
  config_fixture f;
  auto result = f.load(sound);
  REQUIRE(result.value);
  CHECK(result.findings.empty());
  auto& s = *result.value;
  CHECK(s.name == "job");
  CHECK(s.file == f.file());
  CHECK(s.api.profile->name == "extralt");
  CHECK(s.api.requests_per_minute == 120);
  CHECK(s.api.burst == 30);
  CHECK(s.api.connections == 0);
  CHECK(s.api.timeout == 30s);
  CHECK(s.api.max_body == 16u << 20);
  CHECK(s.api.ca_file.empty());
  CHECK(s.input.urls
        == std::vector<std::string>{(f.folder / "urls.txt").string()});
  CHECK(s.input.format == list_format::automatic);
  CHECK(s.input.field == "url");
  CHECK(s.input.deduplicate);
  CHECK_FALSE(s.input.fail_on_invalid);
  CHECK(s.runs.robots.fallback == "rbt_1");
  CHECK(s.runs.robots.by_host.empty());
  CHECK(s.runs.urls_per_run == 100);
  CHECK(s.runs.budget == run_settings::budget_rule::urls);
  CHECK(s.runs.max_concurrent == 10);
  CHECK(s.runs.queue_ahead == 3);
  CHECK(s.runs.max_unread == 20);
  CHECK(s.runs.retry_missing == 0);
  CHECK(s.runs.max_age == 24h);
  CHECK(s.runs.max_pending == 72h);
  CHECK(s.poll.interval == 10s);
  CHECK(s.poll.min_interval == 2s);
  CHECK(s.poll.max_interval == 30s);
  CHECK(s.captures.window == 24u << 20);
  CHECK_FALSE(s.captures.download);
  CHECK(s.ledger == f.folder / "job.sluice");
  CHECK(s.log.level == log_level::info);
  CHECK(s.log.as == log_settings::format::automatic);
  REQUIRE(s.sinks.size() == 1);
  CHECK(s.sinks[0].type == "stdout");
  CHECK(s.sinks[0].name == "stdout-0");
}

TEST_CASE("every secret in a config is masked from then on", "[config]") {
  config_fixture f;
  ::setenv("SLUICE_T_TEAM", "team-from-the-environment", 1);
  auto result = f.load(R"(
name: job
api:
  key: key-in-a-config-0001
  proxy: http://proxy-user:pr%40xy-7@proxy.example:3128
input: {urls: [a.txt]}
runs: {robot: r}
sinks:
  - type: webhook
    url: https://hooks.example/x
    headers: {X-Team: "${SLUICE_T_TEAM}", X-Of: shoes}
)");
  ::unsetenv("SLUICE_T_TEAM");
  INFO((result.findings.empty() ? "" : result.findings[0].text()));
  REQUIRE(result.value);
  for (auto* text : {"key-in-a-config-0001", "pr%40xy-7", "pr@xy-7",
                     "proxy-user:pr@xy-7", "team-from-the-environment"})
    CHECK(printable(text) == "***");
  CHECK(printable("shoes for proxy-user") == "shoes for proxy-user");
}

TEST_CASE("every key sets its setting", "[config]") {
  config_fixture f;
  fill(f.folder / "ca.pem", new_authority().pem());
  auto result = f.load(R"(
name: weekly
api:
  profile: extralt-v0
  base_url: http://127.0.0.1:8080/x/
  key: secret-key
  requests_per_minute: 0
  burst: 7
  connections: 16
  timeout: 500ms
  max_body: 1MiB
  proxy: http://proxy.example:3128
  ca_file: ca.pem
input:
  urls: [lists/*.txt, -, /abs/x.csv, '../up.txt']
  format: csv
  delimiter: semicolon
  field: link
  deduplicate: false
  on_invalid: fail
runs:
  robot: {Shop.Example: rbt_1, "[::1]": rbt_2, "\u00dc.Example": rbt_2, "*": rbt_3}
  urls_per_run: 5
  budget: 77
  max_concurrent: 2
  queue_ahead: 0
  max_unread: 3
  retry_missing: 0
  max_age: 2h
  max_pending: 3h
poll: {interval: 5s, min_interval: 5s, max_interval: 5s}
captures: {fetch: pages, window: 1048576}
sinks:
  - {type: file, path: out/a.jsonl, compression: zstd}
  - type: webhook
    name: hook
    url: https://hooks.example/x
    headers: {X-Team: shoes, X-Empty: ""}
    secret: s
    batch: {captures: 5}
ledger: state/l.sluice
notify: {command: [bin/tell, "a b"], on: [held, done]}
log: {level: debug, format: json}
)");
  INFO((result.findings.empty() ? "" : result.findings[0].text()));
  REQUIRE(result.value);
  auto& s = *result.value;
  CHECK(s.name == "weekly");
  CHECK(s.api.profile->base == "http://127.0.0.1:8080/x");
  CHECK(s.api.profile->name == "extralt-v0");
  CHECK(s.api.key() == std::string{"secret-key"});
  CHECK(s.api.requests_per_minute == 0);
  CHECK(s.api.burst == 7);
  CHECK(s.api.connections == 16);
  CHECK(s.api.timeout == 500ms);
  CHECK(s.api.max_body == 1u << 20);
  CHECK(s.api.proxy == "http://proxy.example:3128");
  CHECK(s.api.ca_file == f.folder / "ca.pem");
  CHECK(s.input.urls
        == std::vector<std::string>{
          (f.folder / "lists/*.txt").string(), "-", "/abs/x.csv",
          ((f.folder / "..") / "up.txt").lexically_normal().string()});
  CHECK(s.input.format == list_format::csv);
  CHECK(s.input.delimiter == list_delimiter::semicolon);
  CHECK(s.input.field == "link");
  CHECK_FALSE(s.input.deduplicate);
  CHECK(s.input.fail_on_invalid);
  CHECK(s.runs.robots.by_host
        == std::map<std::string, std::string>{{"shop.example", "rbt_1"},
                                              {"[::1]", "rbt_2"},
                                              {"xn--tda.example", "rbt_2"}});
  CHECK(s.runs.robots.fallback == "rbt_3");
  CHECK(s.runs.urls_per_run == 5);
  CHECK(s.runs.budget == run_settings::budget_rule::number);
  CHECK(s.runs.budget_number == 77);
  CHECK(s.runs.max_concurrent == 2);
  CHECK(s.runs.queue_ahead == 0);
  CHECK(s.runs.max_unread == 3);
  CHECK(s.runs.max_age == 2h);
  CHECK(s.runs.max_pending == 3h);
  CHECK(s.poll.interval == 5s);
  CHECK(s.captures.window == 1u << 20);
  REQUIRE(s.sinks.size() == 2);
  CHECK(s.sinks[0].name == "file-0");
  CHECK(s.sinks[0].fields.text("path") == f.folder / "out/a.jsonl");
  CHECK(s.sinks[0].fields.text("compression") == "zstd");
  CHECK(s.sinks[0].fields.text("exists") == "refuse");
  CHECK(s.sinks[1].name == "hook");
  CHECK(s.sinks[1].fields.get<std::map<std::string, std::string>>("headers")
        == std::map<std::string, std::string>{{"X-Team", "shoes"},
                                              {"X-Empty", ""}});
  CHECK(s.sinks[1].fields.get<secret>("secret")() == std::string{"s"});
  CHECK(s.sinks[1].fields.get<int64_t>("batch.captures") == 5);
  CHECK(s.sinks[1].fields.get<int64_t>("batch.bytes") == 1 << 20);
  CHECK(s.sinks[1].fields.get<std::chrono::milliseconds>("max_down") == 1h);
  CHECK(s.sinks[1].fields.has("batch"));
  CHECK_FALSE(s.sinks[1].fields.has("dead_letter"));
  CHECK(s.ledger == f.folder / "state/l.sluice");
  REQUIRE(s.notify);
  CHECK(s.notify->command
        == std::vector<std::string>{f.folder / "bin/tell", "a b"});
  CHECK(s.notify->on == std::vector<ending>{ending::done, ending::held});
  CHECK(s.notify->at.line == 42);
  CHECK(s.log.level == log_level::debug);
  CHECK(s.log.as == log_settings::format::json);
}

TEST_CASE("captures are downloaded if the config says so", "[config]") {
  config_fixture f;
  auto result = f.load(sound + "captures: {fetch: download}\n");
  REQUIRE(result.value);
  CHECK(result.value->captures.download);
}

TEST_CASE("a notify section names a program and applies to all endings unless "
          "some are listed",
          "[config]") {
  config_fixture f;
  CHECK_FALSE(f.load(sound).value->notify);
  CHECK_FALSE(f.load(sound + "notify:\n").value->notify);
  auto plain = f.load(sound + "notify: {command: mail}\n");
  REQUIRE(plain.value);
  REQUIRE(plain.value->notify);
  CHECK(plain.value->notify->command == std::vector<std::string>{"mail"});
  CHECK(plain.value->notify->on.size() == 4);
  CHECK(f.findings(sound + "notify: {on: [done]}\n")
        == std::vector<std::string>{
          "5:1: notify.command is missing: write command: [./tell.sh, shoes]; "
          "each argument is a separate item, and no shell interprets them"});
  CHECK_THAT(
    f.findings(sound + "notify: {command: x, on: [done, never]}\n").at(0),
    Catch::StartsWith("5:33: \"never\" is not a valid value for notify.on[1] "
                      "(\"never\" is not an allowed word): write a list of one "
                      "or more of done, incomplete, stopped or held"));
}

TEST_CASE("JSON is accepted as YAML", "[config]") {
  config_fixture f;
  auto result = f.load(R"({
  "api": {"key": "k", "burst": 5, "timeout": "10s"},
  "input": {"urls": ["a.txt"], "deduplicate": false},
  "runs": {"robot": {"*": "rbt_1"}, "budget": "none"},
  "sinks": [{"type": "file", "path": "x\u002ejsonl"}]
})");
  REQUIRE(result.value);
  CHECK(result.value->api.burst == 5);
  CHECK(result.value->runs.budget == run_settings::budget_rule::none);
  CHECK(result.value->sinks[0].fields.text("path") == f.folder / "x.jsonl");
}

TEST_CASE("JSON encodes a character beyond 65,535 as two escapes", "[config]") {
  config_fixture f;
  auto with_name = [](const std::string& name) {
    return "{\"name\": \"" + name
           + "\",\n\"api\": {\"key\": \"k\"}, \"input\": {\"urls\": \"u\"}, "
             "\"runs\": {\"robot\": \"r\"}, \"sinks\": [{\"type\": "
             "\"stdout\"}]}";
  };
  for (auto& [written, meant] : std::map<std::string, std::string>{
         {R"(\ud83d\ude00)", "\U0001F600"},
         {R"(a \uD83D\uDE00b)", "a \U0001F600b"},
         {R"(\"\ud83d\ude00\\u)", "\"\U0001F600\\u"},
         {R"(\\ud83d\\ude00)", R"(\ud83d\ude00)"},
         {R"(\u00e9)", "\u00e9"}}) {
    INFO(written);
    auto loaded = f.load(with_name(written));
    REQUIRE(loaded.value);
    CHECK(loaded.value->name == meant);
  }
  auto marked = f.load("\xEF\xBB\xBF" + with_name(R"(\ud83d\ude00)"));
  REQUIRE(marked.value);
  CHECK(marked.value->name == "\U0001F600");
  for (auto* half : {R"(\ud83d)", R"(\ude00\ud83d)", R"(\ud83d\u0041)"})
    CHECK_FALSE(f.load(with_name(half)).findings.empty());
}
