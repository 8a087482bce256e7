#include "core/api/page_splitter.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/url.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace std::string_view_literals;

namespace {

results_dialect extralt_results() {
  results_dialect dialect;
  dialect.items = {"/items", ""};
  dialect.item_id = {"/_id", "/id"};
  dialect.item_url = {"/url"};
  dialect.page.by = pagination::kind::cursor;
  dialect.page.next = {"/nextCursor"};
  dialect.page.more = {"/meta/hasMore"};
  return dialect;
}

split_page
split(std::string_view body, results_dialect dialect = extralt_results()) {
  auto page = page_splitter{dialect}.split(body);
  if (!page)
    FAIL(what_of(page.error()));
  return std::move(*page);
}

std::string page_failure(std::string_view body,
                         results_dialect dialect = extralt_results()) {
  auto page = page_splitter{dialect}.split(body);
  REQUIRE_FALSE(page);
  CHECK(code_of(page.error()) == ec::bad_reply);
  return what_of(page.error());
}

std::string
url_of(std::string_view body, const capture_list& captures, size_t place) {
  std::string scratch;
  return std::string{capture_url(body, captures[place].url, scratch)};
}

std::vector<std::string>
capture_texts(std::string_view body, const split_page& page) {
  std::vector<std::string> result;
  for (auto each : page.captures)
    result.emplace_back(
      body.substr(each.span.begin, each.span.end - each.span.begin));
  return result;
}

std::vector<std::string>
capture_texts(std::string_view body,
              results_dialect dialect = extralt_results()) {
  return capture_texts(body, split(body, std::move(dialect)));
}

capture_identity only_identity(const std::string& capture) {
  auto page = split("[" + capture + "]");
  REQUIRE(page.captures.size() == 1);
  return page.captures[0].identity;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("each line is one capture with the span of its bytes") {
  std::string body = " {\"_id\": 12.340, \"url\":\"u\"} \n\n7\r\n\"x\"";
  auto found = page_splitter{extralt_results()}.split_lines(body);
  CHECK(found.bad.count == 0);
  split_page page;
  page.captures = found.captures;
  CHECK(capture_texts(body, page)
        == strings{R"({"_id": 12.340, "url":"u"})", "7", R"("x")"});
  CHECK(url_of(body, page.captures, 0) == "u");
  CHECK(url_of(body, page.captures, 1).empty());
  CHECK(url_of(body, page.captures, 2).empty());
  CHECK(page.captures[0].identity == only_identity(R"({"_id":12.340})"));
  CHECK(page.captures[1].identity == only_identity("7"));
}

TEST_CASE("a line that is not a capture loses only that line") {
  using namespace std::string_literals;
  for (auto& bad :
       {"{\"a\":"s, "1 2"s, "1,"s, "\0"s, std::string(1'000, '['), "{\"a\":[{"s,
        "[1]]"s, "NaN"s, "{\"_id\":\"z\",\"url\":\"u\",}"s}) {
    CAPTURE(bad.substr(0, 20));
    std::string body =
      "{\"_id\":1}\n" + bad + "\n[{}]\n" + bad + "\n{\"_id\":2}";
    auto found = page_splitter{extralt_results()}.split_lines(body);
    CHECK(found.bad.count == 2);
    CHECK(found.bad.first_at == 10);
    CHECK_THAT(found.bad.first_why, Catch::Contains("byte"));
    split_page page;
    page.captures = found.captures;
    CHECK(capture_texts(body, page)
          == strings{R"({"_id":1})", "[{}]", R"({"_id":2})"});
    CHECK(page.captures[0].identity == only_identity(R"({"_id":1})"));
    CHECK(page.captures[2].identity == only_identity(R"({"_id":2})"));
    CHECK(url_of(body, page.captures, 2).empty());
  }
}

TEST_CASE("everything that JSON allows is kept byte for byte") {
  auto values = strings{R"("cut \ud83d")",
                        R"("\ude00\ud83d")",
                        "1e400",
                        "-1E+99999",
                        std::string(400, '1'),
                        R"("\u0000")",
                        "\"\xff\xc0\"",
                        std::string(200, '[') + std::string(200, ']')};
  strings captures;
  for (auto& value : values)
    captures.push_back(R"({"url":"u","v":)" + value + "}");
  std::string body = "\xef\xbb\xbf{\"before\":1e309,\"items\":[";
  std::string lines = "\xef\xbb\xbf";
  for (auto& each : captures) {
    body += (&each == &captures.front() ? "" : ",") + each;
    lines += each + "\n";
  }
  body += R"(],"x\ud800":"\udc00"})";
  CHECK(capture_texts(body) == captures);
  auto found = page_splitter{extralt_results()}.split_lines(lines);
  CHECK(found.bad.count == 0);
  split_page page;
  page.captures = found.captures;
  CHECK(capture_texts(lines, page) == captures);
}

TEST_CASE("ids that differ only in an unpaired surrogate are different") {
  auto a = only_identity(R"({"_id":"\ud83d"})");
  CHECK(a == only_identity(R"({"_id":"\uD83D"})"));
  CHECK(a != only_identity(R"({"_id":"\ud83e"})"));
  CHECK(a != only_identity(R"({"_id":"\ufffd"})"));
  CHECK(a != only_identity(R"({"_id":"\ud83d\ude00"})"));
  CHECK(only_identity(R"({"_id":1e400})") != only_identity(R"({"_id":1e401})"));
}

TEST_CASE("an empty id does not count as an id") {
  CHECK(only_identity(R"({"_id":"","n":1})")
        != only_identity(R"({"_id":"","n":2})"));
  CHECK(only_identity(R"({"_id":"","id":"a"})")
        == only_identity(R"({"id":"a"})"));
  auto body = R"([{"_id":"","n":1},{"_id":"a"},{"_id":7}])"sv;
  auto captures = split(body).captures;
  CHECK(captures[0].id.end == 0);
  CHECK(body.substr(captures[1].id.begin, 3) == R"("a")");
  CHECK(body.substr(captures[2].id.begin, 1) == "7");
}

TEST_CASE("a page that cannot be read yields the captures before its defect") {
  auto saved = [](std::string_view body) {
    split_page page;
    page.captures = page_splitter{extralt_results()}.salvage(body);
    return capture_texts(body, page);
  };
  CHECK(saved(R"({"items":[{"_id":1},{"_id":2,"x":NaN},{"_id":3}]})")
        == strings{R"({"_id":1})"});
  CHECK(saved(R"({"items":[{"_id":1},[2)") == strings{R"({"_id":1})"});
  CHECK(saved(R"({"items":[{"_id":1},7],"nextCursor":NaN})")
        == strings{R"({"_id":1})", "7"});
  CHECK(saved("[1,\"\n\"]") == strings{"1"});
  for (auto none : {"", "<html>", R"({"x":NaN,"items":[1]})", R"({"items":[{)",
                    R"({"items":null,"x":NaN})"})
    CHECK(saved(none).empty());
}

TEST_CASE("captures keep their bytes, including numbers and escapes") {
  std::string first =
    R"({ "_id" : "a", "price": 12.340, "n":1152921504606846976,
    "t":"\u00e9\"]}", "x": [ {"items": [1]}, [] ] })";
  std::string second = R"({"_id":"b","url":"https:\/\/s.example\/\u0041"})";
  auto body = "{\"a\":{\"items\":[9]},\"items\": [\n" + first + " ,\t" + second
              + "\n], \"nextCursor\": \"c\\u0032\"}";
  auto page = split(body);
  CHECK(capture_texts(body, page) == strings{first, second});
  CHECK(url_of(body, page.captures, 0).empty());
  CHECK(url_of(body, page.captures, 1) == "https://s.example/A");
  CHECK(page.next == "c2");
  CHECK_FALSE(page.more);
}

TEST_CASE("a page may be a bare array if the profile says so") {
  CHECK(capture_texts(R"( [ {"a":1} , {"b":2}] )")
        == strings{R"({"a":1})", R"({"b":2})"});
  CHECK(capture_texts("[]").empty());
  CHECK(capture_texts(R"({"items":[]})").empty());
}

TEST_CASE("a capture may be any JSON value") {
  CHECK(capture_texts(R"([ 1.50 ,"x,]" , null,true , [2, 3],-0,{}, "" ])")
        == strings{"1.50", R"("x,]")", "null", "true", "[2, 3]", "-0", "{}",
                   R"("")"});
}

