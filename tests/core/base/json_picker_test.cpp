#include "core/base/json_picker.hpp"
#include "core/base/json_reader.hpp"
#include "tests/core/base/nested_arrays.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

using namespace sluice;
using namespace sluice::test;

namespace {

using pointers = std::vector<std::string>;
using want = json_want;

json_pick pick(std::string_view text, want what, const pointers& at,
               size_t longest = 1000) {
  auto picks = json_picker{{what, at, longest}}.pick(text);
  if (!picks)
    FAIL(what_of(picks.error()));
  return std::move(picks->front());
}

std::optional<std::string>
text_at(std::string_view text, want what, const pointers& at) {
  auto found = pick(text, what, at);
  return found.found ? std::optional{found.text} : std::nullopt;
}

caf::expected<std::vector<json_pick>> pick_all(std::string_view text) {
  return json_picker{{want::any, pointers{""}}}.pick(text);
}

} // namespace

TEST_CASE("values are picked only from a whole JSON text", "[picker]") {
  using namespace std::string_view_literals;
  for (auto text : {"{}"sv, " [1, 2] "sv, "\"x\""sv, "12"sv, "null"sv})
    CHECK(pick_all(text));
  for (auto text : {""sv, "   "sv, "{"sv, "{} x"sv, "{},"sv, "{}\0"sv,
                    "{}\0{}"sv, "[1,]"sv, "NaN"sv, "<html>"sv, "\"a\0b\""sv}) {
    auto result = pick_all(text);
    REQUIRE_FALSE(result);
    CHECK(code_of(result.error()) == ec::bad_reply);
    CHECK_THAT(what_of(result.error()), Catch::Contains("byte"));
  }
  CHECK(pick_all(nested_arrays(max_json_depth)));
  CHECK_FALSE(pick_all(nested_arrays(max_json_depth + 1)));
  CHECK_FALSE(pick_all(std::string(5'000'000, '[')));
}

TEST_CASE("a picker handles everything that RFC 8259 allows, at any size",
          "[picker]") {
  auto text = "\xef\xbb\xbf"
              R"({"huge":1e400,"low":-1e400,"tiny":1e-400,"digits":)"
              + std::string(400, '1')
              + R"(,"cut":"\ud83d","other":"\ud83e","nul":"a\u0000b",
    "twice":1,"twice":2})";
  for (auto each : {"/huge", "/low", "/digits"}) {
    CHECK_FALSE(pick(text, want::count, {each}).count);
    CHECK(pick(text, want::name, {each}).found
          == (std::string_view{each} == "/digits"));
  }
  CHECK(pick(text, want::count, {"/tiny"}).count == 0);
  CHECK(text_at(text, want::text, {"/cut"}) == "\xed\xa0\xbd");
  CHECK(text_at(text, want::text, {"/other"}) == "\xed\xa0\xbe");
  CHECK(text_at(text, want::text, {"/nul"}) == std::string("a\0b", 3));
  CHECK(pick(text, want::count, {"/twice"}).count == 1);
}

