#include "tests/config/config_fixture.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A config text and its expected findings: "line:column: part of the message".
struct row {
  std::string yaml;
  std::vector<std::string> expected;
};

bool says(const std::string& finding, const std::string& expected) {
  auto split = expected.find(": ");
  return finding.starts_with(expected.substr(0, split + 2))
         && finding.find(expected.substr(split + 2)) != std::string::npos;
}

/// Exactly the expected findings, in order.
void check_rows(const std::vector<row>& rows) {
  config_fixture f;
  for (auto& [yaml, expected] : rows) {
    auto found = f.findings(yaml);
    std::string all;
    for (auto& one : found)
      all += one + "\n";
    INFO("yaml:\n" << yaml << "\nfound:\n" << all);
    CHECK(found.size() == expected.size());
    for (size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
      INFO("expected: " << expected[i]);
      CHECK(says(found[i], expected[i]));
    }
  }
}

/// Like `sound`, with the given contents of its four sections.
std::string job(const std::string& api, const std::string& input = "urls: u",
                const std::string& runs = "robot: r",
                const std::string& sinks = "{type: stdout}") {
  return "api: {" + api + "}\ninput: {" + input + "}\nruns: {" + runs
         + "}\nsinks: [" + sinks + "]\n";
}

} // namespace

TEST_CASE("text that is not a config at all is identified", "[config]") {
  check_rows({
    {"", {"1:1: the file is empty"}},
    {"# only a comment\n", {"1:1: the file is empty"}},
    {"- a\n- b\n", {"1:1: a config is a mapping, not a list"}},
    {"just words", {"1:1: a config is a mapping, not a single value"}},
    {"~", {"1:1: a config is a mapping, not an empty value"}},
    {"api: [1, 2", {"1:6: not valid YAML: "}},
    {"api: {key: k}\n  input: x\n", {"2:3: not valid YAML: "}},
    {"a: 1\nb: @x\n", {"2:4: not valid YAML: "}},
    {"a: \"open\n", {"1:9: not valid YAML: "}},
    {"ä: b\napi: {key: ${K}}\n", {"2:13: a value with ${...} must be quoted"}},
    {"api: {\r\n key: ${K:-k},\r\n a: b}\n",
     {"2:8: a value with ${...} must be quoted"}},
    {"input: {urls: [a, b-${L}]}\n", {"1:22: must be quoted"}},
    {sound + "---\na: 1\n", {"5:1: a second document"}},
    {"name: a\x01"
     "b\n",
     {"1:8: this is not plain UTF-8"}},
    {"name: ok\nx: \xff\n", {"2:4: this is not plain UTF-8"}},
    {std::string("name: a\0b\n", 10), {"1:8: this is not plain UTF-8"}},
    {std::string(2 << 20, '#'), {"1:1: larger than 1 MiB"}},
  });
}

TEST_CASE("quotes are not suggested if none are missing", "[config]") {
  config_fixture f;
  for (std::string yaml : {"api: {key: \"${K}\", name: x\n", "a: {b: {c: d}\n",
                           "a: $\nb: {c: d\n"}) {
    INFO(yaml);
    auto found = f.findings(yaml);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0],
               Catch::Contains("not valid YAML") && !Catch::Contains("quoted"));
  }
}

TEST_CASE("YAML features that a config does not need are refused", "[config]") {
  check_rows({
    {sound + "log: &a {level: info}\ncaptures: *a\n",
     {"6:11: aliases (*name) are not supported"}},
    {sound + "log: {<<: {level: info}}\n",
     {"5:7: merge keys (<<) are not supported"}},
    {sound + "name: !thing x\n", {"5:7: tags (!name) are not supported"}},
    {sound + "? [a]\n: b\n", {"5:3: a key must be a plain word, not a list"}},
    {sound + "name: a\nname: b\n",
     {"6:1: \"name\" appears twice (first on line 5)"}},
    {sound + "log: {level: info, level: warn}\n",
     {"5:20: \"level\" appears twice"}},
    {sound + "name: " + std::string(40, '[') + std::string(40, ']') + "\n",
     {"5:38: nested more than 32 deep"}},
    {sound + "name:\n" + std::string(1 << 20 >> 1, '['),
     {"6:19982: more than 20000 brackets, commas and colons"}},
  });
}

