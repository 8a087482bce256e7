#include "actors/sinks/webhook_delivery.hpp"
#include "tests/support/pages.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using test::page_of;

TEST_CASE("a page is cut by count and by bytes", "[sinks][webhook]") {
  // Captures of 3, 3, 9, 3 and 3 bytes.
  auto page = page_of(1, {"111", "222", "\"3333333\"", "444", "555"});
  struct row {
    size_t captures;
    size_t bytes;
    std::vector<page_slice> slices;
  };
  const std::vector<row> rows{
    {100, 1000, {{0, 5}}},
    {2, 1000, {{0, 2}, {2, 4}, {4, 5}}},
    {1, 1000, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}},
    {100, 9, {{0, 2}, {2, 3}, {3, 5}}}, // [111,222] has 9
    {100, 8, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}},
    {100, 1, {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.captures, row.bytes);
    CHECK(cut_page(page, row.captures, row.bytes) == row.slices);
  }
  CHECK(cut_page(page_of(1, {}), 100, 1000).empty());
}

TEST_CASE("a body contains the captures byte for byte", "[sinks][webhook]") {
  auto page = page_of(1, {R"({"a" : 12.340})", "{\n\"b\":1}", "3"});
  CHECK(delivery_body(page, {0, 3}) == "[{\"a\" : 12.340},{\n\"b\":1},3]");
  CHECK(delivery_body(page, {1, 2}) == "[{\n\"b\":1}]");
}
