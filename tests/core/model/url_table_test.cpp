#include "core/model/url_table.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

using texts = std::vector<std::string>;

namespace {

texts copies_of(const url_table& table) {
  texts result;
  for (auto url : table)
    result.emplace_back(url);
  return result;
}

} // namespace

TEST_CASE("a table of URLs keeps their order and repeats") {
  texts urls{"https://a.example/",    "b",    "https://a.example/",
             std::string(9'000, 'u'), "a\nb", "",
             std::string(2, '\0')};
  url_table table{urls};
  REQUIRE(table.size() == 7);
  CHECK(table.front() == urls[0]);
  for (size_t i = 0; i < urls.size(); ++i)
    CHECK(table[i] == urls[i]);
  CHECK(copies_of(table) == urls);
  table.add("c");
  CHECK(table[7] == "c");
  CHECK_FALSE(table == url_table{urls});
}

TEST_CASE("a table without URLs is empty") {
  url_table table;
  CHECK(table.empty());
  CHECK(copies_of(table).empty());
  CHECK(url_table::of_lines("", 0) == table);
}

TEST_CASE("lines become a table unchanged") {
  auto table = url_table::of_lines("https://a.example/\n\nb\n", 3);
  CHECK(copies_of(table) == texts{"https://a.example/", "", "b"});
  CHECK(table == url_table{"https://a.example/", "", "b"});
  CHECK(url_table::of_lines("a\nb\nc\nd\n", 2).size() == 3);
}
