#include "core/api/page_walk.hpp"

#include <catch2/catch.hpp>

#include <tuple>

using namespace sluice;

namespace {

using kind = pagination::kind;

api_profile profile_with(pagination page) {
  api_profile profile;
  profile.base = "https://api.example";
  profile.results.path = "/captures";
  profile.results.query = {{"runId", "${id}"}};
  profile.results.page = std::move(page);
  return profile;
}

pagination by(kind how, std::string param = {}) {
  pagination page;
  page.by = how;
  page.param = std::move(param);
  return page;
}

std::string url(const api_profile& profile, const page_cursor& cursor) {
  template_values values;
  values.text["id"] = "r1";
  auto result = page_url(profile, values, cursor);
  if (!result)
    FAIL(what_of(result.error()));
  return *result;
}

split_page page_with(size_t captures, std::optional<std::string> next = {},
                     std::optional<bool> more = {}) {
  split_page page;
  for (size_t i = 0; i < captures; ++i)
    page.captures.add({});
  page.next = std::move(next);
  page.more = more;
  return page;
}

page_after follow(const api_profile& profile, const page_cursor& cursor,
                  const split_page& page, const http_reply& reply = {}) {
  return next_page(profile, cursor, url(profile, cursor), page, reply);
}

/// The next cursor of a listing that has not reached a dead end.
std::optional<page_cursor>
cursor_after(const api_profile& profile, const page_cursor& cursor,
             const split_page& page, const http_reply& reply = {}) {
  auto next = follow(profile, cursor, page, reply);
  CHECK(next.dead_end.empty());
  return next.cursor;
}

std::string dead_end_after(const api_profile& profile, const split_page& page) {
  auto next = follow(profile, "", page);
  CHECK_FALSE(next.cursor);
  return next.dead_end;
}

split_page page_with_unusable(std::string what) {
  auto page = page_with(1);
  page.unusable_next = std::move(what);
  return page;
}

http_reply total(const std::string& text) {
  http_reply reply;
  reply.headers["x-total"] = text;
  return reply;
}

/// By offset or page number, 100 captures per page.
pagination in_hundreds(kind how) {
  auto page = by(how, how == kind::offset ? "offset" : "page");
  page.size_param = "limit";
  page.size = 100;
  page.total_header = "X-Total";
  return page;
}

} // namespace

TEST_CASE("a cursor is sent back unchanged but percent-encoded") {
  auto profile = profile_with(by(kind::cursor, "cursor"));
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1");
  CHECK(url(profile, "a=b&c")
        == "https://api.example/captures?runId=r1&cursor=a%3Db%26c");
  CHECK(cursor_after(profile, "", page_with(1, "c2")) == "c2");
  CHECK_FALSE(cursor_after(profile, "c2", page_with(1)));
}

TEST_CASE("a cursor that repeats is returned with its page") {
  CHECK(
    cursor_after(profile_with(by(kind::cursor, "c")), "c2", page_with(1, "c2"))
    == "c2");
  CHECK(cursor_after(profile_with(by(kind::next_url)), "https://o.example/p",
                     page_with(0, "https://o.example/p"))
        == "https://o.example/p");
}

TEST_CASE("a cursor that no request can carry is a dead end that names it") {
  auto profile =
    profile_with(GENERATE(by(kind::cursor, "c"), by(kind::next_url)));
  CHECK_THAT(
    dead_end_after(profile, page_with_unusable("an object at /nextCursor")),
    Catch::Contains("next cursor is an object at /nextCursor"));
  CHECK_THAT(dead_end_after(
               profile, page_with(1, std::string(max_cursor_bytes + 1, 'c'))),
             Catch::Contains("longer than 16384 bytes"));
  auto also_usable = page_with_unusable("true at /next");
  also_usable.next = "/c2";
  CHECK(cursor_after(profile, "", also_usable));
}

TEST_CASE("an unusable cursor does not matter if the pagination uses none") {
  auto how = GENERATE(kind::offset, kind::page, kind::none);
  CHECK(follow(profile_with(by(how, "p")), "",
               page_with_unusable("an object at /next"))
          .dead_end.empty());
}

