#include "core/base/indexed_json_reader.hpp"
#include "core/base/utf8.hpp"
#include "tests/support/json_mutations.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::string_view_literals;

namespace {

/// One call to the handler.
struct event {
  char what = 0;
  json_kind kind = json_kind::null;
  bool escaped = false;
  std::string text;
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const event&) const = default;
};

/// Records every call.
struct event_recorder {
  std::vector<event> events;

  bool add(char what, const json_token& token) {
    events.push_back({what, token.kind, token.escaped, std::string{token.text},
                      token.begin, token.end});
    return true;
  }
  bool name(const json_token& token) { return add('n', token); }
  bool scalar(const json_token& token) { return add('s', token); }
  bool open(bool is_array, size_t at) {
    events.push_back({.what = is_array ? '[' : '{', .text = {}, .begin = at});
    return true;
  }
  bool close(size_t end) {
    events.push_back({.what = ']', .text = {}, .end = end});
    return true;
  }
  [[nodiscard]] bool skips() const { return false; }
};

using events = std::optional<std::vector<event>>;

events exact(std::string_view text) {
  event_recorder handler;
  if (read_json(text, 0, handler))
    return std::nullopt;
  return std::move(handler.events);
}

events indexed(json_index& index, std::string_view text, size_t end) {
  event_recorder handler;
  if (!read_indexed_json(index, text, 0, end, handler))
    return std::nullopt;
  return std::move(handler.events);
}

events indexed(std::string_view text) {
  json_index index;
  return indexed(index, text, text.size());
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto size = utf8_sequence(text);
    if (size == 0)
      return false;
    text.remove_prefix(size);
  }
  return true;
}

/// Many short strings and members, some of them misleading.
std::string misleading_page() {
  std::string page = "{ \"items\" : [\n";
  for (int i = 0; i < 20; ++i)
    page += std::string{i > 0 ? " , " : ""} + R"({"_id":"cap_)"
            + std::to_string(i) + R"(","url":"https:\/\/s.example\/\u0041",)"
            + R"("data":{"t":", \"as new\": \\","":[],"a,":{},"n":[0,-1.5e+3,)"
            + "12 ,\ttrue\n,false,null], \"\xc3\xa9\":\"\\\\\" }\r\n}";
  return page + R"(],"nextCursor":"c2","meta":{"hasMore":true}})" + "\n";
}

std::vector<std::string> sample_texts() {
  return {misleading_page(),
          "null",
          " -0.10E-5 ",
          R"("a\n")",
          "[]",
          "{}",
          "\xef\xbb\xbf [1]",
          R"(["\ud83d","\ude00\ud83d",1e400,-1E+99999,"\u0000"])",
          R"({"a":1,"a":{"a":[{},[],""]}})",
          std::string(250, '[') + std::string(250, ']')};
}

} // namespace

TEST_CASE("the indexed reader reads valid JSON in pieces of any size") {
  for (auto& text : sample_texts()) {
    CAPTURE(text);
    REQUIRE(exact(text));
    CHECK(indexed(text) == exact(text));
  }
  auto page = misleading_page();
  for (size_t piece_bytes : {200, 300, 500, 1'000, 2'000, 3'000}) {
    json_index index{piece_bytes};
    CHECK(indexed(index, page, page.size()) == exact(page));
  }
}

TEST_CASE("the indexed reader checks every token") {
  for (auto token :
       {"tru e",    "true1",      "truex",   "tru",         "nul",
        "nullnull", "01",         "01.2.3",  "1.",          "1.e1",
        "-",        "+1",         ".5",      "1e",          "1 2",
        "0x1",      "NaN",        "\"\\q\"", "\"\\u12g4\"", "\"\\u12\"",
        "\"\\",     "\"",         "\"a\"b",  "a\"b\"",      "\"a\"\"b\"",
        "1\"a\"",   "\"a\nb\"",   "\x0c",    "\x1a",        "\\\"a\"",
        "[",        "]",          "{",       "}",           ",",
        ":",        "[,]",        "[1,]",    "{,}",         "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{1:1}",   "{\"a\" 1}",   "{\"a\\q\":1}",
        "[1}",      "{\"a\":1]",  "1,",      "[]]"})
    for (auto text : {std::string{token}, "[" + std::string{token} + "]",
                      "{\"k\": " + std::string{token} + " }",
                      "[\"\\\"\", " + std::string{token} + ", 1]"}) {
      if (exact(text))
        continue; // a token that is allowed there
      CAPTURE(text);
      CHECK_FALSE(indexed(text));
    }
  CHECK_FALSE(indexed(""));
  CHECK_FALSE(indexed(" \n"));
  CHECK_FALSE(indexed("[]\0"sv));
  CHECK_FALSE(indexed(std::string(257, '[') + std::string(257, ']')));
}

TEST_CASE("the indexed reader leaves invalid UTF-8 to the exact one") {
  auto text = "[\"\xff\"]"sv;
  CHECK(exact(text));
  CHECK_FALSE(indexed(text));
}

TEST_CASE("both readers agree on texts that are almost JSON") {
  auto texts = sample_texts();
  json_mutations mutations{1};
  json_index whole;
  size_t accepted = 0;
  for (int i = 0; i < 4'000; ++i) {
    // Every other text is a page.
    auto place = i % 2 == 0 ? 0 : static_cast<size_t>(i) % texts.size();
    auto text = mutations.of(texts[place]);
    auto expected = exact(text);
    auto found = indexed(whole, text, text.size());
    json_index pieces{static_cast<size_t>(100 + i % 1'900)};
    auto by_pieces = indexed(pieces, text, text.size());
    accepted += found ? 1 : 0;
    auto good = found == (is_utf8(text) ? expected : std::nullopt)
                && (!by_pieces || by_pieces == expected);
    if (!good)
      FAIL(text);
  }
  CHECK(accepted > 400);
  CHECK(accepted < 3'600);
}

TEST_CASE("what follows a text in memory does not change the result") {
  json_index index;
  for (auto text : {"[1",
                    "[12]",
                    "[1]",
                    "1",
                    "-",
                    "tr",
                    "true",
                    "\"a",
                    "\"a\"",
                    "\"a\\",
                    "{\"a\":\"b\\",
                    "[1,",
                    "{\"a\":",
                    "{\"a\":1",
                    "[",
                    " ",
                    "\"\xc3",
                    "\"\\u00",
                    "1e",
                    "[\"a\", \"b\""})
    for (auto after :
         {"0"sv, "]"sv, "}"sv, "\""sv, "\\"sv, ","sv, "e5"sv, "ue"sv,
          "\xa9\"]"sv, "\xff"sv, "\n"sv, "\0"sv, "]}\" "sv, "e9\"]"sv}) {
      std::string text_after{text};
      auto end = text_after.size();
      while (text_after.size() < end + 200)
        text_after += after;
      CAPTURE(text, after);
      // With and without room to read on.
      for (auto size : {text_after.size(), end + 63, end + 1, end})
        CHECK(indexed(index, text_after.substr(0, size), end) == exact(text));
    }
}

TEST_CASE("a string longer than a piece is read if the text is long enough") {
  json_index index{1'000};
  auto text = [](size_t length) {
    return "[\"" + std::string(length, 'x') + "\",\"y\"]";
  };
  auto long_text = "[" + text(5'000);
  while (long_text.size() < 40'000)
    long_text += "," + text(100);
  long_text += "]";
  CHECK(indexed(index, long_text, long_text.size()) == exact(long_text));
  CHECK_FALSE(indexed(index, text(5'000), text(5'000).size()));
}