TEST_CASE("the first pointer that leads to the wanted type counts",
          "[picker]") {
  auto text = R"({"a": {"b": ["x", 7]}, "n": null, "m~n": "t",
                  "p/q": "s", "e": "", "big": 18446744073709551616,
                  "neg": -5, "f": 12.0, "g": 1.5, "zero": -0,
                  "max": 18446744073709551615})";
  CHECK(text_at(text, want::text, {"/n", "/a", "/a/b/0"}) == "x");
  CHECK(text_at(text, want::text, {"/m~0n"}) == "t");
  CHECK(text_at(text, want::text, {"/p~1q"}) == "s");
  CHECK(text_at(text, want::text, {"/e"}) == "");
  CHECK_FALSE(text_at(text, want::text, {"/a/b/1", "/big"}));
  CHECK_FALSE(text_at(text, want::text, {"/a/b/2", "/zz", "", "no slash"}));
  CHECK_FALSE(text_at(text, want::text, {}));
  CHECK(text_at(text, want::name, {"/a/b/1"}) == "7");
  CHECK(text_at(text, want::name, {"/neg"}) == "-5");
  CHECK(text_at(text, want::name, {"/zero"}) == "0");
  CHECK(text_at(text, want::name, {"/max"}) == "18446744073709551615");
  CHECK(text_at(text, want::name, {"/big"}) == "18446744073709551616");
  CHECK_FALSE(text_at(text, want::name, {"/g"}));
  CHECK(text_at(text, want::name, {"/e", "/a/b/0"}) == "");
  CHECK(text_at(text, want::id, {"/e", "/n", "/a/b/0"}) == "x");
  CHECK_FALSE(text_at(text, want::id, {"/e"}));
  CHECK(pick(text, want::count, {"/a/b/0", "/f"}).count == 12);
  for (auto at : {"/neg", "/g", "/big", "/n"})
    CHECK_FALSE(pick(text, want::count, {at, "/f"}).count
                == (std::string_view{at} == "/n"));
  CHECK(pick(text, want::list, {"/a", "/a/b"}).json == R"(["x", 7])");
  CHECK(pick(text, want::any, {"/no", "/a"}).json == R"({"b": ["x", 7]})");
  CHECK(pick(text, want::any, {"/n"}).json == "null");
}

TEST_CASE("the first of several members with the same name is picked",
          "[picker]") {
  CHECK(text_at(R"({"a":{"c":1},"a":{"b":"x"}})", want::text, {"/a/b"})
        == std::nullopt);
  CHECK(text_at(R"({"a":1,"a":"x"})", want::text, {"/a"}) == std::nullopt);
  CHECK(text_at(R"({"\u0061":"y","a":"x"})", want::text, {"/a"}) == "y");
  CHECK(pick(R"({"a":[1],"a":[2]})", want::list, {"/a"}).json == "[1]");
}

TEST_CASE("text that is too long is truncated one byte past its limit",
          "[picker]") {
  auto text = R"({"plain":"abcdef","escaped":"\u00e9\u00e9\n\n\n","n":123456})";
  auto at = [&](const char* pointer, size_t longest) {
    return pick(text, want::name, {pointer}, longest).text;
  };
  CHECK(at("/plain", 6) == "abcdef");
  CHECK(at("/plain", 4) == "abcde");
  CHECK(at("/plain", 0) == "a");
  CHECK(at("/escaped", 7) == "\xc3\xa9\xc3\xa9\n\n\n");
  CHECK(at("/escaped", 2) == "\xc3\xa9\xc3");
  CHECK(at("/escaped", 4) == "\xc3\xa9\xc3\xa9\n");
  CHECK(at("/n", 3) == "1234");
}

TEST_CASE("the elements of a list are returned one by one", "[picker]") {
  std::vector<std::string> seen;
  auto most = GENERATE(size_t{2}, size_t{100});
  each_element(R"( [1, "a,]", {"x":[2]} , [[]],null])",
               [&](std::string_view element) {
                 seen.emplace_back(element);
                 return seen.size() < most;
               });
  std::vector<std::string> all{"1", R"("a,]")", R"({"x":[2]})", "[[]]", "null"};
  all.resize(std::min(most, all.size()));
  CHECK(seen == all);
}

// -- comparison with documents ------------------------------------------------

namespace {

using rapidjson::Document;
using rapidjson::Value;

/// Small JSON texts that combine a few names with all kinds of values.
class small_text_maker {
public:
  explicit small_text_maker(unsigned seed) : random_{seed} {}

