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

TEST_CASE("what RFC 8259 allows is read, whatever its size") {
  auto root = parsed("\xef\xbb\xbf"
                     R"({"huge":1e400,"low":-1e400,"tiny":1e-400,
    "digits":)" + std::string(400, '1')
                     + R"(,"cut":"\ud83d","other":"\ud83e","nul":"a\u0000b",
    "twice":1,"twice":2})");
  for (auto each : {"/huge", "/low", "/digits"}) {
    CHECK_FALSE(find_count(root, {each}));
    CHECK(find_name(root, {each}).has_value()
          == (std::string_view{each} == "/digits"));
  }
  CHECK(find_count(root, {"/tiny"}) == 0);
  CHECK(find_text(root, {"/cut"}) == "\xed\xa0\xbd");
  CHECK(find_text(root, {"/cut"}) != find_text(root, {"/other"}));
  CHECK(printable(*find_text(root, {"/cut"})) == "\\xed\\xa0\\xbd");
  CHECK(find_text(root, {"/nul"}) == std::string("a\0b", 3));
  CHECK(find_count(root, {"/twice"}) == 1);
}

TEST_CASE("an empty text is a name but not an id") {
  auto root = parsed(R"({"e":"","n":null,"x":"y","i":0})");
  CHECK(find_name(root, {"/e", "/x"}) == "");
  CHECK(find_id(root, {"/e", "/n", "/x"}) == "y");
  CHECK(find_id(root, {"/e", "/i"}) == "0");
  CHECK_FALSE(find_id(root, {"/e"}));
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
  CHECK(find_name(root, {"/big"}) == "18446744073709551616");
  CHECK_FALSE(find_name(root, {"/g"}));
  CHECK(find_count(root, {"/a/b/0", "/f"}) == 12);
  CHECK_FALSE(find_count(root, {"/neg"}));
  CHECK_FALSE(find_count(root, {"/g"}));
  CHECK_FALSE(find_count(root, {"/big"}));
  CHECK_FALSE(find_count(root, {"/n"}));
}