TEST_CASE("unknown keys are reported with the likely intention", "[config]") {
  check_rows({
    {sound + "sniks: []\n",
     {"5:1: unknown key sniks; did you mean \"sinks\"?"}},
    {sound + "wobble: 1\n", {"5:1: unknown key wobble: write one of"}},
    {sound + "robot: rbt_1\n", {"5:1: unknown key robot: it belongs in runs"}},
    {job("key: k, brust: 3"),
     {"1:15: unknown key api.brust; did you mean \"burst\"?"}},
    {job("key: k", "urls: u", "robot: r", "{type: file, path: x, zzzz: 1}"),
     {"4:31: unknown key sinks[0].zzzz: write one of type, name, path"}},
    {job("key: k", "urls: u", "robot: r",
         "{type: webhook, url: u, batch: {captrues: 5}}"),
     {"4:41: unknown key sinks[0].batch.captrues; did you mean \"captures\"?"}},
    {sound + "\"a\\nb\": 1\n", {"5:1: unknown key a\\x0ab"}},
  });
}

TEST_CASE("missing keys are reported with an example", "[config]") {
  check_rows({
    {"name: x\n",
     {"1:1: input.urls is missing: write urls: [", "1:1: runs.robot is missing",
      "1:1: sinks is missing", "1:1: api.key is missing: write key: ${"}},
    {job("burst: 3"), {"1:1: api.key is missing"}},
    {job("key: k", "format: csv"), {"2:1: input.urls is missing"}},
    {job("key: k", "urls: []"), {"2:15: (it is empty)"}},
    {job("key: k", "urls: u", "budget: none"), {"3:1: runs.robot is missing"}},
    {job("key: k", "urls: u", "robot: {}"), {"3:15: runs.robot (it is empty)"}},
    {job("key: k", "urls: u", "robot: r", ""), {"4:8: (it is empty)"}},
    {job("key: k", "urls: u", "robot: r", "{path: x}"),
     {"4:9: sinks[0].type is missing: write one of file, stdout, webhook"}},
    {job("key: k", "urls: u", "robot: r", "{type: file}"),
     {"4:9: sinks[0].path is missing"}},
    {job("key: k", "urls: u", "robot: r", "{type: flie}"),
     {"4:16: \"flie\" is not a valid value for sinks[0].type; did you mean "
      "\"file\"?"}},
  });
}

