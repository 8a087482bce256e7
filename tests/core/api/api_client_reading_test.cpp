#include "tests/core/api/api_client_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a status is read and its saved values are returned") {
  api_client_fixture api{{one(
    json_text(R"({"status":"completed","extractedCount":7,"dataset":"d1"})"))}};
  auto reply = api.client().status({"run/1", {}});
  CHECK(reply.verdict.outcome == read_outcome::ok);
  CHECK(reply.verdict.status == 200);
  CHECK(reply.run.phase == run_phase::done);
  CHECK(reply.run.extracted == 7);
  CHECK(reply.run.saved.at("ds") == "d1");
  CHECK_THAT(api.server.requests().at(0),
             Catch::StartsWith("GET /runs/run%2F1 HTTP/1.1\r\n")
               && Catch::Contains(authorization));
}

TEST_CASE("a 2xx that the profile does not describe is unreadable") {
  api_client_fixture api{{{{http_text(200, "<html>maintenance</html>")},
                           {json_text(R"({"status":)")},
                           {json_text("{}")},
                           {json_text(R"({"message":"no list"})")},
                           {json_text(R"({"items":[1,])")}}}};
  auto& client = api.client();
  for (int i = 0; i < 3; ++i) {
    auto reply = client.status({"r", {}});
    CHECK(reply.verdict.outcome == read_outcome::unreadable);
    CHECK_FALSE(reply.verdict.message.empty());
  }
  for (auto* body : {R"({"message":"no list"})", R"({"items":[1,])"}) {
    auto reply = client.page({{"r", {}}, ""});
    CHECK(reply.verdict.outcome == read_outcome::unreadable);
    CHECK_FALSE(reply.verdict.message.empty());
    REQUIRE(reply.body);
    CHECK(*reply.body == body);
  }
}

TEST_CASE("an unreadable page yields the captures before its defect and hides "
          "the key everywhere else") {
  auto echo = R"("echo":")" + std::string{the_key} + '"';
  auto body = "{" + echo + R"(,"items":[{"url":"u1",)" + echo + "},"
              + R"({"url":"u2"},NaN],)" + echo
              + R"(,"escaped":"sk_live_1\/s\u0065cret"})";
  api_client_fixture api{{one(json_text(body))}};
  auto reply = api.client().page({{"r", {}}, ""});
  CHECK(reply.verdict.outcome == read_outcome::unreadable);
  REQUIRE(reply.captures.size() == 2);
  auto span = reply.captures[0].span;
  CHECK(reply.body->substr(span.begin, span.end - span.begin)
        == R"({"url":"u1",)" + echo + "}");
  CHECK(reply.body->size() == body.size());
  CHECK(reply.body->find(the_key) == reply.body->rfind(the_key));
  CHECK_THAT(*reply.body,
             Catch::EndsWith(R"(,"escaped":")" + std::string(22, '*') + "\"}"));
}

TEST_CASE("a page without content is an empty page") {
  api_client_fixture api{{one("HTTP/1.1 204 No Content\r\n\r\n")}};
  api.profile.results.not_ready = {};
  auto reply = api.client().page({{"r", {}}, "c"});
  CHECK(reply.verdict.outcome == read_outcome::ok);
  CHECK(reply.captures.empty());
  CHECK_FALSE(reply.next);
}

TEST_CASE("a listing is followed by its cursors and its captures are kept byte "
          "for byte") {
  auto first = R"({"items":[{"_id":"a","url":"u1","p":12.340}, 7],)"
               R"("nextCursor":"c/2"})";
  api_client_fixture api{
    {{{json_text(first)}, {json_text(R"({"items":[],"nextCursor":null})")}}}};
  auto page = api.client().page({{"r1", {}}, ""});
  REQUIRE(page.verdict.outcome == read_outcome::ok);
  CHECK(*page.body == first);
  REQUIRE(page.captures.size() == 2);
  auto span = page.captures[0].span;
  CHECK(page.body->substr(span.begin, span.end - span.begin)
        == R"({"_id":"a","url":"u1","p":12.340})");
  std::string scratch;
  CHECK(capture_url(page.text(), page.captures[0].url, scratch) == "u1");
  REQUIRE(page.next == "c/2");
  auto last = api.client().page({{"r1", {}}, *page.next});
  CHECK(last.verdict.outcome == read_outcome::ok);
  CHECK(last.captures.empty());
  CHECK_FALSE(last.next);
  auto requests = api.server.requests();
  CHECK_THAT(requests.at(0), Catch::StartsWith("GET /captures?runId=r1 "));
  CHECK_THAT(requests.at(1),
             Catch::StartsWith("GET /captures?runId=r1&cursor=c%2F2 "));
  CHECK(api.server.connections() == 1);
}

