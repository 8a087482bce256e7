#include "pipeline/report/listed_text.hpp"
#include "tests/support/json_view.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

constexpr int64_t time_ms = 1'796'033'161'500;

listed_url odd() {
  return {"https://shop.example/a,b?q=\"x\"", "422: \"no, never\"\\x0a",
          "run_1", time_ms};
}

} // namespace

TEST_CASE("the plain form is just the URL and can be used as input") {
  CHECK(listed_header(list_form::plain).empty());
  CHECK(listed_text(list_form::plain, "rejected", odd())
        == "https://shop.example/a,b?q=\"x\"\n");
  CHECK(listed_text(list_form::plain, "invalid", {"no\nurl", "", "", 0})
        == "no\\x0aurl\n");
}

TEST_CASE("CSV follows RFC 4180") {
  CHECK(listed_header(list_form::csv)
        == "url,state,reason,run,submitted_at\r\n");
  CHECK(listed_text(list_form::csv, "rejected", odd())
        == "\"https://shop.example/a,b?q=\"\"x\"\"\",rejected,"
           "\"422: \"\"no, never\"\"\\x0a\",run_1,2026-11-30T10:06:01Z\r\n");
  CHECK(listed_text(list_form::csv, "pending",
                    {"https://shop.example/1", "not submitted yet", {}, 0})
        == "https://shop.example/1,pending,not submitted yet,,\r\n");
  CHECK(listed_text(list_form::csv, "invalid",
                    {"a\r\nb,\xff", "urls.txt:7: not a URL", {}, 0})
        == "\"a\\x0d\\x0ab,\\xff\",invalid,urls.txt:7: not a URL,,\r\n");
}

TEST_CASE("a long run id is listed in full") {
  std::string id(512, 'r');
  for (auto form : {list_form::csv, list_form::jsonl})
    CHECK_THAT(
      listed_text(form, "captured", {"https://shop.example/1", {}, id, 0}),
      Catch::Contains(id));
}

TEST_CASE("JSON Lines are objects with the same members") {
  CHECK(listed_header(list_form::jsonl).empty());
  CHECK(listed_text(list_form::jsonl, "rejected", odd())
        == R"({"url":"https://shop.example/a,b?q=\"x\"","state":"rejected",)"
           R"("reason":"422: \"no, never\"\\x0a","run":"run_1",)"
           R"("submitted_at":"2026-11-30T10:06:01Z"})"
           "\n");
  CHECK(listed_text(list_form::jsonl, "captured",
                    {"https://shop.example/1", {}, "run_\x1b", time_ms})
        == R"({"url":"https://shop.example/1","state":"captured",)"
           R"("reason":null,"run":"run_\\x1b",)"
           R"("submitted_at":"2026-11-30T10:06:01Z"})"
           "\n");
  CHECK(listed_text(list_form::jsonl, "invalid", {"\xff\n", "why", {}, 0})
        == R"({"url":"\\xff\\x0a","state":"invalid","reason":"why",)"
           R"("run":null,"submitted_at":null})"
           "\n");
}