TEST_CASE("the first items pointer that resolves to an array counts") {
  auto dialect = extralt_results();
  dialect.items = {"/rows", "/data/items", "/0/rows", ""};
  CHECK(capture_texts(R"({"data":{"items":[1]},"rows":[2]})", dialect)
        == strings{"2"});
  CHECK(capture_texts(R"({"data":{"items":[1]},"rows":{"x":[2]}})", dialect)
        == strings{"1"});
  CHECK(capture_texts(R"([{"rows":[7,8]},5])", dialect) == strings{"7", "8"});
  CHECK(capture_texts(R"([5,{"rows":[7,8]}])", dialect)
        == strings{"5", R"({"rows":[7,8]})"});
}

TEST_CASE("a page without its list is an error, not an empty page") {
  for (auto body : {R"({})", R"({"items":{}})", R"({"items":0})", "null",
                    R"({"message":"x"})", R"("text")", "7"})
    CHECK_THAT(page_failure(body), Catch::Contains("/items or the root"));
  CHECK_THAT(page_failure(R"({"items":[1],"x":1,"items":[2]})"),
             Catch::Contains("twice"));
}

TEST_CASE("a list of captures that is null is an empty page") {
  auto page = split(R"({"items":null,"nextCursor":null})");
  CHECK(page.captures.empty());
  CHECK_FALSE(page.next);
  page = split(R"({"items":null,"nextCursor":"c","meta":{"hasMore":true}})");
  CHECK(page.captures.empty());
  CHECK(page.next == "c");
  CHECK(page.more == true);
  auto dialect = extralt_results();
  dialect.items = {"/a", "/b"};
  CHECK(capture_texts(R"({"a":null,"b":[1]})", dialect) == strings{"1"});
  CHECK(capture_texts(R"({"b":[1],"a":null})", dialect) == strings{"1"});
  CHECK_THAT(page_failure(R"({"a":{},"b":1})", dialect),
             Catch::Contains("/a or /b"));
}