TEST_CASE("the number 0 is returned as a cursor and marked") {
  auto profile = profile_with(by(kind::cursor, "c"));
  auto page = page_with(1, "0");
  CHECK_FALSE(follow(profile, "4", page).is_zero);
  page.next_is_zero = true;
  auto next = follow(profile, "4", page);
  CHECK(next.is_zero);
  CHECK(next.cursor == "0");
}

TEST_CASE("a link is followed and does not keep the key") {
  auto profile = profile_with(by(kind::next_url));
  CHECK(cursor_after(profile, "", page_with(1, "https://o.example/p?skip=1"))
        == "https://o.example/p?skip=1");
  CHECK(cursor_after(profile, "", page_with(1, "/p?skip=1"))
        == "https://api.example/p?skip=1");
  CHECK(url(profile, "https://o.example/p?skip=1")
        == "https://o.example/p?skip=1");
  CHECK_FALSE(cursor_after(profile, "https://o.example/p", page_with(1)));
  profile.auth = {auth_scheme::place::query, "token", ""};
  CHECK(cursor_after(profile, "", page_with(1, "/p?token=sk_1&skip=1"))
        == "https://api.example/p?skip=1");
}

TEST_CASE("a link with an unsupported scheme is a dead end that shows only its "
          "scheme") {
  auto profile = profile_with(by(kind::next_url));
  for (auto link : {"ftp://o.example/?token=sk_1", "javascript:sk_1()",
                    "mailto:sk_1@o.example", "https://sk_1 x/"}) {
    auto text = dead_end_after(profile, page_with(1, link));
    CHECK_THAT(text, Catch::Contains("not an http or https URL"));
    CHECK_THAT(text, !Catch::Contains("sk_1"));
  }
}

TEST_CASE(
  "an offset counts captures until a page is empty or the total is reached") {
  auto profile = profile_with(in_hundreds(kind::offset));
  CHECK(url(profile, "")
        == "https://api.example/captures?runId=r1&offset=0&limit=100");
  CHECK(url(profile, "250")
        == "https://api.example/captures?runId=r1&offset=250&limit=100");
  CHECK(cursor_after(profile, "", page_with(100)) == "100");
  CHECK(cursor_after(profile, "100", page_with(7)) == "107");
  CHECK_FALSE(cursor_after(profile, "107", page_with(0)));
  CHECK(cursor_after(profile, "0", page_with(100), total("107")) == "100");
  CHECK_FALSE(cursor_after(profile, "100", page_with(7), total("107")));
  CHECK(cursor_after(profile, "100", page_with(7), total("-1")) == "107");
}

TEST_CASE(
  "a full page by offset is followed even if the total says otherwise") {
  auto profile = profile_with(in_hundreds(kind::offset));
  CHECK(cursor_after(profile, "", page_with(100), total("2")) == "100");
  CHECK(cursor_after(profile, "100", page_with(100), total("200")) == "200");
  CHECK_FALSE(cursor_after(profile, "200", page_with(0), total("200")));
  profile.results.page.size_param.clear();
  CHECK(cursor_after(profile, "", page_with(3), total("2")) == "3");
  CHECK_FALSE(cursor_after(profile, "3", page_with(0), total("2")));
}

TEST_CASE("an empty page by offset before the total is skipped") {
  auto profile = profile_with(in_hundreds(kind::offset));
  CHECK(cursor_after(profile, "100", page_with(0), total("301")) == "200");
  CHECK(cursor_after(profile, "200", page_with(0), total("301")) == "300");
  CHECK_FALSE(cursor_after(profile, "300", page_with(0), total("301")));
  auto last = std::to_string(UINT64_MAX - 50);
  CHECK_FALSE(
    cursor_after(profile, last, page_with(0), total("18446744073709551615")));
  profile.results.page.size = 0;
  CHECK_FALSE(cursor_after(profile, "100", page_with(0), total("301")));
}

TEST_CASE("a short page by offset continues after its captures because the API "
          "may return fewer than requested") {
  auto profile = profile_with(in_hundreds(kind::offset));
  CHECK(cursor_after(profile, "", page_with(10), total("301")) == "10");
  CHECK(cursor_after(profile, "", page_with(10)) == "10");
}

