#include "core/base/json_reader.hpp"
#include "tests/core/base/nested_arrays.hpp"

#include <catch2/catch.hpp>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <random>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::string_view_literals;

namespace {

/// Records what the reader reports.
struct recorder {
  std::string said;
  std::string scratch;

  void
  add(std::string_view kind, std::string_view text, size_t begin, size_t end) {
    said += std::string{kind} + std::string{text} + "@" + std::to_string(begin)
            + "-" + std::to_string(end) + " ";
  }

  bool name(const json_token& token) {
    add("name:", json_text(token, scratch), token.begin, token.end);
    return true;
  }
  bool scalar(const json_token& token) {
    add("", json_text(token, scratch), token.begin, token.end);
    return true;
  }
  bool open(bool is_array, size_t at) {
    add(is_array ? "[" : "{", "", at, at + 1);
    return true;
  }
  bool close(size_t end) {
    add("close", "", end - 1, end);
    return true;
  }
};

/// Accepts everything.
struct ignorer {
  bool name(const json_token&) { return true; }
  bool scalar(const json_token&) { return true; }
  bool open(bool, size_t) { return true; }
  bool close(size_t) { return true; }
};

std::optional<json_defect> defect_of(std::string_view text) {
  ignorer handler;
  return read_json(text, 0, handler);
}

std::string report(std::string_view text, size_t begin = 0) {
  recorder handler;
  REQUIRE_FALSE(read_json(text, begin, handler));
  return handler.said;
}

/// The text of the string with these escapes.
std::string decoded(const std::string& escapes) {
  struct : ignorer {
    std::string text;
    bool scalar(const json_token& token) {
      std::string scratch;
      text = json_text(token, scratch);
      return true;
    }
  } handler;
  REQUIRE_FALSE(read_json("\"" + escapes + "\"", 0, handler));
  return handler.text;
}

} // namespace

TEST_CASE("every production of the JSON grammar is accepted") {
  for (auto text :
       {// Literals, blanks, and any value at the root.
        "null"sv, "true"sv, "false"sv, " \t\r\nnull \t\r\n"sv, "\"\""sv, "[]"sv,
        "{}"sv, "[ ]"sv, "{ }"sv, "[null, 1, \"1\", {}]"sv, "[[]   ]"sv,
        "[1\n]"sv, " [1]"sv, "[1,null,null,null,2]"sv, "[2] "sv, R"([""])"sv,
        R"(["a"])"sv, "[false]"sv, R"([[],[[]],{"":[]}])"sv,
        // Numbers.
        "0"sv, "-0"sv, "-1"sv, "10"sv, "123.456"sv, "0.5"sv, "-0.0"sv, "1e5"sv,
        "1E5"sv, "1e+5"sv, "1E-5"sv, "0e0"sv, "0e+1"sv, "1.5e01"sv, "123e65"sv,
        "-123123e100000"sv, "1e309"sv, "1e400"sv,
        "0.4e00669999999999999999999999999999999999999999999999999999"sv,
        "[20e1, 1E22, 1E-2, 1E+2, 123e45, 123.456e78, 1e-2, 1e+2]"sv,
        "-237462374673276894279832749832423479823246327846"sv,
        "0.000000000000000000000000000000000000000000000000000000001"sv,
        // Objects.
        R"({"a":1,"b":2})"sv, R"({"a":"b","a":"c"})"sv,
        R"({"a":"b","a":"b"})"sv, R"({"":0})"sv, R"({"a\u0000b":1})"sv,
        "{\n\"a\" :\t\"b\"\r}"sv, R"({"min":-1.0e+28,"max":1.0e+28})"sv,
        R"({"x":[{"id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}]})"sv,
        // Strings.
        R"("\"\\\/\b\f\n\r\t")"sv, R"("\u0060\u012a\u12AB")"sv,
        R"("\uD801\udc37")"sv, R"("\ud83d\ude39\ud83d\udc8d")"sv,
        R"("\u0000")"sv, R"("\uFFFF")"sv, R"("\uDBFF\uDFFF")"sv,
        R"("\\u0000")"sv, R"("\\a")"sv, R"("\\n")"sv, "\"a/*b*/c\""sv,
        "\"\x7f\""sv, "\"\xe2\x80\xa8\xe2\x80\xa9\""sv,
        "\"\xf0\x9d\x84\x9e\""sv, "\"\xef\xbf\xbf\""sv, "\"\xef\xbb\xbf\""sv,
        // Unpaired surrogates in every combination.
        R"("\uDADA")"sv, R"("\ud800")"sv, R"("\uDd1e\uD834")"sv,
        R"("\uD800\n")"sv, R"("\ud800abc")"sv, R"("\uD800\uD800\n")"sv,
        R"("\uDFAA")"sv, R"("1\uD800\u20ac")"sv,
        // Bytes that are not UTF-8 are accepted in a string.
        "\"\xff\""sv, "\"\xed\xa0\x80\""sv, "\"\xc0\xaf\""sv, "\"\xe9\""sv,
        "\"\x81\""sv, "\"\xf4\xbf\xbf\xbf\""sv,
        // A leading byte order mark.
        "\xef\xbb\xbf{}"sv, "\xef\xbb\xbf [1]"sv}) {
    CAPTURE(text);
    CHECK_FALSE(defect_of(text));
  }
}