TEST_CASE("the first of several members with the same name counts") {
  auto body = R"({"nextCursor":"a","nextCursor":"b","items":[
    {"_id":"x","_id":"y","url":"u","url":"v"}],
    "meta":{"hasMore":true,"hasMore":false},"meta":{"hasMore":false}})";
  auto page = split(body);
  CHECK(page.next == "a");
  CHECK(page.more == true);
  CHECK(url_of(body, page.captures, 0) == "u");
  CHECK(page.captures[0].identity == only_identity(R"({"_id":"x"})"));
  // Even if it is unusable.
  body = R"({"nextCursor":null,"nextCursor":{},"nextCursor":"b","items":[
    {"_id":null,"_id":"y","id":"z","url":7,"url":"v"},
    {"_id":"y","url":"v"}],"meta":{},"meta":{"hasMore":true}})";
  page = split(body);
  CHECK_FALSE(page.next);
  CHECK_FALSE(page.unusable_next);
  CHECK_FALSE(page.more);
  CHECK(url_of(body, page.captures, 0).empty());
  CHECK(page.captures[0].identity == only_identity(R"({"_id":"z"})"));
  CHECK(url_of(body, page.captures, 1) == "v");
  CHECK(page.captures[1].identity == only_identity(R"({"_id":"y"})"));
}

TEST_CASE(
  "a list of captures that appears twice is refused unless one is null") {
  auto dialect = extralt_results();
  dialect.items = {"/data/items"};
  CHECK_THAT(page_failure(R"({"data":{"items":[1],"items":[2]}})", dialect),
             Catch::Contains("twice"));
  CHECK_THAT(
    page_failure(R"({"data":{"items":[1]},"data":{"items":[2]}})", dialect),
    Catch::Contains("twice"));
  CHECK(
    capture_texts(R"({"data":{"items":null},"data":{"items":[2]}})", dialect)
    == strings{"2"});
}