TEST_CASE("the page number increases while there are more pages") {
  auto profile = profile_with(by(kind::page, "page"));
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1&page=1");
  CHECK(cursor_after(profile, "", page_with(5, {}, true)) == "2");
  CHECK(cursor_after(profile, "2", page_with(5, {}, true)) == "3");
  CHECK_FALSE(cursor_after(profile, "3", page_with(5, {}, false)));
  CHECK(cursor_after(profile, "3", page_with(0, {}, true)) == "4");
  profile.results.page.first = 0;
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1&page=0");
  CHECK(cursor_after(profile, "", page_with(5, {}, true)) == "1");
}

TEST_CASE(
  "pages continue until one is short or empty if nothing says there are more") {
  auto profile = profile_with(in_hundreds(kind::page));
  CHECK(url(profile, "")
        == "https://api.example/captures?runId=r1&page=1&limit=100");
  CHECK(cursor_after(profile, "", page_with(100)) == "2");
  CHECK(cursor_after(profile, "2", page_with(100), total("200")) == "3");
  CHECK_FALSE(cursor_after(profile, "3", page_with(99)));
  CHECK_FALSE(cursor_after(profile, "3", page_with(0)));
  profile.results.page.size_param.clear();
  CHECK(cursor_after(profile, "3", page_with(1)) == "4");
  CHECK_FALSE(cursor_after(profile, "4", page_with(0), total("900")));
}

TEST_CASE("a short or empty page by number before the total is skipped") {
  auto profile = profile_with(in_hundreds(kind::page));
  CHECK(cursor_after(profile, "", page_with(0), total("101")) == "2");
  CHECK_FALSE(cursor_after(profile, "2", page_with(0), total("200")));
  CHECK_FALSE(cursor_after(profile, "", page_with(0), total("0")));
  profile.results.page.first = 0;
  CHECK(cursor_after(profile, "1", page_with(0), total("201")) == "2");
  CHECK_FALSE(cursor_after(profile, "2", page_with(0), total("201")));
}

TEST_CASE("an API that returns fewer captures per page than requested is "
          "listed to its end by number") {
  auto profile = profile_with(in_hundreds(kind::page));
  CHECK(cursor_after(profile, "", page_with(7), total("20")) == "2");
  CHECK(cursor_after(profile, "3", page_with(6), total("20")) == "4");
  CHECK_FALSE(cursor_after(profile, "4", page_with(0), total("20")));
}

TEST_CASE(
  "the API may refuse a counted position past the end but not a cursor") {
  auto how = GENERATE(kind::offset, kind::page);
  auto [status, is_own_word, is_end] =
    GENERATE(std::tuple{404, true, true}, std::tuple{404, false, true},
             std::tuple{416, false, true}, std::tuple{400, true, true},
             std::tuple{422, true, true}, std::tuple{400, false, false},
             std::tuple{403, true, false}, std::tuple{500, false, false});
  read_verdict verdict;
  verdict.status = status;
  verdict.outcome = is_own_word ? read_outcome::gone : read_outcome::retry;
  CHECK(is_past_the_end(by(how, "p"), "3", verdict) == is_end);
  CHECK_FALSE(is_past_the_end(by(how, "p"), "", verdict));
  CHECK_FALSE(is_past_the_end(by(kind::cursor, "p"), "3", verdict));
}

TEST_CASE("a listing without pagination has one page") {
  auto profile = profile_with(by(kind::none));
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1");
  CHECK_FALSE(cursor_after(profile, "", page_with(5, "ignored", true)));
}

TEST_CASE("an unknown pagination fetches no captures") {
  auto result = page_url(profile_with(by(kind::unknown)), {}, "");
  REQUIRE_FALSE(result);
  CHECK(code_of(result.error()) == ec::usage);
  CHECK_THAT(what_of(result.error()), Catch::Contains("results.page"));
}

TEST_CASE("a cursor of another pagination is refused") {
  template_values values;
  values.text["id"] = "r1";
  for (auto cursor : {"abc", "-1", "1x"})
    CHECK_FALSE(page_url(profile_with(by(kind::offset, "o")), values, cursor));
}