TEST_CASE("wrong types and ranges are reported with what to write",
          "[config]") {
  check_rows({
    {sound + "captures: [pages]\n",
     {"5:11: a list is not a valid value for captures: write a mapping"}},
    {sound + "serve: here\n",
     {"5:8: serve is \"here\": write a port or host:port, such as 9464"}},
    {sound + "name: [x]\n",
     {"5:7: a list is not a valid value for name: write text"}},
    {sound + "name:\n", {"5:1: or leave the key out"}},
    {sound + "ledger: \"\"\n", {"5:9: (it is empty): write a file name"}},
    {job("key: k, burst: many"),
     {"1:22: \"many\" is not a valid value for api.burst: write a whole number "
      "from 1 to 100000"}},
    {job("key: k, burst: 0"), {"1:22: from 1 to 100000"}},
    {job("key: k, burst: 1.5"), {"1:22: a whole number"}},
    {job("key: k, burst: 99999999999999999999"), {"1:22: a whole number"}},
    {job("key: k, connections: 17"), {"1:28: from 1 to 16, or auto"}},
    {job("key: k, timeout: 30"), {"1:24: a duration (such as 500ms, 10s"}},
    {job("key: k, timeout: 5ms"), {"1:24: from 100ms to 1h"}},
    {job("key: k, max_body: 1MB"), {"1:25: a size (such as 64KiB"}},
    {job("key: k, base_url: api.example"), {"1:25: is not a base URL: write"}},
    {job("key: k, base_url: 'https://u:p@x.example'"), {"1:25: base URL"}},
    {job("key: k, base_url: 'https://x.example/?a'"), {"1:25: base URL"}},
    {job("key: k, proxy: 'socks5://x'"), {"1:22: http://host:port"}},
    {job("key: k, ca_file: nowhere.pem"), {"1:24: there is no file"}},
    {job("key: k", "urls: u, deduplicate: yes"), {"2:31: write true or false"}},
    {job("key: k", "urls: {a: b}"), {"2:15: a mapping is not a valid value"}},
    {job("key: k", "urls: [a, [b]]"),
     {"2:19: not a valid value for input.urls[1]"}},
    {job("key: k", "urls: u, format: xml"),
     {"2:26: auto, lines, csv, jsonl or json"}},
    {job("key: k", "urls: u", "robot: r, budget: 0"),
     {"3:26: or urls or none"}},
    {job("key: k", "urls: u", "robot: r, retry_missing: 11"), {"3:33: "}},
    {job("key: k", "urls: u", "robot: [r]"),
     {"3:15: a list is not a valid value"}},
    {job("key: k", "urls: u", "robot: {'https://x': r}"),
     {"3:16: is not a host name"}},
    {job("key: k", "urls: u", "robot: {'*.*.x': r}"),
     {"3:16: is not a host name"}},
    {job("key: k", "urls: u", "robot: {'*.x': r, '*.X': s}"),
     {"3:16: appears twice"}},
    {job("key: k", "urls: u", "robot: {a: r, A: q}"), {"3:16: appears twice"}},
    {job("key: k", "urls: u",
         "robot: {xn--bcher-kva.example: q, b\u00fccher.example: r}"),
     {"3:16: appears twice, in different spellings"}},
    {job("key: k", "urls: u", "robot: {a: ''}"), {"3:19: (it is empty)"}},
    {sound + "captures: {fetch: file}\n",
     {"5:19: \"file\" is not a valid value for captures.fetch: write pages or "
      "download"}},
    {job("key: k", "urls: u", "robot: r", "stdout"),
     {"4:9: a single value is not a valid value for sinks[0]: write a mapping "
      "with"}},
    {"sinks: {type: stdout}\n" + sound.substr(0, sound.find("sinks")),
     {"1:8: a mapping is not a valid value for sinks: write a list of "
      "mappings"}},
  });
}

TEST_CASE("rules between keys are checked", "[config]") {
  check_rows({
    {sound + "poll: {interval: 1s}\n",
     {"5:1: poll.min_interval (2s) is longer"}},
    {sound + "poll: {interval: 1m}\n", {"5:18: poll.interval (1m) is longer"}},
    {sound + "captures: {window: 1MiB}\n",
     {"5:20: captures.window (1MiB) is smaller than api.max_body (16MiB)"}},
    {sound + "captures: {fetch: download}\n", {}},
    {job("key: k, profile: extralt-v0") + "captures: {fetch: download}\n",
     {"5:19: captures.fetch is download, but the profile extralt-v0 has no "
      "`download`"}},
    {job("key: k", "urls: u", "robot: r, max_credits: 500"), {}},
    {job("key: k", "urls: u", "robot: r, budget: 7, max_credits: 500"), {}},
    {job("key: k", "urls: u", "robot: r, budget: none, max_credits: 500"),
     {"3:45: runs.max_credits needs a runs.budget other than none"}},
    {job("key: k, max_body: 64MiB"), {"1:25: captures.window (24MiB)"}},
    {job("key: k", "urls: [-, a, -]"), {"2:9: it can be read only once"}},
    {sound + "name: a/b\n", {"5:7: cannot name a file"}},
    {sound + "name: ..\n", {"5:7: cannot name a file"}},
    {job("key: k", "urls: u", "robot: r",
         "{type: file, path: a, name: x}, {type: stdout, name: x}"),
     {"4:62: the same name as sinks[0]"}},
    {job("key: k", "urls: u", "robot: r",
         "{type: file, path: a, name: stdout-1}, {type: stdout}"),
     {"4:48: sinks[1].name is \"stdout-1\""}},
  });
}

