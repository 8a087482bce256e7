#include "core/page_walk.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

using kind = pagination::kind;

api_profile with(pagination page) {
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

split_page page_of(size_t captures, std::optional<std::string> next = {},
                   std::optional<bool> more = {}) {
  split_page page;
  for (size_t i = 0; i < captures; ++i)
    page.captures.add({});
  page.next = std::move(next);
  page.more = more;
  return page;
}

std::optional<page_cursor>
after(const api_profile& profile, const page_cursor& cursor,
      const split_page& page, const http_reply& reply = {}) {
  auto next = next_cursor(profile, cursor, url(profile, cursor), page, reply);
  if (!next)
    FAIL(what_of(next.error()));
  return *next;
}

std::string wrong_after(const api_profile& profile, const page_cursor& cursor,
                        const split_page& page) {
  auto next = next_cursor(profile, cursor, url(profile, cursor), page, {});
  REQUIRE_FALSE(next);
  CHECK(code_of(next.error()) == ec::bad_reply);
  return what_of(next.error());
}

} // namespace

TEST_CASE("a cursor goes back as it came, encoded") {
  auto profile = with(by(kind::cursor, "cursor"));
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1");
  CHECK(url(profile, "a=b&c")
        == "https://api.example/captures?runId=r1&cursor=a%3Db%26c");
  CHECK(after(profile, "", page_of(1, "c2")) == "c2");
  CHECK_FALSE(after(profile, "c2", page_of(1)));
  CHECK_THAT(wrong_after(profile, "c2", page_of(1, "c2")),
             Catch::Contains("just used"));
  CHECK_THAT(wrong_after(profile, "",
                         page_of(1, std::string(max_cursor_bytes + 1, 'c'))),
             Catch::Contains("longer"));
}

TEST_CASE("a link is followed, and the key is not kept in it") {
  auto profile = with(by(kind::next_url));
  CHECK(after(profile, "", page_of(1, "https://o.example/p?skip=1"))
        == "https://o.example/p?skip=1");
  CHECK(after(profile, "", page_of(1, "/p?skip=1"))
        == "https://api.example/p?skip=1");
  CHECK(url(profile, "https://o.example/p?skip=1")
        == "https://o.example/p?skip=1");
  CHECK_FALSE(after(profile, "https://o.example/p", page_of(1)));
  CHECK_THAT(wrong_after(profile, "https://o.example/p",
                         page_of(0, "https://o.example/p")),
             Catch::Contains("just used"));
  CHECK_THAT(wrong_after(profile, "", page_of(1, "/captures?runId=r1")),
             Catch::Contains("just used"));
  CHECK_THAT(wrong_after(profile, "", page_of(1, "ftp://o.example/p")),
             Catch::Contains("no http"));
  profile.auth = {auth_scheme::place::query, "token", ""};
  CHECK(after(profile, "", page_of(1, "/p?token=sk_1&skip=1"))
        == "https://api.example/p?skip=1");
}

TEST_CASE("an offset counts captures until a page is empty or all are there") {
  auto page = by(kind::offset, "offset");
  page.size_param = "limit";
  page.size = 100;
  page.total_header = "X-Total";
  auto profile = with(page);
  CHECK(url(profile, "")
        == "https://api.example/captures?runId=r1&offset=0&limit=100");
  CHECK(url(profile, "250")
        == "https://api.example/captures?runId=r1&offset=250&limit=100");
  CHECK(after(profile, "", page_of(100)) == "100");
  CHECK(after(profile, "100", page_of(7)) == "107");
  CHECK_FALSE(after(profile, "107", page_of(0)));
  http_reply reply;
  reply.headers["x-total"] = "107";
  CHECK(after(profile, "0", page_of(100), reply) == "100");
  CHECK_FALSE(after(profile, "100", page_of(7), reply));
  reply.headers["x-total"] = "-1";
  CHECK(after(profile, "100", page_of(7), reply) == "107");
}

TEST_CASE("pages are counted while there are more") {
  auto profile = with(by(kind::page, "page"));
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1&page=1");
  CHECK(after(profile, "", page_of(5, {}, true)) == "2");
  CHECK(after(profile, "2", page_of(5, {}, true)) == "3");
  CHECK_FALSE(after(profile, "3", page_of(5, {}, false)));
  CHECK_FALSE(after(profile, "3", page_of(5)));
  CHECK_FALSE(after(profile, "3", page_of(0, {}, true)));
  profile.results.page.first = 0;
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1&page=0");
  CHECK(after(profile, "", page_of(5, {}, true)) == "1");
}

TEST_CASE("one page is one page") {
  auto profile = with(by(kind::none));
  CHECK(url(profile, "") == "https://api.example/captures?runId=r1");
  CHECK_FALSE(after(profile, "", page_of(5, "ignored", true)));
}

TEST_CASE("captures are not fetched by a pagination nobody knows") {
  auto result = page_url(with(by(kind::unknown)), {}, "");
  REQUIRE_FALSE(result);
  CHECK(code_of(result.error()) == ec::usage);
  CHECK_THAT(what_of(result.error()), Catch::Contains("results.page"));
}

TEST_CASE("a cursor of another pagination is refused") {
  template_values values;
  values.text["id"] = "r1";
  for (auto cursor : {"abc", "-1", "1x"})
    CHECK_FALSE(page_url(with(by(kind::offset, "o")), values, cursor));
}
