// page_splitter reads most pages with an index (core/base/json_index.hpp), and
// the others exactly, with json_reader.hpp. Both ways must agree.

#include "core/api/page_splitter.hpp"
#include "tests/support/json_mutations.hpp"
#include "tests/support/page_readings.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

results_dialect results_anywhere() {
  results_dialect dialect;
  dialect.items = {"/items", "/data/items", ""};
  dialect.item_id = {"/_id", "/meta/0/id"};
  dialect.item_url = {"/url"};
  dialect.page.by = pagination::kind::cursor;
  dialect.page.next = {"/nextCursor", "/meta/next"};
  dialect.page.more = {"/meta/hasMore"};
  return dialect;
}

std::string make_page() {
  std::string page = R"({"skipped":{"items":[{"_id":9}]},"items":[)";
  for (int i = 0; i < 8; ++i)
    page += std::string{i > 0 ? ",\n" : ""} + R"({"_id":"cap_)"
            + std::to_string(i) + R"(","url":"https:\/\/s.example\/)"
            + std::to_string(i) + R"(","data":{"t":"\"as new\", \u00e9",)"
            + R"("sizes":[40,41.5,{}],"items":[]}})";
  return page + R"(,{"meta":[{"id":5}]},7,"x",[]],"nextCursor":"c\u0032",)"
         + R"("meta":{"hasMore":true,"next":"z"}})";
}

std::vector<std::string> sample_pages() {
  return {make_page(), R"({"items":null,"nextCursor":0})",
          R"([{"_id":1,"url":"u","_id":2},{"\u005fid":"e"},{}])",
          R"({"data":{"items":[1]},"items":{"a":[2]},"nextCursor":{}})"};
}

/// Compares a page splitter with its two ways to read a page.
struct comparison {
  page_splitter splitter{results_anywhere()};
  page_readings readings{results_anywhere()};
  json_index index;

  bool agrees(const std::string& body, json_index& pieces) {
    auto exact = readings.exact(body);
    auto split = splitter.split(body);
    if (static_cast<bool>(split) != exact.has_value()
        || (split && !same(*split, *exact)))
      return false;
    for (auto each : {&index, &pieces})
      if (auto found = readings.indexed(body, *each);
          found && (!exact || !same(*found, *exact)))
        return false;
    return true;
  }
};

} // namespace

TEST_CASE("pages are split by their index") {
  comparison compared;
  for (auto& body : sample_pages()) {
    CAPTURE(body);
    auto exact = compared.readings.exact(body);
    REQUIRE(exact);
    auto found = compared.readings.indexed(body, compared.index);
    REQUIRE(found);
    CHECK(same(*found, *exact));
  }
}

TEST_CASE("a page is split the same with and without an index") {
  comparison compared;
  json_mutations mutations{2};
  auto bodies = sample_pages();
  size_t accepted = 0;
  for (int i = 0; i < 6'000; ++i) {
    auto place = i % 2 == 0 ? 0 : static_cast<size_t>(i) % bodies.size();
    auto body = mutations.of(bodies[place]);
    json_index pieces{static_cast<size_t>(100 + i % 900)};
    accepted += compared.readings.indexed(body, compared.index) ? 1 : 0;
    if (!compared.agrees(body, pieces))
      FAIL(body);
  }
  CHECK(accepted > 600);
  CHECK(accepted < 5'400);
}

TEST_CASE("a line is split the same as a page of one capture") {
  page_splitter splitter{results_anywhere()};
  auto dialect = results_anywhere();
  dialect.items = {""};
  page_readings page{dialect};
  json_mutations mutations{3};
  std::string good = R"({"_id":"a","url":"u","data":{"t":"\"x\"","n":[1,2]}})";
  for (int i = 0; i < 3'000; ++i) {
    auto line = mutations.of(good);
    if (line.find('\n') != line.npos
        || line.find_first_not_of(" \t\r") == line.npos
        || line.starts_with("\xef\xbb\xbf"))
      continue;
    CAPTURE(line);
    auto exact = page.exact("[" + line + "]");
    auto is_capture = exact && exact->captures.size() == 1;
    auto found = splitter.split_lines(good + "\n" + line + "\n" + good);
    REQUIRE(found.captures.size() == (is_capture ? 3 : 2));
    CHECK(found.bad.count == (is_capture ? 0 : 1));
    if (!is_capture)
      continue;
    auto of_line = found.captures[1];
    auto of_page = exact->captures[0];
    CHECK(of_line.span.begin - of_page.span.begin == good.size());
    CHECK(of_line.span.end - of_page.span.end == good.size());
    CHECK(of_line.url.end - of_line.url.begin
          == of_page.url.end - of_page.url.begin);
    CHECK(of_line.id.end - of_line.id.begin
          == of_page.id.end - of_page.id.begin);
    CHECK(of_line.identity == of_page.identity);
  }
}

TEST_CASE("threads split pages at the same time") {
  page_splitter splitter{results_anywhere()};
  auto body = make_page();
  auto expected = page_readings{results_anywhere()}.exact(body);
  REQUIRE(expected);
  std::array<bool, 4> good{};
  std::vector<std::thread> threads;
  for (auto& each : good)
    threads.emplace_back([&] {
      each = true;
      for (int i = 0; i < 200; ++i) {
        auto page = splitter.split(body);
        each = each && page && same(*page, *expected);
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(good == std::array{true, true, true, true});
}