TEST_CASE("every reply may contain anything that JSON allows") {
  auto object = [](const std::string& members) {
    return json_text(R"({"x":"cut \ud83d","n":1e400,"d":-1E999,)" + members
                     + "}");
  };
  api_client_fixture api{
    {one(http_text(201, R"({"n":1e400,"x":"\ud83d","_id":"r1"})")),
     {{object(R"("status":"completed","extractedCount":1)")},
      {object(R"("items":[{"v":"\udc00"},1e309])")},
      {object(R"("url":"https://files.example/1")")},
      {object(R"("items":[{"_id":"","id":"r1","n":1e400}])")}}}};
  api.profile.download = download_dialect{"/d/${id}", {"/url"}, "jsonl"};
  api.profile.find.emplace();
  api.profile.find->path = "/runs";
  api.profile.find->items = {"/items"};
  api.profile.find->id = {"/_id", "/id"};
  CHECK(api.submit().verdict.action == submit_action::accepted);
  CHECK(api.client().status({"r1", {}}).run.extracted == 1);
  auto page = api.client().page({{"r1", {}}, ""});
  REQUIRE(page.captures.size() == 2);
  auto last = page.captures[1].span;
  CHECK(page.body->substr(last.begin, last.end - last.begin) == "1e309");
  CHECK(api.client().link({{"r1", {}}}).link.url == "https://files.example/1");
  CHECK(api.client().runs({"r"}).runs.at(0).id == "r1");
}

TEST_CASE("a page whose cursor repeats itself still yields all its captures") {
  api_client_fixture api{{one(json_text(R"({"items":[1],"nextCursor":"c"})"))}};
  auto page = api.client().page({{"r1", {}}, "c"});
  CHECK(page.verdict.outcome == read_outcome::ok);
  CHECK(page.captures.size() == 1);
  CHECK(page.next == "c");
}

TEST_CASE(
  "a page whose link cannot be followed still yields all its captures") {
  api_client_fixture api{
    {one(json_text(R"({"items":[1],"nextCursor":"ftp://o/p"})"))}};
  api.profile.results.page.by = kind::next_url;
  auto page = api.client().page({{"r1", {}}, ""});
  CHECK(page.verdict.outcome == read_outcome::ok);
  CHECK(page.captures.size() == 1);
  CHECK_FALSE(page.next);
  CHECK_THAT(page.dead_end, Catch::Contains("\"ftp\""));
}

TEST_CASE(
  "the API may refuse a page number past the last one but not the first") {
  api_client_fixture api{
    {{{refusal(404, "no such page")}, {refusal(404, "no run")}}}};
  api.profile.results.page.by = kind::page;
  api.profile.results.page.param = "page";
  auto page = api.client().page({{"r1", {}}, "2"});
  CHECK(page.verdict.outcome == read_outcome::ok);
  CHECK(page.captures.empty());
  CHECK_FALSE(page.next);
  CHECK(api.client().page({{"r1", {}}, ""}).verdict.outcome
        == read_outcome::gone);
}

TEST_CASE("a link to another server is followed without the key") {
  scripted_server other{{one(json_text(R"({"items":[2]})"))}};
  auto body = R"({"items":[1],"nextCursor":")" + other.base() + R"(/p?s=1"})";
  api_client_fixture api{{one(json_text(body))}};
  api.profile.results.page.by = kind::next_url;
  auto page = api.client().page({{"r1", {}}, ""});
  REQUIRE(page.next == other.base() + "/p?s=1");
  auto next = api.client().page({{"r1", {}}, *page.next});
  CHECK(next.verdict.outcome == read_outcome::ok);
  auto request = other.requests().at(0);
  CHECK_THAT(request, Catch::StartsWith("GET /p?s=1 "));
  CHECK_THAT(request, !Catch::Contains("sk_live"));
  CHECK_THAT(request, !Catch::Contains("Authorization"));
}

TEST_CASE(
  "a refusal by another server does not ask the user to check the key") {
  scripted_reply no_tls{"SSH-2.0\r\n", scripted_reply::then::close};
  no_tls.unasked = true;
  scripted_server other{{one(refusal(401, "no key")), {no_tls}}};
  api_client_fixture api{{}};
  api.profile.results.page.by = kind::next_url;
  auto page = api.client().page({{"r1", {}}, other.base() + "/p"});
  CHECK(page.verdict.outcome == read_outcome::unreadable);
  CHECK(page.verdict.elsewhere);
  CHECK(page.body == nullptr);
  CHECK_THAT(page.verdict.message, Catch::StartsWith("HTTP 401: no key; "));
  CHECK_THAT(page.verdict.message, !Catch::Contains("api.key"));
  // The same host with another scheme is another server.
  auto tls = "https" + other.base().substr(4);
  page = api.client().page({{"r1", {}}, tls + "/p"});
  CHECK(page.verdict.outcome == read_outcome::retry);
  CHECK_THAT(page.verdict.message, Catch::Contains("leads to " + tls));
}

TEST_CASE("a link to the API's own server carries the key") {
  api_client_fixture api{
    {{{json_text(R"({"items":[1],"nextCursor":"/p?s=1"})")},
      {json_text(R"({"items":[2]})")}}}};
  api.profile.results.page.by = kind::next_url;
  api.profile.auth = {auth_scheme::place::query, "token", ""};
  auto page = api.client().page({{"r1", {}}, ""});
  REQUIRE(page.next == api.server.base() + "/p?s=1");
  CHECK(api.client().page({{"r1", {}}, *page.next}).verdict.outcome
        == read_outcome::ok);
  CHECK_THAT(api.server.requests().at(1),
             Catch::StartsWith("GET /p?s=1&token=sk_live_1%2Fsecret "));
}

TEST_CASE("the request for captures uses the saved values") {
  api_client_fixture api{{one(json_text("[]"))}};
  api.profile.results.path = "/datasets/${ds}/items";
  api.profile.results.query = {};
  CHECK(api.client().page({{"r", {{"ds", "d 1"}}}, ""}).verdict.outcome
        == read_outcome::ok);
  CHECK_THAT(api.server.requests().at(0),
             Catch::StartsWith("GET /datasets/d%201/items "));
  auto without = api.client().page({{"r", {}}, ""});
  CHECK(without.verdict.outcome == read_outcome::stop_job);
  CHECK_THAT(without.verdict.message, Catch::Contains("${ds}"));
}

TEST_CASE(
  "an unknown pagination stops the job before any request for captures") {
  api_client_fixture api{{}};
  api.profile.results.page.by = kind::unknown;
  auto page = api.client().page({{"r", {}}, ""});
  CHECK(page.verdict.outcome == read_outcome::stop_job);
  CHECK(api.server.connections() == 0);
}

TEST_CASE("a page that is not ready or too large is reported as such") {
  api_client_fixture api{{{{"HTTP/1.1 204 No Content\r\n\r\n"}},
                          one(json_text("[" + std::string(2'000, ' ') + "]"))}};
  api.max_body = 1'000;
  CHECK(api.client().page({{"r", {}}, ""}).verdict.outcome
        == read_outcome::not_ready);
  // The server ended that connection. The client may not have noticed yet.
  auto page = api.client().page({{"r", {}}, ""});
  if (page.verdict.outcome == read_outcome::retry)
    page = api.client().page({{"r", {}}, ""});
  CHECK(page.verdict.outcome == read_outcome::too_large);
  CHECK_THAT(page.verdict.message, Catch::Contains("api.max_body"));
}

TEST_CASE("the request for a download's address carries the key") {
  api_client_fixture api{
    {{{json_text(R"({"url":"https://files.example/x?sign=1"})")},
      {json_text(R"({"url":"/files/y"})")}}}};
  api.profile.download =
    download_dialect{"/runs/${id}/download", {"/url"}, "jsonl.lz4"};
  auto reply = api.client().link({{"run 1", {}}});
  REQUIRE(reply.verdict.outcome == read_outcome::ok);
  CHECK(reply.link.url == "https://files.example/x?sign=1");
  CHECK_THAT(api.server.requests().at(0),
             Catch::StartsWith("GET /runs/run%201/download HTTP/1.1\r\n")
               && Catch::Contains(authorization));
  CHECK(api.client().link({{"r", {}}}).link.url
        == api.server.base() + "/files/y");
}

TEST_CASE("a download that is missing or has no usable address is judged like "
          "any other read") {
  api_client_fixture api{{{{refusal(404, "no file")},
                           {refusal(429, "slow down")},
                           {json_text(R"({"url":"ftp://files.example/x"})")},
                           {json_text("{}")}}}};
  api.profile.download =
    download_dialect{"/runs/${id}/download", {"/url"}, "jsonl.lz4"};
  for (auto outcome : {read_outcome::gone, read_outcome::rate_limited,
                       read_outcome::unreadable, read_outcome::unreadable}) {
    auto reply = api.client().link({{"r", {}}});
    CHECK(reply.verdict.outcome == outcome);
    CHECK(reply.link.url.empty());
  }
}