TEST_CASE("invalid JSON is an error that gives its position") {
  using namespace std::string_view_literals;
  struct row {
    std::string_view body;
    std::string_view at;
  };
  for (auto [body, at] :
       {row{"", "byte 0"}, row{R"({"items":[)", "byte 10"},
        row{R"({"items":[{"a":1})", "byte 17"},
        row{R"({"items":[]} x)", "byte 13"}, row{"[1,]", "byte 3"},
        row{"[]\0"sv, "byte 2"}, row{"[\"a", "byte 3"}, row{"<html>", "byte 0"},
        row{"[01]", "byte 2"}})
    CHECK_THAT(page_failure(body), Catch::Contains(std::string{at}));
}

TEST_CASE("a page truncated anywhere is an error") {
  std::string body =
    R"({"items":[{"_id":1,"t":"a\"b"},[2.5e3,null]],"nextCursor":"c"})";
  for (size_t size = 0; size < body.size(); ++size)
    CHECK_FALSE(page_splitter{extralt_results()}.split(body.substr(0, size)));
  CHECK(page_splitter{extralt_results()}.split(body));
}

TEST_CASE("the nesting of a page is limited") {
  auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(capture_texts(nested(max_json_depth)).size() == 1);
  CHECK_THAT(page_failure(nested(max_json_depth + 1)), Catch::Contains("deep"));
  auto deep = R"({"x":)" + std::string(3'000'000, '[');
  CHECK_THAT(page_failure(deep), Catch::Contains("deep"));
}

TEST_CASE(
  "the next cursor is text, or a number if the pagination uses numbers") {
  auto next = [](const std::string& value, pagination::kind by) {
    auto dialect = extralt_results();
    dialect.page.by = by;
    dialect.page.next = {"/nextCursor", "/meta/next"};
    return split(R"({"items":[],"nextCursor":)" + value + "}", dialect).next;
  };
  using kind = pagination::kind;
  CHECK(next(R"("abc")", kind::cursor) == "abc");
  CHECK(next("12.50", kind::cursor) == "12.50");
  CHECK_FALSE(next("12.50", kind::next_url));
  for (auto last :
       {"null", R"("")", "false", "{}", "[]", R"({"nextCursor":"x"})"})
    CHECK_FALSE(next(last, kind::cursor));
  CHECK(next(R"(null,"meta":{"next":"z"})", kind::cursor) == "z");
  CHECK(next(R"("a","meta":{"next":"z"})", kind::cursor) == "a");
  CHECK_FALSE(next(R"("","meta":{"next":"z"})", kind::cursor));
}

TEST_CASE("a next cursor that cannot be used is named") {
  auto unusable = [](const std::string& value,
                     pagination::kind by = pagination::kind::cursor) {
    auto dialect = extralt_results();
    dialect.page.by = by;
    dialect.page.next = {"/nextCursor", "/meta/next"};
    return split(R"({"items":[1],"nextCursor":)" + value + "}", dialect)
      .unusable_next;
  };
  using kind = pagination::kind;
  CHECK(unusable(R"({"after":{"x":1}})") == "an object at /nextCursor");
  CHECK(unusable("[]") == "an array at /nextCursor");
  CHECK(unusable("true") == "true at /nextCursor");
  CHECK(unusable("5", kind::next_url) == "a number at /nextCursor");
  CHECK(unusable(R"(null,"meta":{"next":[2]})") == "an array at /meta/next");
  CHECK(unusable(R"([],"meta":{"next":true})") == "an array at /nextCursor");
  CHECK(unusable(R"([],"meta":{"next":""})") == "an array at /nextCursor");
  for (auto usable : {R"("c")", "5", "0", R"([],"meta":{"next":"z"})"})
    CHECK_FALSE(unusable(usable));
  for (auto end : {"null", "false", R"("")", R"("","meta":{"next":{}})"})
    CHECK_FALSE(unusable(end));
}

TEST_CASE("the number 0 as the next cursor is recognised") {
  auto page = [](const std::string& value) {
    return split(R"({"items":[],"nextCursor":)" + value + "}");
  };
  for (auto zero : {"0", "-0", "0.0", "0e5", "0.00E-1"}) {
    CHECK(page(zero).next == zero);
    CHECK(page(zero).next_is_zero);
  }
  for (auto other : {R"("0")", "1", "0.1", "10", "1e0", "null", R"("")"})
    CHECK_FALSE(page(other).next_is_zero);
}

