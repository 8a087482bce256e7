#include "config/expand.hpp"
#include "tests/config/config_fixture.hpp"

#include <catch2/catch.hpp>

#include <stdlib.h>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Sets or removes an environment variable for one scope.
class variable {
public:
  variable(const char* name, const char* value) : name_{name} {
    if (value == nullptr)
      ::unsetenv(name);
    else
      ::setenv(name, value, 1);
  }
  ~variable() { ::unsetenv(name_); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

private:
  const char* name_;
};

std::string message(const caf::expected<std::string>& result) {
  return result ? "" : what_of(result.error());
}

} // namespace

TEST_CASE("references are expanded and other dollar signs are kept",
          "[config]") {
  temp_folder folder;
  fill(folder / "one", "line\n");
  fill(folder / "two", "a\nb\r\n");
  variable set{"SLUICE_T_SET", "v"};
  variable empty{"SLUICE_T_EMPTY", ""};
  variable unset{"SLUICE_T_UNSET", nullptr};
  struct row {
    std::string text, expected;
  };
  for (auto& [text, expected] : std::vector<row>{
         {"", ""},
         {"plain", "plain"},
         {"a${SLUICE_T_SET}b${SLUICE_T_SET}", "avbv"},
         {"${SLUICE_T_EMPTY}", ""},
         {"${SLUICE_T_EMPTY:-d}", "d"},
         {"${SLUICE_T_UNSET:-d e}", "d e"},
         {"${SLUICE_T_UNSET:-}", ""},
         {"${SLUICE_T_SET:-d}", "v"},
         {"$$", "$"},
         {"$${SLUICE_T_SET}", "${SLUICE_T_SET}"},
         {"$5 and $", "$5 and $"},
         {"${file:one}", "line"},
         {"${file:two}", "a\nb"},
         {"${file:" + (folder / "one").string() + "}", "line"}}) {
    INFO(text);
    auto result = config::expand(text, folder / "");
    REQUIRE(result);
    CHECK(*result == expected);
  }
}

TEST_CASE("a reference that cannot be resolved names its target", "[config]") {
  temp_folder folder;
  variable unset{"SLUICE_T_UNSET", nullptr};
  fill(folder / "huge", std::string(65 * 1024, 'x'));
  struct row {
    std::string text, expected;
  };
  for (auto& [text, expected] :
       std::vector<row>{{"${SLUICE_T_UNSET}", "SLUICE_T_UNSET is not set"},
                        {"${file:none}", "none, which ${file:} names"},
                        {"${file:.}", "Is a directory"},
                        {"${file:huge}", "larger than 64 KiB"},
                        {"${file:}", "names no file"},
                        {"${open", "${ without }"},
                        {"${}", "names no environment variable"},
                        {"${1A}", "names no environment variable"},
                        {"${A-B}", "names no environment variable"}}) {
    INFO(text);
    auto result = config::expand(text, folder / "");
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == ec::usage);
    INFO(message(result));
    CHECK(message(result).find(expected) != std::string::npos);
  }
}

TEST_CASE("a secret is resolved at first use and then kept", "[config]") {
  temp_folder folder;
  auto key = config::make_secret("${SLUICE_T_KEY}", folder / "");
  {
    variable unset{"SLUICE_T_KEY", nullptr};
    CHECK(message(key()).find("SLUICE_T_KEY") != std::string::npos);
  }
  {
    variable set{"SLUICE_T_KEY", "abc"};
    CHECK(key() == std::string{"abc"});
  }
  CHECK(key() == std::string{"abc"});
  fill(folder / "key", "from-file\n");
  CHECK(config::make_secret("${file:key}", folder / "")()
        == std::string{"from-file"});
}

TEST_CASE("an unusable secret is refused by name and its value is not shown",
          "[config]") {
  temp_folder folder;
  fill(folder / "two-lines", "hidden\nvalue\n");
  fill(folder / "nothing", "\n");
  variable empty{"SLUICE_T_KEY", ""};
  struct row {
    std::string text, expected;
  };
  for (auto& [text, expected] : std::vector<row>{
         {"${SLUICE_T_KEY}", "the environment variable SLUICE_T_KEY is empty"},
         {"${file:nothing}", "the file nothing is empty"},
         {"${file:two-lines}", "the file two-lines holds a line break"}}) {
    auto result = config::make_secret(text, folder / "")();
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == ec::usage);
    CHECK(message(result).find(expected) != std::string::npos);
    CHECK(message(result).find("hidden") == std::string::npos);
  }
}

TEST_CASE("a secret is masked as soon as a message may contain it",
          "[config]") {
  temp_folder folder;
  variable set{"SLUICE_T_KEY", "by-reference-0001"};
  auto written = config::make_secret("in-the-config-0001", folder / "");
  auto named = config::make_secret("${SLUICE_T_KEY}", folder / "");
  CHECK(printable("in-the-config-0001 by-reference-0001")
        == "*** by-reference-0001");
  CHECK(named());
  CHECK(printable("in-the-config-0001 by-reference-0001") == "*** ***");
}

TEST_CASE("references in config values are expanded and secrets are resolved "
          "only when used",
          "[config]") {
  config_fixture f;
  variable burst{"SLUICE_T_BURST", "9"};
  variable unset{"SLUICE_T_UNSET", nullptr};
  auto text = std::string{R"(api: {key: "${SLUICE_T_UNSET}", burst: )"}
              + "\"${SLUICE_T_BURST}\"}\n"
              + R"(input: {urls: ["${SLUICE_T_UNSET:-list}.txt"]}
runs: {robot: r}
sinks: [{type: stdout}]
)";
  auto result = f.load(text);
  REQUIRE(result.value);
  CHECK(result.value->api.burst == 9);
  CHECK(result.value->input.urls[0] == f.folder / "list.txt");
  CHECK(message(result.value->api.key()).find("SLUICE_T_UNSET")
        != std::string::npos);
}

TEST_CASE("a finding shows the reference instead of its value", "[config]") {
  config_fixture f;
  variable secret{"SLUICE_T_KEY", "topsecret"};
  auto found = f.findings(sound + "poll: {interval: \"${SLUICE_T_KEY}\"}\n"
                          + "name: \"${SLUICE_T_UNSET}\"\n"
                          + "log: {level: \"${SLUICE_T_KEY\"}\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0].starts_with("5:18: \"${SLUICE_T_KEY}\" is no value for"));
  CHECK(found[1].find("6:7: name: the environment variable SLUICE_T_UNSET is "
                      "not set")
        == 0);
  CHECK(found[2].find("7:14: log.level: ${ without }") == 0);
  for (auto& one : found)
    CHECK(one.find("topsecret") == std::string::npos);
}