TEST_CASE("text outside the JSON grammar is refused with its position") {
  struct row {
    std::string_view text;
    size_t at;
  };
  for (auto [text, at] :
       {row{""sv, 0}, row{" "sv, 1}, row{"\xef\xbb\xbf"sv, 3},
        row{"\xef\xbb"sv, 0}, row{"\xef\xbb\xbf\xef\xbb\xbf[]"sv, 3},
        row{" \xef\xbb\xbf[]"sv, 1}, row{"\xfe\xff"sv, 0},
        // Words.
        row{"nul"sv, 0}, row{"nulll"sv, 4}, row{"True"sv, 0}, row{"TRUE"sv, 0},
        row{"tru"sv, 0}, row{"[fals]"sv, 1}, row{"truefalse"sv, 4},
        row{"NaN"sv, 0}, row{"-NaN"sv, 1}, row{"Infinity"sv, 0},
        row{"-Infinity"sv, 1}, row{"undefined"sv, 0}, row{"<html>"sv, 0},
        row{"'a'"sv, 0}, row{"a"sv, 0}, row{"*"sv, 0}, row{"\\u0061"sv, 0},
        // Numbers.
        row{"-"sv, 1}, row{"--1"sv, 1}, row{"+1"sv, 0}, row{"01"sv, 1},
        row{"-01"sv, 2}, row{"00"sv, 1}, row{"1."sv, 2}, row{".5"sv, 0},
        row{"-.5"sv, 1}, row{"1.e5"sv, 2}, row{"1e"sv, 2}, row{"1e+"sv, 3},
        row{"1eE2"sv, 2}, row{"1e1.5"sv, 3}, row{"0x1F"sv, 1},
        row{"1 000"sv, 2}, row{"1_0"sv, 1}, row{"1a"sv, 1}, row{"0e"sv, 2},
        row{"1.2.3"sv, 3}, row{"\xef\xbc\x91"sv, 0}, row{"2."sv, 2},
        row{"-2."sv, 3}, row{"1+2"sv, 1}, row{"[-1a]"sv, 3},
        // Arrays.
        row{"["sv, 1}, row{"]"sv, 0}, row{"[1"sv, 2}, row{"[1,"sv, 3},
        row{"[1,]"sv, 3}, row{"[,1]"sv, 1}, row{"[1,,2]"sv, 3},
        row{"[1 2]"sv, 3}, row{"[1}"sv, 2}, row{"[1]]"sv, 3}, row{"[1],"sv, 3},
        row{"[\"a\":1]"sv, 4}, row{"[1;2]"sv, 2}, row{"[][]"sv, 2},
        row{"[1/**/]"sv, 2}, row{"[\x0c]"sv, 1}, row{"[\xe2\x81\xa0]"sv, 1},
        row{"[}"sv, 1},
        // Objects.
        row{"{"sv, 1}, row{"}"sv, 0}, row{"{1:1}"sv, 1}, row{"{a:1}"sv, 1},
        row{"{'a':1}"sv, 1}, row{R"({"a"})"sv, 4}, row{R"({"a":})"sv, 5},
        row{R"({"a" 1})"sv, 5}, row{R"({"a"::1})"sv, 5},
        row{R"({"a":1,})"sv, 7}, row{R"({,"a":1})"sv, 1},
        row{R"({"a":1,,"b":2})"sv, 7}, row{R"({"a":1 "b":2})"sv, 7},
        row{R"({"a":1]})"sv, 6}, row{R"({"a":1}})"sv, 7},
        row{R"({"a":1}#)"sv, 7}, row{R"({"a":1}/**/)"sv, 7},
        row{R"({"a","b"})"sv, 4}, row{R"({[]:1})"sv, 1}, row{R"({"a":1)"sv, 6},
        row{R"({"a":)"sv, 5}, row{R"({"a)"sv, 3}, row{R"({null:1})"sv, 1},
        row{"{]"sv, 1},
        // Strings.
        row{"\""sv, 1}, row{"\"abc"sv, 4}, row{"\"\n\""sv, 1},
        row{"\"a\tb\""sv, 2}, row{"\"\0\""sv, 1}, row{"\"\x1f\""sv, 1},
        row{R"("\x00")"sv, 1}, row{R"("\a")"sv, 1}, row{R"("\)"sv, 1},
        row{R"("\")"sv, 3}, row{R"("\u")"sv, 1}, row{R"("\u12")"sv, 1},
        row{R"("\u123")"sv, 1}, row{R"("\u12g4")"sv, 1},
        row{R"("\U0041")"sv, 1}, row{R"("\uD834\u")"sv, 7},
        row{R"("\ud800\x")"sv, 7}, row{R"("\u00A)"sv, 1}, row{R"("\'")"sv, 1},
        row{"\"\\\0\""sv, 1}, row{"\"a\"b"sv, 3}, row{"\"\\\n\""sv, 1},
        row{"\"0123456789abcdef\x01\""sv, 17},
        // A zero byte does not end the text.
        row{"\0"sv, 0}, row{"1\0"sv, 1}, row{"[]\0"sv, 2}, row{"[]\0x"sv, 2},
        row{"{\0}"sv, 1}}) {
    CAPTURE(text);
    auto defect = defect_of(text);
    REQUIRE(defect);
    CHECK(defect->at == at);
    CHECK_FALSE(defect->what.empty());
  }
}

