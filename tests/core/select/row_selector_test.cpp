#include "core/base/json_reader.hpp"
#include "core/select/row_selector.hpp"
#include "tests/core/select/row_fixture.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sluice;
using namespace sluice::test;
using type = column_type;

namespace {

std::string nested(size_t arrays, const std::string& inner) {
  return std::string(arrays, '[') + inner + std::string(arrays, ']');
}

} // namespace

TEST_CASE("a text is a string or a number as written") {
  CHECK(selected(type::text, R"({"v":"a b"})") == "=a b");
  CHECK(selected(type::text, R"({"v":""})") == "=");
  CHECK(selected(type::text, R"({"v":"a\n\u00e9"})") == R"(=a\n\u00e9)");
  CHECK(selected(type::text, R"({"v":12.340})") == "=12.340");
  CHECK(selected(type::text, R"({"v":true})") == "mismatched");
  CHECK(selected(type::text, R"({"v":{}})") == "mismatched");
  CHECK(selected(type::text, R"({"v":["a"]})") == "mismatched");
}

TEST_CASE("a cell says whether its text has escapes") {
  row_selector selector{{make_column(type::text, {"/a"}),
                         make_column(type::text, {"/b"}),
                         make_column(type::json, {"/b"})}};
  auto row = selector.select(R"({"a":"x","b":"\t"})", {});
  REQUIRE(row.size() == 3);
  CHECK_FALSE(row[0].escaped);
  CHECK(row[1].escaped);
  CHECK_FALSE(row[2].escaped);
}

TEST_CASE("an integer is a number of digits alone") {
  CHECK(selected(type::integer, R"({"v":-12})") == "=-12");
  CHECK(selected(type::integer, R"({"v":1180591620717411303424})")
        == "=1180591620717411303424");
  CHECK(selected(type::integer, R"({"v":"12"})") == "=12");
  CHECK(selected(type::integer, R"({"v":12.0})") == "mismatched");
  CHECK(selected(type::integer, R"({"v":1e3})") == "mismatched");
  CHECK(selected(type::integer, R"({"v":"012"})") == "mismatched");
  CHECK(selected(type::integer, R"({"v":""})") == "mismatched");
  CHECK(selected(type::integer, R"({"v":false})") == "mismatched");
}

TEST_CASE("a number keeps its own text") {
  for (std::string number : {"12.340", "1180591620717411303424", "1e400", "-0",
                             "1E+5", "0.000000000000000000001"}) {
    CHECK(selected(type::number, R"({"v":)" + number + "}") == "=" + number);
    CHECK(selected(type::number, R"({"v":")" + number + "\"}") == "=" + number);
    CHECK(selected(type::json, R"({"v":)" + number + "}") == "=" + number);
  }
  for (std::string other : {R"("1,5")", R"(" 1")", R"("1 ")", R"("+1")",
                            R"("\u0031")", R"("NaN")", "true", "[1]", "{}"})
    CHECK(selected(type::number, R"({"v":)" + other + "}") == "mismatched");
}

TEST_CASE("a boolean is true or false") {
  CHECK(selected(type::boolean, R"({"v":true})") == "=true");
  CHECK(selected(type::boolean, R"({"v":false})") == "=false");
  CHECK(selected(type::boolean, R"({"v":"true"})") == "mismatched");
  CHECK(selected(type::boolean, R"({"v":1})") == "mismatched");
}

TEST_CASE("a time is text or a number in the column's unit") {
  auto time = make_column(type::time, {"/v"});
  CHECK(selected(time, R"({"v":"2026-11-30T06:01:07+01:00"})")
        == "=2026-11-30T06:01:07+01:00");
  CHECK(selected(time, R"({"v":"2026-11-30t06:01:07z"})")
        == "=2026-11-30T06:01:07Z");
  CHECK(selected(time, R"({"v":"2026-11-30T06:01:07\u002b01:00"})")
        == "=2026-11-30T06:01:07+01:00");
  CHECK(selected(time, R"({"v":"2026-11-31T06:01:07Z"})") == "mismatched");
  CHECK(selected(time, R"({"v":1764482467})") == "mismatched");
  CHECK(selected(time, R"({"v":true})") == "mismatched");
  time.unit = time_unit::seconds;
  CHECK(selected(time, R"({"v":1764482467})") == "=2025-11-30T06:01:07Z");
  CHECK(selected(time, R"({"v":"1764482467"})") == "=2025-11-30T06:01:07Z");
  CHECK(selected(time, R"({"v":"2026-11-30T06:01:07Z"})")
        == "=2026-11-30T06:01:07Z");
  CHECK(selected(time, R"({"v":1e400})") == "mismatched");
  time.unit = time_unit::milliseconds;
  CHECK(selected(time, R"({"v":1764482467005})")
        == "=2025-11-30T06:01:07.005Z");
}