TEST_CASE("a credit limit needs a price", "[config]") {
  config_fixture f;
  fill(f.file().parent_path() / "free.yaml",
       "extends: extralt\ncredits_per_unit: 0\n");
  auto text =
    job("key: k, profile: free.yaml", "urls: u", "robot: r, max_credits: 500");
  auto found = f.findings(text);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0],
             Catch::StartsWith("3:31: runs.max_credits needs a price, and the "
                               "profile free"));
  CHECK(f.load(job("key: k")).value->runs.max_credits == std::nullopt);
  CHECK(f.load(job("key: k"), {"runs.max_credits=500"}).value->runs.max_credits
        == 500);
}

TEST_CASE("a credit limit needs a submit that sends the budget", "[config]") {
  config_fixture f;
  auto job_with = [&](const std::string& profile) {
    fill(f.file().parent_path() / "own.yaml", profile);
    return job("key: k, profile: own.yaml", "urls: u",
               "robot: r, max_credits: 500");
  };
  auto found = f.findings(job_with(
    "extends: extralt\nsubmit: {body: {robotId: r, urls: \"${urls}\"}}\n"));
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0],
             Catch::StartsWith("3:31: runs.max_credits needs an API that takes "
                               "a budget, and the profile own sends none"));
  for (auto* place :
       {"path: \"/runs/${budget}\"", "query: {max: \"${budget?}\"}",
        "body: {urls: \"${urls}\", max: \"${budget}\"}"}) {
    CAPTURE(place);
    CHECK(f.findings(job_with(std::string{"extends: extralt\nsubmit: {"}
                              + (std::string_view{place}.starts_with("body")
                                   ? ""
                                   : "body: {urls: \"${urls}\"}, ")
                              + place + "}\n"))
            .empty());
  }
}

TEST_CASE("control characters are refused everywhere", "[config]") {
  check_rows({
    {job("key: \"a\\r\\nX: y\""), {"1:12: api.key is not a usable secret"}},
    {job("key: \"\""), {"1:12: api.key is not a usable secret: it is empty"}},
    {job("key: k", "urls: u", "robot: \"r\\t\""), {"3:15: control character"}},
    {job("key: k", "urls: u", "robot: r",
         "{type: webhook, url: u, headers: {X: \"hidden\\r\\nY: z\"}}"),
     {"4:46: this is not a valid value for sinks[0].headers.X (it contains a "
      "line break"}},
    {job("key: k", "urls: u", "robot: r",
         "{type: webhook, url: u, headers: {\"X\\nY\": z}}"),
     {"4:43: a name in sinks[0].headers cannot be used"}},
  });
}

TEST_CASE("everything is reported at once in the order of the file",
          "[config]") {
  check_rows({{R"(api: {key: k, brust: 3, timeout: soon}
input: {urls: [], format: xml}
runs: {robot: "", budget: lots}
sinks: [{type: file}, {type: none}]
nmae: x
)",
               {"1:15: api.brust", "1:34: api.timeout", "2:15: input.urls",
                "2:27: input.format", "3:15: runs.robot", "3:27: runs.budget",
                "4:9: sinks[0].path", "4:30: sinks[1].type", "5:1: nmae"}}});
}

TEST_CASE("a flood of findings is shortened and the rest is counted",
          "[config]") {
  config_fixture f;
  auto text = sound;
  for (int i = 0; i < 500; ++i)
    text += "zz" + std::to_string(i) + ": 1\n";
  auto found = f.findings(text);
  REQUIRE(found.size() == 101);
  CHECK(found.back().find("and 400 more") != std::string::npos);
}

TEST_CASE("a file that cannot be read is named", "[config]") {
  config_fixture f;
  auto missing = config::load(f.folder / "none.yaml", {}, sample_specs());
  REQUIRE(missing.findings.size() == 1);
  CHECK(missing.findings[0].text().find("none.yaml: cannot read")
        != std::string::npos);
  auto folder = config::load(f.folder / ".", {}, sample_specs());
  REQUIRE(folder.findings.size() == 1);
  CHECK(folder.findings[0].message.find("cannot read") != std::string::npos);
}

TEST_CASE("a finding has the format of compiler messages", "[config]") {
  CHECK(config::finding{"a.yaml", 3, 7, "x"}.text() == "a.yaml:3:7: x");
  CHECK(config::finding{"--set a", 0, 0, "x"}.text() == "--set a: x");
}