TEST_CASE("the reader reports where each value begins and ends") {
  CHECK(report(R"( {"a" : [1.50, true,"\u0041"],"\n":null} )")
        == "{@1-2 name:a@2-5 [@8-9 1.50@9-13 true@15-19 A@20-28 close@28-29 "
           "name:\n@30-34 null@35-39 close@39-40 ");
  CHECK(report("\xef\xbb\xbf[]") == "[@3-4 close@4-5 ");
  CHECK(report("no JSON\n[7]", 8) == "[@8-9 7@9-10 close@10-11 ");
}

TEST_CASE("numbers of any size and form are kept as text") {
  for (std::string text :
       {"1e309", "-1E+999999999", "0.10", "-0", "1e-999999"}) {
    auto end = std::to_string(text.size());
    CHECK(report(text) == text + "@0-" + end + " ");
  }
  auto digits = std::string(1'000'000, '7');
  CHECK(report(digits) == digits + "@0-1000000 ");
}

TEST_CASE("escapes are decoded and different ones stay different") {
  CHECK(decoded(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(decoded(R"(a\u0000b)") == "a\0b"sv);
  CHECK(decoded(R"(\u00e9\u20AC)") == "\xc3\xa9\xe2\x82\xac");
  CHECK(decoded(R"(\ud83d\ude00)") == "\xf0\x9f\x98\x80");
  CHECK(decoded(R"(\uDBFF\uDFFF)") == "\xf4\x8f\xbf\xbf");
  CHECK(decoded(R"(\uffff)") == "\xef\xbf\xbf");
  // Unpaired ones become the three bytes that UTF-8 would use.
  CHECK(decoded(R"(cut \ud83d)") == "cut \xed\xa0\xbd");
  CHECK(decoded(R"(\ud83dx)") == "\xed\xa0\xbdx");
  CHECK(decoded(R"(\ude00\ud83d)") == "\xed\xb8\x80\xed\xa0\xbd");
  CHECK(decoded(R"(\ud83d\ud83d\ude00)") == "\xed\xa0\xbd\xf0\x9f\x98\x80");
  CHECK(decoded(R"(\ud83d\u0041)")
        == "\xed\xa0\xbd"
           "A");
  CHECK(decoded(R"(\ud83d\n)") == "\xed\xa0\xbd\n");
  CHECK(decoded("0123456789abcdef\\n0123456789abcdef\xff")
        == "0123456789abcdef\n0123456789abcdef\xff");
}

TEST_CASE("a special byte is found at every position of a long string") {
  for (size_t place = 0; place < 50; ++place) {
    auto text = "\"" + std::string(50, 'x') + "\"";
    text[place + 1] = '\x1f';
    auto defect = defect_of(text);
    REQUIRE(defect);
    CHECK(defect->at == place + 1);
    text[place + 1] = '"';
    defect = defect_of(text);
    REQUIRE(defect);
    CHECK(defect->at == place + 2);
  }
}

TEST_CASE("nesting is limited and uses no stack") {
  CHECK_FALSE(defect_of(nested_arrays(max_json_depth)));
  auto defect = defect_of(nested_arrays(max_json_depth + 1));
  REQUIRE(defect);
  CHECK(defect->at == max_json_depth);
  CHECK(defect->what.find("nested too deep") != std::string_view::npos);
  CHECK(defect_of(std::string(5'000'000, '['))->at == max_json_depth);
  std::string objects;
  for (int i = 0; i < 100'000; ++i)
    objects += "{\"a\":";
  CHECK(defect_of(objects)->at == 5 * max_json_depth);
  // Width does not count as depth.
  std::string wide = "[";
  for (int i = 0; i < 1'000; ++i)
    wide += "[],{},";
  CHECK_FALSE(defect_of(wide + "[]]"));
}

TEST_CASE("a handler can stop the reader") {
  struct : ignorer {
    bool scalar(const json_token&) { return false; }
  } handler;
  auto defect = read_json("[{}, 1, }", 0, handler);
  REQUIRE(defect);
  CHECK(defect->at == 5);
  CHECK(defect->what.empty());
}

namespace {

/// Random texts that are JSON or nearly so.
class odd_text_maker {
public:
  std::string make() {
    std::string text;
    value(text, 0);
    for (auto changes = pick(3); changes > 0 && !text.empty(); --changes)
      text[pick(text.size())] = byte();
    return text;
  }

private:
  size_t pick(size_t count) { return random_() % count; }

  char byte() {
    constexpr std::string_view alphabet =
      "[]{}\",:\\ 0123456789-+.eEutrnfalsb/x\n\t\x1f\x7f\xc3\xa9";
    return alphabet[pick(alphabet.size())];
  }

  void string(std::string& out) {
    constexpr std::string_view parts[] = {
      "a",       "longer than sixteen bytes",
      "\\n",     "\\\"",
      "\\u00e9", "\\\\",
      "\xff",    "\\/",
      " "};
    out += '"';
    for (auto count = pick(4); count > 0; --count)
      out += parts[pick(std::size(parts))];
    out += '"';
  }

  void scalar(std::string& out) {
    constexpr std::string_view scalars[] = {"null", "true",  "false", "0",
                                            "-0",   "12.50", "1e5",   "-7E-2"};
    if (pick(2) == 0)
      string(out);
    else
      out += scalars[pick(std::size(scalars))];
  }

  void value(std::string& out, int depth) {
    auto kind = depth > 4 ? 0 : pick(3);
    if (kind == 0)
      return scalar(out);
    out += kind == 1 ? '[' : '{';
    for (size_t i = 0, count = pick(4); i < count; ++i) {
      out += i > 0 ? "," : "";
      if (kind == 2) {
        string(out);
        out += " :";
      }
      value(out, depth + 1);
    }
    out += kind == 1 ? ']' : '}';
  }

  std::mt19937 random_{20'250'101};
};

/// nullopt if RapidJSON refuses it although the grammar allows it.
std::optional<bool> accepted_by_rapidjson(const std::string& text) {
  constexpr auto flags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream{text.data(), text.size()};
  rapidjson::BaseReaderHandler<> ignore;
  auto result = reader.Parse<flags>(stream, ignore);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig
      || result.Code() == rapidjson::kParseErrorStringUnicodeSurrogateInvalid)
    return std::nullopt;
  return !result.IsError();
}

} // namespace

TEST_CASE("a hundred thousand random texts are judged as by RapidJSON") {
  odd_text_maker maker;
  size_t good = 0;
  size_t bad = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto text = maker.make();
    auto expected = accepted_by_rapidjson(text);
    auto came = !defect_of(text);
    if (expected && *expected != came)
      FAIL("differs: " << text);
    ++(came ? good : bad);
  }
  CHECK(good > 20'000);
  CHECK(bad > 20'000);
}