TEST_CASE("a column of JSON takes any value as written") {
  CHECK(selected(type::json, R"({"v": { "a" : [1, "\u0000"] } })")
        == R"(={ "a" : [1, "\u0000"] })");
  CHECK(selected(type::json, R"({"v":"a\n"})") == R"(="a\n")");
  CHECK(selected(type::json, R"({"v":[]})") == "=[]");
  CHECK(selected(type::json, R"({"v":true})") == "=true");
}

TEST_CASE("a value is missing if it is absent or null") {
  for (auto each : {type::text, type::integer, type::number, type::boolean,
                    type::time, type::json}) {
    CHECK(selected(each, "{}") == "missing");
    CHECK(selected(each, R"({"v":null})") == "missing");
    CHECK(selected(each, R"({"w":{"v":1}})") == "missing");
    CHECK(selected(each, "[]") == "missing");
    CHECK(selected(each, "7") == "missing");
  }
}

TEST_CASE("the first pointer that leads to the type counts") {
  auto price = make_column(type::number, {"/a", "/b/c", "/d"});
  CHECK(selected(price, R"({"d":3,"b":{"c":2},"a":1})") == "=1");
  CHECK(selected(price, R"({"d":3,"b":{"c":2},"a":null})") == "=2");
  CHECK(selected(price, R"({"d":3,"b":{"c":"x"},"a":true})") == "=3");
  CHECK(selected(price, R"({"b":{"c":"x"},"a":null})") == "mismatched");
  CHECK(selected(price, R"({"b":7})") == "missing");
  CHECK(
    selected(make_column(type::text, {"no slash", "/~2", "/a"}), R"({"a":1})")
    == "=1");
}

TEST_CASE("of several members with one name the last counts") {
  auto below = make_column(type::text, {"/a/b"});
  CHECK(selected(type::text, R"({"v":1,"v":2})") == "=2");
  CHECK(selected(type::text, R"({"v":1,"\u0076":2})") == "=2");
  CHECK(selected(type::text, R"({"v":1,"v":null})") == "missing");
  CHECK(selected(type::text, R"({"v":1,"v":[]})") == "mismatched");
  CHECK(selected(below, R"({"a":{"b":1},"a":{"b":2}})") == "=2");
  CHECK(selected(below, R"({"a":{"b":1},"a":{"c":2}})") == "missing");
  CHECK(selected(below, R"({"a":{"b":1},"a":{}})") == "missing");
  CHECK(selected(below, R"({"a":{"b":1},"a":7})") == "missing");
  CHECK(selected(below, R"({"a":{"b":1},"a":[]})") == "missing");
  CHECK(selected(make_column(type::json, {"/a"}), R"({"a":{"b":1},"a":{}})")
        == "={}");
  auto deep = make_column(type::text, {"/a/b/c"});
  CHECK(selected(deep, R"({"a":{"b":{"c":1},"b":{}},"a":{"b":{"c":2}}})")
        == "=2");
  CHECK(selected(deep, R"({"a":{"b":{"c":1}},"a":{"x":{"c":2}}})")
        == "missing");
}

TEST_CASE("a capture takes nothing from the one before") {
  row_selector selector{
    {make_column(type::text, {"/a/b"}), make_column(type::json, {""})}};
  CHECK(shown(selector.select(R"({"a":{"b":1}})", {})[0]) == "=1");
  CHECK(shown(selector.select(R"({"a":{}})", {})[0]) == "missing");
  CHECK(shown(selector.select("{}", {})[0]) == "missing");
  CHECK(shown(selector.select(R"({"a":{"b":)", {})[0]) == "missing");
  CHECK(shown(selector.select("", {})[1]) == "missing");
  CHECK(shown(selector.select("7", {})[1]) == "=7");
}

TEST_CASE("pointers lead through arrays and escaped names") {
  auto capture = R"({"a":[10,[20,{"b/c":30}],{"~":40}],"":50,"é":60,"0":70})";
  auto at = [&](const char* pointer) {
    return selected(make_column(type::text, {pointer}), capture);
  };
  CHECK(at("/a/0") == "=10");
  CHECK(at("/a/1/0") == "=20");
  CHECK(at("/a/1/1/b~1c") == "=30");
  CHECK(at("/a/2/~0") == "=40");
  CHECK(at("/a/00") == "missing");
  CHECK(at("/a/3") == "missing");
  CHECK(at("/a/-") == "missing");
  CHECK(at("/a/1") == "mismatched");
  CHECK(at("/") == "=50");
  CHECK(at("/é") == "=60");
  CHECK(at("/0") == "=70");
  CHECK(selected(make_column(type::text, {"/é"}), R"({"\u00e9":8})") == "=8");
}