  std::string value(int depth) {
    constexpr auto scalars = std::array{"1",
                                        "12.0",
                                        "-5",
                                        "-0",
                                        "1.5",
                                        "1e3",
                                        "0",
                                        "-7e-1",
                                        "\"\"",
                                        "\"x\"",
                                        "\"\\u0078\\n\"",
                                        "null",
                                        "true",
                                        "18446744073709551615",
                                        "false"};
    auto kind = below(depth == 0 ? 1 : 3);
    if (kind == 0)
      return scalars[below(scalars.size())];
    std::string text{kind == 1 ? "[" : "{"};
    auto count = below(4);
    for (size_t i = 0; i < count; ++i) {
      if (i > 0)
        text += below(2) == 0 ? "," : " , ";
      if (kind == 2)
        text += names[below(names.size())] + std::string{below(2) ? ":" : " :"};
      text += value(depth - 1);
    }
    return text + (kind == 1 ? ']' : '}');
  }

  pointers some_pointers() {
    pointers result;
    for (auto count = below(4); count > 0; --count) {
      std::string pointer;
      for (auto depth = below(4); depth > 0; --depth)
        pointer += tokens[below(tokens.size())];
      result.push_back(below(20) == 0 ? "malformed" : pointer);
    }
    return result;
  }

private:
  static constexpr std::array names{"\"a\"", "\"b\"", "\"\\u0061\"", "\"0\"",
                                    "\"\""};
  static constexpr std::array tokens{"/a", "/b", "/0", "/1", "/", "/-", "/01"};

  size_t below(size_t limit) {
    return std::uniform_int_distribution<size_t>{0, limit - 1}(random_);
  }

  std::mt19937 random_;
};

std::string written(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer writer{buffer};
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

bool fits(const Value& value, want what) {
  auto is_whole = value.IsInt64() || value.IsUint64();
  switch (what) {
    case want::text:
      return value.IsString();
    case want::name:
      return value.IsString() || is_whole;
    case want::id:
      return is_whole || (value.IsString() && value.GetStringLength() > 0);
    case want::count:
      return value.IsNumber();
    case want::list:
      return value.IsArray();
    case want::any:
      return true;
  }
  return false;
}

/// The value in a document at the first pointer that matches, as JSON.
std::string
by_document(const Document& document, want what, const pointers& at) {
  for (auto& text : at) {
    rapidjson::Pointer pointer{text.data(), text.size()};
    auto* value = pointer.IsValid() ? pointer.Get(document) : nullptr;
    if (value == nullptr || !fits(*value, what))
      continue;
    if (what != want::count)
      return written(*value);
    auto number = value->GetDouble();
    if (value->IsUint64())
      return std::to_string(value->GetUint64());
    return number >= 0 && number == std::floor(number)
             ? std::to_string(static_cast<uint64_t>(number))
             : "none";
  }
  return "nothing";
}

std::string by_picker(const std::string& json, want what, const pointers& at) {
  auto found = pick(json, what, at);
  if (!found.found)
    return "nothing";
  if (what == want::count)
    return found.count ? std::to_string(*found.count) : "none";
  if (what == want::list || what == want::any) {
    Document part;
    part.Parse(found.json.data(), found.json.size());
    REQUIRE_FALSE(part.HasParseError());
    return written(part);
  }
  return found.text;
}

/// Names are compared as text, however they were written.
std::string as_text(const std::string& json) {
  Document document;
  document.Parse(json.data(), json.size());
  return document.IsString()
           ? std::string{document.GetString(), document.GetStringLength()}
           : json;
}

} // namespace

TEST_CASE("a picker finds the same values as a document", "[picker]") {
  small_text_maker maker{11};
  size_t found = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto json = maker.value(4);
    auto at = maker.some_pointers();
    Document document;
    document.Parse(json.data(), json.size());
    REQUIRE_FALSE(document.HasParseError());
    for (auto what : {want::text, want::name, want::id, want::count, want::list,
                      want::any}) {
      auto expected = by_document(document, what, at);
      auto is_text =
        what == want::text || what == want::name || what == want::id;
      if (is_text && expected != "nothing")
        expected = as_text(expected);
      auto actual = by_picker(json, what, at);
      found += actual != "nothing" ? 1 : 0;
      if (actual != expected) {
        CAPTURE(json, at, static_cast<int>(what));
        REQUIRE(actual == expected);
      }
    }
  }
  CHECK(found > 10'000);
}
