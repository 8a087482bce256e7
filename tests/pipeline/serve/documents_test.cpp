// The published documents match what the program does.

#include "pipeline/notify.hpp"
#include "pipeline/serve/metrics.hpp"
#include "tests/pipeline/serve/live_fixture.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/json_view.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>
#include <set>

using namespace sluice;
using namespace sluice::test;

namespace {

using names = std::set<std::string>;

std::string document(const std::string& name) {
  return content_of(std::string{SLUICE_SOURCE_DIR} + "/docs/" + name);
}

/// The first group of every match.
names found_in(const std::string& text, const char* pattern) {
  names out;
  std::regex expression{pattern};
  for (std::sregex_iterator match{text.begin(), text.end(), expression}, end;
       match != end; ++match)
    out.insert((*match)[1]);
  return out;
}

names events_in_the_sources() {
  names out;
  for (auto* folder : {"core", "config", "actors", "pipeline"})
    for (auto& entry : std::filesystem::recursive_directory_iterator{
           std::filesystem::path{SLUICE_SOURCE_DIR} / folder})
      if (entry.path().extension() == ".cpp")
        out.merge(found_in(content_of(entry.path()),
                           R"re(log_event\(\s*[a-z_:]+,\s*"([a-z_]+)")re"));
  return out;
}

/// The rows of the table under a heading, by the code in their first column.
names rows_under(const std::string& heading) {
  auto page = document("monitoring.md");
  auto begin = page.find("\n## " + heading + "\n");
  REQUIRE(begin != std::string::npos);
  auto end = page.find("\n## ", begin + 1);
  return found_in(page.substr(begin, end - begin), R"(\n\| `([a-z_]+)[`{])");
}

/// Members of `json` at any depth that `schema` does not describe.
void undescribed(const json_view& json, const json_view& schema,
                 names& missing) {
  if (json.raw().IsArray()) {
    for (size_t i = 0; i < json.size(); ++i)
      undescribed(json[i], schema["items"], missing);
    return;
  }
  if (!json.raw().IsObject() || !schema.has("properties"))
    return;
  for (auto& member : json.raw().GetObject()) {
    auto* name = member.name.GetString();
    if (schema["properties"].has(name))
      undescribed(json[name], schema["properties"][name], missing);
    else
      missing.insert(name);
  }
}

} // namespace

TEST_CASE_METHOD(live_fixture,
                 "the JSON Schema describes every member of the status") {
  auto schema = document("status.schema.json");
  auto json = report_json(*report);
  json_schema rules{schema};
  CHECK(rules.objection(json) == "");
  CHECK(rules.rules()["$schema"]
        == "https://json-schema.org/draft/2020-12/schema");
  names missing;
  undescribed(json_view{json}, json_view{schema}, missing);
  CHECK(missing == names{});
  auto notice = notice_text(*report, {4, "interrupted"}, {ending::stopped});
  CHECK(rules.objection(notice) == "");
  undescribed(json_view{notice}, json_view{schema}, missing);
  CHECK(missing == names{});
  // The schema refuses invalid values.
  auto wrong = json;
  wrong.replace(wrong.find("\"pending\":7"), 11, "\"pending\":-7");
  CHECK(rules.objection(wrong) == "#/urls/pending breaks minimum");
}

TEST_CASE_METHOD(live_fixture,
                 "the manual lists exactly the exported metrics") {
  auto exported =
    found_in(metrics_text(report.get(), live.get()), "# TYPE ([a-z_]+) ");
  CHECK(exported.size() > 20);
  CHECK(rows_under("Metrics") == exported);
}

TEST_CASE_METHOD(live_fixture,
                 "the Grafana dashboard uses only exported metrics") {
  auto exported =
    found_in(metrics_text(report.get(), live.get()), "\n([a-z_]+)[{ ]");
  auto asked = found_in(document("grafana-dashboard.json"), "(sluice_[a-z_]+)");
  CHECK(asked.size() > 15);
  for (auto& name : asked) {
    INFO(name);
    CHECK(exported.contains(name));
  }
}

TEST_CASE("the manual lists exactly the events of the log") {
  auto logged = events_in_the_sources();
  CHECK(logged.size() > 20);
  CHECK(rows_under("Log events") == logged);
}
