#include "core/json_pointer.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

rapidjson::Document parsed(std::string_view text) {
  auto result = parse_json(text);
  REQUIRE(result);
  return std::move(*result);
}

std::string nested(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST_CASE("only a whole JSON text is parsed") {
  using namespace std::string_view_literals;
  for (auto text : {"{}"sv, " [1, 2] "sv, "\"x\""sv, "12"sv, "null"sv})
    CHECK(parse_json(text));
  for (auto text : {""sv, "   "sv, "{"sv, "{} x"sv, "{},"sv, "{}\0"sv,
                    "{}\0{}"sv, "[1,]"sv, "NaN"sv, "<html>"sv, "\"a\0b\""sv}) {
    auto result = parse_json(text);
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == ec::bad_reply);
    CHECK_THAT(what_of(result.error()), Catch::Contains("byte"));
  }
}

TEST_CASE("nesting is bounded, and deep nesting does not crash") {
  CHECK(parse_json(nested(max_json_depth)));
  CHECK_FALSE(parse_json(nested(max_json_depth + 1)));
  CHECK_FALSE(parse_json(std::string(5'000'000, '[')));
}

TEST_CASE("the first pointer that resolves to the wanted type counts") {
  auto root = parsed(R"({"a": {"b": ["x", 7]}, "n": null, "m~n": "t",
                         "p/q": "s", "e": "", "big": 18446744073709551616,
                         "neg": -5, "f": 12.0, "g": 1.5, "max": 18446744073709551615})");
  CHECK(find_text(root, {"/n", "/a", "/a/b/0"}) == "x");
  CHECK(find_text(root, {"/m~0n"}) == "t");
  CHECK(find_text(root, {"/p~1q"}) == "s");
  CHECK(find_text(root, {"/e"}) == "");
  CHECK_FALSE(find_text(root, {"/a/b/1"}));
  CHECK_FALSE(find_text(root, {"/a/b/2", "/zz", "", "no slash"}));
  CHECK_FALSE(find_text(root, {}));
  CHECK(find_name(root, {"/a/b/1"}) == "7");
  CHECK(find_name(root, {"/neg"}) == "-5");
  CHECK(find_name(root, {"/max"}) == "18446744073709551615");
  CHECK_FALSE(find_name(root, {"/big"}));
  CHECK_FALSE(find_name(root, {"/g"}));
  CHECK(find_count(root, {"/a/b/0", "/f"}) == 12);
  CHECK_FALSE(find_count(root, {"/neg"}));
  CHECK_FALSE(find_count(root, {"/g"}));
  CHECK_FALSE(find_count(root, {"/big"}));
  CHECK_FALSE(find_count(root, {"/n"}));
}
