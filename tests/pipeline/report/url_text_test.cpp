#include "pipeline/report/url_text.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("a URL is reported with each of its runs") {
  settings config;
  config.sinks = {{"file", "all", {}, {}}, {"webhook", "hook", {}, {}}};
  config.files = {{"/jobs/all.jsonl", "sinks[0].path", {}}};
  constexpr int64_t time_ms = 1'796'033'161'500;
  url_place given_up{3, "rbt_1", "run_1", time_ms, 20, 0, {}, true, {}};
  url_place missed{9, "rbt_1", "run_2", time_ms, 20, 19, {}, false, {}};
  url_place captured{
    12, "rbt_1", "run_3", time_ms, 4, 3, url_state::captured, false, {}};
  CHECK(
    url_text("https://shop.example/1", {given_up, missed, captured}, 3, config)
    == "https://shop.example/1\n"
       "  batch 3, run run_1 of robot rbt_1, submitted 2026-11-30 10:06:01 "
       "UTC: given up; submitted again; 0 captures delivered of its 20 "
       "URLs\n"
       "  batch 9, run run_2 of robot rbt_1, submitted 2026-11-30 10:06:01 "
       "UTC: no capture; submitted again; 19 captures delivered of its 20 "
       "URLs\n"
       "  batch 12, run run_3 of robot rbt_1, submitted 2026-11-30 10:06:01 "
       "UTC: captured; 3 captures delivered of its 4 URLs\n"
       "  delivered to all (file /jobs/all.jsonl), hook (webhook)\n");
  CHECK_THAT(
    url_text("https://shop.example/1", {given_up, missed, captured}, 2, config),
    Catch::Contains("19 captures delivered of its 20 URLs\n  … and more\n"));
  given_up.run_id.clear();
  CHECK(url_text("https://shop.example/1", {given_up}, 3, config)
        == "https://shop.example/1\n"
           "  batch 3 of robot rbt_1, submitted 2026-11-30 10:06:01 UTC: held; "
           "submitted again\n");
}

TEST_CASE("a URL without a capture is reported without a delivery") {
  url_place held{3, "rbt_1",         "",    1'796'033'161'500, 20,
                 0, url_state::held, false, "timeout"};
  CHECK(url_text("https://shop.example/1", {held}, 3, {})
        == "https://shop.example/1\n"
           "  batch 3 of robot rbt_1, submitted 2026-11-30 10:06:01 UTC: held "
           "(timeout)\n");
  url_place planned{
    3, "rbt_1", "", 0, 20, 0, url_state::pending, false, "not submitted yet"};
  CHECK(url_text("https://shop.example/1", {planned}, 3, {})
        == "https://shop.example/1\n"
           "  batch 3 of robot rbt_1: pending (not submitted yet)\n");
}

TEST_CASE("an invalid record is reported with its position") {
  CHECK(url_text(invalid_record{"urls.txt", 7, "no\nurl", "not a URL"})
        == "no\\x0aurl\n"
           "  invalid, never submitted: urls.txt:7: not a URL\n");
}
