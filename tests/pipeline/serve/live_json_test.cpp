#include "pipeline/serve/live_json.hpp"
#include "tests/pipeline/serve/live_fixture.hpp"
#include "tests/support/json_view.hpp"
#include "tests/support/named_job.hpp"
#include "tests/support/pages.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

TEST_CASE_METHOD(live_fixture, "the page gets the output of `status --json` "
                               "and what only this process knows") {
  REQUIRE_FALSE(sink->write(page_of(1, {"{}", "{}"})));
  json_view json{live_json(report_ptr{report}, live.get(), config)};
  json_view whole{report_json(*report)};
  CHECK(json["status"].text() == whole.text());
  CHECK(json["status"]["urls"]["pending"] == 7);
  auto job = json["live"];
  CHECK(job["phase"] == "running");
  CHECK(job["sample"][2] == 2);
  CHECK(job["runs"][0]["run"] == hostile);
  CHECK(job["runs"][0]["submitted_at"].text() == "null");
  CHECK(job["sinks"][0]["name"] == "all");
  CHECK(job["sinks"][0]["captures"] == 2);
  CHECK(job["sinks"][0]["lag"] == 3);
  CHECK(job["bucket"]["burst"].text() == "30.0");
  json_view history{history_json(live.get())};
  REQUIRE(history.size() == 1);
  CHECK(history[0][2] == 2);
}

TEST_CASE_METHOD(live_fixture,
                 "the page says if there is no running job or no ledger") {
  json_view stopped{live_json(report_ptr{report}, nullptr, config)};
  CHECK_FALSE(stopped.has("live"));
  CHECK(stopped["status"]["urls"]["captured"] == 3);
  CHECK(history_json(nullptr) == "[]");
  CHECK(stopped["fetch"] == "pages");
  config.captures.download = true;
  CHECK(json_view{live_json(report_ptr{report}, nullptr, config)}["fetch"]
        == "downloads");
  json_view broken{live_json(make_error(ec::ledger_unusable, "it is damaged"),
                             live.get(), config)};
  CHECK_FALSE(broken.has("status"));
  CHECK(broken["status_error"] == "it is damaged");
}

TEST_CASE_METHOD(live_fixture,
                 "commands can be copied unchanged for any file name") {
  named_job job{config.file, {"ledger=a b.sluice"}};
  json_view json{live_json(report_ptr{report}, nullptr, config)};
  const std::string same = R"('/jobs/it'\''s/job.yaml' --set )"
                           "'ledger=a b.sluice'";
  CHECK(json["commands"]["run"] == "sluice run " + same);
  CHECK(json["commands"]["resolve"] == "sluice resolve " + same);
  CHECK(json["commands"]["rejected"]
        == "sluice status " + same + " --list rejected > rejected.txt");
  // A rehearsal has no decisions to make.
  config.rehearsed = true;
  json_view rehearsed{live_json(report_ptr{report}, nullptr, config)};
  CHECK(rehearsed["commands"]["run"] == "sluice run " + same + " --simulate");
  CHECK(rehearsed["commands"]["resolve"].text() == "null");
}

TEST_CASE_METHOD(
  live_fixture,
  "the update sent each second stays small, even with many held batches") {
  for (int64_t key = 0; key < 1'000; ++key) {
    report->context.held.push_back({key, 1, std::string(300, 'x')});
    report->context.rejected.push_back({key, 1, std::string(300, 'x')});
    report->context.failed.push_back({key, 1, std::string(300, 'x')});
    run_bar bar;
    bar.batch = key;
    bar.id = "run_" + std::to_string(key);
    counters->runs.put(bar);
  }
  auto text = live_json(report_ptr{report}, live.get(), config);
  CHECK(text.size() < 100'000);
  json_view json{text};
  CHECK(json["status"]["held"].size() == 20);
  CHECK(json["status"]["failed"].size() == 20);
  CHECK(json["live"]["runs"].size() == 60);
  CHECK(json["live"]["runs_not_shown"] == run_board::most_open - 60);
}

TEST_CASE_METHOD(live_fixture, "the page says why a running job's API fails") {
  progress_facts facts;
  facts.failure = "the API fails: HTTP 502";
  live->note(facts);
  json_view failing{live_json(report_ptr{report}, live.get(), config)};
  CHECK(failing["live"]["detail"] == "the API fails: HTTP 502");
  facts.failure.clear();
  facts.limit = "the limit";
  live->note(facts);
  json_view limited{live_json(report_ptr{report}, live.get(), config)};
  CHECK(limited["live"]["detail"] == "the limit");
  live->note({});
  json_view well{live_json(report_ptr{report}, live.get(), config)};
  CHECK(well["live"]["detail"] == "");
}