TEST_CASE("the empty pointer is the whole capture") {
  auto whole = make_column(type::json, {""});
  for (std::string capture :
       {R"({"a": [1, 2]})", "[]", "12.340", R"("x\n")", "true"})
    CHECK(selected(whole, capture) == "=" + capture);
  CHECK(selected(whole, "null") == "missing");
  row_selector selector{{whole, make_column(type::text, {"/a/1"})}};
  auto row = selector.select(R"({"a":[1,"x"]})", {});
  CHECK(shown(row[0]) == R"(={"a":[1,"x"]})");
  CHECK(shown(row[1]) == "=x");
}

TEST_CASE("a value and one inside it are both selected") {
  row_selector selector{{make_column(type::json, {"/a"}),
                         make_column(type::json, {"/a/b"}),
                         make_column(type::text, {"/a/b/c"})}};
  auto row = selector.select(R"({"a":{"b":{"c":"x"},"d":1}})", {});
  CHECK(shown(row[0]) == R"(={"b":{"c":"x"},"d":1})");
  CHECK(shown(row[1]) == R"(={"c":"x"})");
  CHECK(shown(row[2]) == "=x");
}

TEST_CASE("a value over 1 MiB is a mismatch") {
  auto member = [](size_t bytes, char with) {
    return R"({"v":")" + std::string(bytes, with) + "\"}";
  };
  auto most = max_column_value;
  CHECK(selected(type::json, member(most - 2, 'x')).size() == most + 1);
  CHECK(selected(type::json, member(most - 1, 'x')) == "mismatched");
  CHECK(selected(type::text, member(most, 'x')).size() == most + 1);
  CHECK(selected(type::text, member(most + 1, 'x')) == "mismatched");
  CHECK(selected(type::number, member(most, '7')).size() == most + 1);
  CHECK(selected(type::number, member(most + 1, '7')) == "mismatched");
  auto shorter = make_column(type::text, {"/v", "/w"});
  CHECK(selected(shorter, R"({"w":"y",)" + member(most + 1, 'x').substr(1))
        == "=y");
}

TEST_CASE("captures may be nested up to the limit of JSON") {
  std::string pointer;
  for (size_t i = 0; i + 1 < max_json_depth; ++i)
    pointer += "/0";
  auto deep = nested(max_json_depth - 1, R"({"v":1})");
  auto column = make_column(type::text, {pointer + "/v"});
  CHECK(selected(column, deep) == "=1");
  CHECK(selected(column, "[" + deep + "]") == "missing");
  CHECK(selected(type::json, R"({"v":)" + nested(max_json_depth - 1, "") + "}")
        == "=" + nested(max_json_depth - 1, ""));
}

TEST_CASE("a capture with invalid UTF-8 is read") {
  CHECK(selected(type::text, "{\"w\":\"\xff\",\"v\":\"a\xc3\"}") == "=a\xc3");
}

TEST_CASE("own values fill columns") {
  own_values own{.run = "run_1",
                 .robot = "rbt_2",
                 .job = "job_3",
                 .batch = -4,
                 .delivery = UINT64_MAX,
                 .delivered_at = "2026-11-30T06:01:07Z"};
  auto get = [&](own_value wanted) {
    column one{.name = "c", .own = wanted};
    return selected(one, R"({"run":"x"})", own);
  };
  CHECK(get(own_value::run) == "=run_1");
  CHECK(get(own_value::robot) == "=rbt_2");
  CHECK(get(own_value::job) == "=job_3");
  CHECK(get(own_value::batch) == "=-4");
  CHECK(get(own_value::delivery) == "=18446744073709551615");
  CHECK(get(own_value::delivered_at) == "=2026-11-30T06:01:07Z");
  own.robot = {};
  CHECK(get(own_value::robot) == "missing");
  own.batch.reset();
  CHECK(get(own_value::batch) == "missing");
}

TEST_CASE("a selector can be moved and keeps its columns") {
  row_selector first{{make_column(type::text, {"/v"})}};
  auto second = std::move(first);
  REQUIRE(second.columns().size() == 1);
  CHECK(second.columns()[0].from == json_pointers{"/v"});
  CHECK(shown(second.select(R"({"v":1})", {})[0]) == "=1");
}

TEST_CASE("as many columns as are allowed are selected in order") {
  column_list columns;
  std::string capture = "{";
  for (size_t i = 0; i < max_columns; ++i) {
    auto name = std::to_string(i);
    columns.push_back(make_column(type::integer, {"/m" + name}));
    capture += (i > 0 ? "," : "") + ("\"m" + name) + "\":" + name;
  }
  capture += "}";
  row_selector selector{columns};
  auto row = selector.select(capture, {});
  REQUIRE(row.size() == max_columns);
  for (size_t i = 0; i < max_columns; ++i)
    CHECK(shown(row[i]) == "=" + std::to_string(i));
}
