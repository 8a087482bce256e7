// Output derived from the field specs: schema, reference page, starter config.

#include "config/check.hpp"
#include "config/document.hpp"
#include "config/job.hpp"
#include "config/json_text.hpp"
#include "config/load.hpp"
#include "config/profile.hpp"
#include "tests/config/config_fixture.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/json_schema.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>

#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Every field of the tree and its path.
void walk(const config::field& spec, const std::string& path,
          std::vector<std::pair<std::string, const config::field*>>& out) {
  for (auto& child : spec.children) {
    out.emplace_back(path + child.name, &child);
    walk(child, path + child.name + ".", out);
  }
}

/// Uncomments every "#key: value" line.
std::string uncommented(const std::string& text) {
  std::istringstream in{text};
  std::string out;
  for (std::string line; std::getline(in, line); out += line + "\n")
    if (auto mark = line.find('#'); mark != std::string::npos
                                    && line.find(": ") != std::string::npos
                                    && line.compare(mark + 1, 1, " ") != 0)
      line.erase(mark, 1);
  return out;
}

/// Where in a config file the schema finds an error; empty if it finds none.
std::string schema_objection(const std::string& yaml) {
  auto specs = sample_specs();
  specs.push_back({"null", "Counts.", {}});
  json_schema schema{config::json_schema(specs)};
  config::finding_list findings;
  auto tree = config::parse_document(yaml, "job.yaml", findings);
  REQUIRE(tree);
  return schema.objection(config::json_text(*tree));
}

} // namespace

TEST_CASE("every field has a name and a help sentence", "[config]") {
  auto specs = sample_specs();
  auto job = config::job_fields(specs);
  std::vector<std::pair<std::string, const config::field*>> all;
  walk(job, "", all);
  walk(config::profile_fields(), "profile:", all);
  for (auto& [path, spec] : all) {
    INFO(path);
    CHECK_FALSE(spec->name.empty());
    CHECK_FALSE(spec->help.empty());
    CHECK(spec->help.back() == '.');
    CHECK(spec->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_")
          == std::string::npos);
  }
}

TEST_CASE("the schema describes every key, and sinks by type", "[config]") {
  rapidjson::Document schema;
  schema.Parse(config::json_schema(sample_specs()).c_str());
  REQUIRE_FALSE(schema.HasParseError());
  CHECK(schema["$schema"].GetString()
        == std::string{"https://json-schema.org/draft/2020-12/schema"});
  CHECK_FALSE(schema["additionalProperties"].GetBool());
  auto& properties = schema["properties"];
  for (auto name : {"name", "api", "input", "runs", "poll", "captures", "sinks",
                    "ledger", "notify", "log"})
    CHECK(properties.HasMember(name));
  CHECK(properties.MemberCount() == 11);
  auto& burst = properties["api"]["properties"]["burst"]["anyOf"][0];
  CHECK(burst["minimum"].GetInt() == 1);
  CHECK(burst["maximum"].GetInt() == 100'000);
  REQUIRE(schema["required"].Size() == 3);
  auto& sinks = properties["sinks"]["items"]["oneOf"];
  REQUIRE(sinks.Size() == 3);
  auto& webhook = sinks[2]["properties"];
  CHECK(webhook["type"]["enum"][0].GetString() == std::string{"webhook"});
  CHECK(webhook["batch"]["properties"].HasMember("captures"));
}

TEST_CASE("the schema accepts what the loader accepts", "[config]") {
  CHECK(schema_objection(sound).empty());
  CHECK(schema_objection(config::starter_config()).empty());
  CHECK(schema_objection(sound + "poll:\ncaptures:\nlog:\n").empty());
  auto types = GENERATE(as<std::string>{}, "null", "'null'");
  auto config = sound;
  config.replace(config.find("stdout"), 6, types);
  CHECK(schema_objection(config).empty());
}

TEST_CASE("the schema refuses what the loader refuses", "[config]") {
  config_fixture f;
  auto config = GENERATE(
    as<std::string>{}, sound + "pol:\n", sound + "poll: [1]\n",
    sound + "log: {level: loud}\n",
    "input:\nruns: {robot: rbt_1}\nsinks: [{type: stdout}]\n",
    "input: {urls: urls.txt}\nruns: {robot: rbt_1}\nsinks: [{type: file}]\n");
  INFO(config);
  CHECK_FALSE(f.findings(config).empty());
  CHECK_FALSE(schema_objection(config).empty());
}

TEST_CASE("the reference has an entry for every key", "[config]") {
  auto specs = sample_specs();
  auto page = config::reference_page(specs);
  for (auto key : {"`name`", "`api.burst`", "`input.urls`", "`runs.robot`",
                   "`poll.interval`", "`captures.window`", "`sinks[].path`",
                   "`sinks[].batch.captures`", "`ledger`", "`log.level`",
                   "`extends`", "`status.map.done`", "`results.page.kind`"}) {
    INFO(key);
    CHECK(page.find("**" + std::string{key} + "**") != std::string::npos);
  }
}

TEST_CASE("the reference has a sink's notes after its keys", "[config]") {
  auto specs = sample_specs();
  specs.back().notes = "| answer | what follows |\n";
  auto page = config::reference_page(specs);
  auto last_key = page.rfind("**`sinks[].on_down`**");
  REQUIRE(last_key != std::string::npos);
  CHECK(page.find("\n\n| answer | what follows |\n", last_key)
        != std::string::npos);
}

TEST_CASE("the starter config loads unchanged", "[config]") {
  config_fixture f;
  auto found = f.findings(config::starter_config());
  INFO((found.empty() ? "" : found[0]));
  CHECK(found.empty());
  CHECK(config::starter_config().find("run --simulate") != std::string::npos);
}

TEST_CASE("every commented-out key of the starter config is valid",
          "[config]") {
  config_fixture f;
  fill(f.folder / "ca.pem", new_authority().pem());
  auto text = uncommented(config::starter_config());
  auto found = f.findings(text);
  INFO(text);
  INFO((found.empty() ? "" : found[0]));
  CHECK(found.empty());
  auto plain = f.load(config::starter_config());
  auto full = f.load(text);
  REQUIRE((plain.value && full.value));
  CHECK(full.value->captures.window == plain.value->captures.window);
  CHECK(full.value->runs.max_age == plain.value->runs.max_age);
}