TEST_CASE("only a boolean says whether there are more pages") {
  auto more = [](const std::string& value) {
    return split(R"({"meta":{"hasMore":)" + value + R"(},"items":[]})").more;
  };
  CHECK(more("true") == true);
  CHECK(more("false") == false);
  CHECK_FALSE(more("1"));
  CHECK_FALSE(more("null"));
}

TEST_CASE("a capture is identified by its id, or by its bytes if it has none") {
  auto a = only_identity(R"({"_id":"a","x":1})");
  CHECK(a == only_identity(R"({"x":2,"_id":"\u0061"})"));
  CHECK(a == only_identity(R"({"id":"a"})"));
  CHECK(a == only_identity(R"({"id":"b","_id":"a"})"));
  CHECK(a == only_identity(R"({"_id":null,"id":"a"})"));
  CHECK(a != only_identity(R"({"_id":"b"})"));
  CHECK(a != only_identity(R"({"x":{"_id":"a"}})"));
  CHECK(a != only_identity(R"("a")"));
  CHECK(only_identity(R"({"_id":1})") != only_identity(R"({"_id":"1"})"));
  CHECK(only_identity(R"({"_id":1})") != only_identity("1"));
  CHECK(only_identity(R"({"x":1})") == only_identity(R"({"x":1})"));
  CHECK(only_identity(R"({"x":1})") != only_identity(R"({"x": 1})"));
}

TEST_CASE("an identity is the same hash in every release") {
  // printf 'sa' | sha256sum
  capture_identity expected{0x4c, 0xf6, 0x82, 0x9a, 0xa9, 0x37, 0x28, 0xe8,
                            0xf3, 0xc9, 0x7d, 0xf9, 0x13, 0xfb, 0x1b, 0xfa};
  CHECK(only_identity(R"({"_id":"a"})") == expected);
}

TEST_CASE("an id may be nested deep in a capture") {
  auto dialect = extralt_results();
  dialect.item_id = {"/meta/0/id"};
  dialect.item_url = {"/meta/1"};
  auto body = R"([{"meta":[{"id":5},"u"]},{"meta":[{"id":5},"v"]}])";
  auto page = split(body, dialect);
  REQUIRE(page.captures.size() == 2);
  CHECK(page.captures[0].identity == page.captures[1].identity);
  CHECK(url_of(body, page.captures, 0) == "u");
  CHECK(url_of(body, page.captures, 1) == "v");
}

TEST_CASE("a capture without a URL does not take one from its surroundings") {
  auto body = R"([{"url":"https://s.example/outer","rows":[)"
              R"({"url":"https://s.example/inner"},{"_id":1}]},{"_id":2}])";
  auto dialect = extralt_results();
  dialect.items = {"", "/0/rows"};
  auto outer = split(body, dialect).captures;
  dialect.items = {"/0/rows", ""};
  auto inner = split(body, dialect).captures;
  REQUIRE(outer.size() == 2);
  CHECK(url_of(body, outer, 0) == "https://s.example/outer");
  CHECK(url_of(body, outer, 1).empty());
  REQUIRE(inner.size() == 2);
  CHECK(url_of(body, inner, 0) == "https://s.example/inner");
  CHECK(url_of(body, inner, 1).empty());
}

TEST_CASE("a URL that no batch can contain is read only in part") {
  auto listed = [](size_t size) {
    auto url = std::string(size, 'u');
    auto body = R"([{"url":")" + url + R"("}])";
    return url_of(body, split(body).captures, 0).size();
  };
  CHECK(listed(max_url_bytes) == max_url_bytes);
  CHECK(listed(max_url_bytes + 1) == max_url_bytes + 1);
  CHECK(listed(max_url_bytes + 9) == max_url_bytes + 1);
}

TEST_CASE("a page with too many captures is refused") {
  std::string body = "[0";
  body.reserve(2 * page_splitter::max_captures + 4);
  for (size_t i = 1; i <= page_splitter::max_captures; ++i)
    body += ",0";
  CHECK_THAT(page_failure(body + "]"), Catch::Contains("too many"));
}
