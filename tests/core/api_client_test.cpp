#include "core/api_client.hpp"
#include "core/submit_request.hpp"
#include "tests/core/list_fixture.hpp"
#include "tests/support/dead_listener.hpp"
#include "tests/support/scripted_server.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const url_table> table_of(std::string_view url) {
  return std::make_shared<const url_table>(url_table{url});
}

using then = scripted_reply::then;
using kind = pagination::kind;

constexpr auto the_key = "sk_live_1/secret";

api_profile extralt(const std::string& base) {
  api_profile profile;
  profile.base = base;
  profile.error = {"/message", "/error"};
  profile.submit.path = "/runs";
  profile.submit.body =
    R"({"robotId":"${robot}","urls":"${urls}","budget":"${budget?}"})";
  profile.submit.ok = {200, 201, 202};
  profile.submit.safe = {503};
  profile.submit.id = {"/_id", "/id"};
  profile.status.path = "/runs/${id}";
  profile.status.state = {"/status"};
  profile.status.active = {"running"};
  profile.status.done = {"completed"};
  profile.status.extracted = {"/extractedCount"};
  profile.status.save = {{"ds", "/dataset"}};
  profile.results.path = "/captures";
  profile.results.query = {{"runId", "${id}"}};
  profile.results.items = {"/items", ""};
  profile.results.item_id = {"/_id"};
  profile.results.item_url = {"/url"};
  profile.results.not_ready = {204};
  profile.results.page.by = kind::cursor;
  profile.results.page.param = "cursor";
  profile.results.page.next = {"/nextCursor"};
  return profile;
}

/// A client and the server it talks to.
struct fixture {
  explicit fixture(std::vector<connection_script> scripts)
      : server{std::move(scripts)}, profile{extralt(server.base())} {}

  api_client& client() {
    if (!made)
      made.emplace(
        api_options{.profile = std::make_shared<const api_profile>(profile),
                    .key =
                      [this] {
                        ++key_uses;
                        return caf::expected<std::string>{key};
                      },
                    .timeout = timeout,
                    .max_body = max_body,
                    .proxy = {},
                    .ca_file = {}});
    return *made;
  }

  submit_reply submit() {
    return client().submit({table_of("https://s.example/1"), "rbt_1", 1});
  }

  /// The same with a new ticket, as of a profile that honours one.
  submit_order order_with_ticket() {
    profile.submit.idempotency =
      idempotency_dialect{"Idempotency-Key", std::chrono::hours{1}};
    submit_order order{table_of("https://s.example/1"), "rbt_1", 1};
    auto made_for = [this] { return caf::expected<std::string>{key}; };
    auto ticket = new_ticket(profile, order, made_for, 1);
    REQUIRE(ticket);
    order.ticket = *ticket;
    return order;
  }

  scripted_server server;
  api_profile profile;
  size_t max_body = 1 << 20;
  std::chrono::milliseconds timeout = 20s;
  int key_uses = 0;
  std::string key = the_key;
  std::optional<api_client> made;
};

connection_script one(std::string bytes) {
  return {{std::move(bytes)}};
}

std::string refusal(int status, const std::string& message) {
  return http_text(status, R"({"error":"E","message":")" + message + "\"}");
}

const auto authorization = "Authorization: Bearer sk_live_1/secret\r\n";

} // namespace

TEST_CASE("a submit carries the key, the robot, the URLs and the budget") {
  fixture api{{one(http_text(201, R"({"_id":"run_1"})"))}};
  auto reply = api.submit();
  CHECK(reply.verdict.action == submit_action::accepted);
  CHECK(reply.verdict.run_id == "run_1");
  CHECK(reply.latency > duration{0});
  CHECK_FALSE(reply.retry_after);
  auto request = api.server.requests().at(0);
  CHECK_THAT(request, Catch::StartsWith("POST /runs HTTP/1.1\r\n")
                        && Catch::Contains(authorization)
                        && Catch::EndsWith(R"({"robotId":"rbt_1","urls":)"
                                           R"(["https://s.example/1"],)"
                                           R"("budget":1})"));
}

TEST_CASE("a repeated submit is the same request, byte for byte") {
  fixture api{
    {one(http_text(500, "oops")), one(http_text(201, R"({"_id":"run_1"})"))}};
  auto order = api.order_with_ticket();
  CHECK(api.client().submit(order).verdict.action == submit_action::hold);
  CHECK(api.client().submit(order).verdict.run_id == "run_1");
  auto requests = api.server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0] == requests[1]);
  CHECK_THAT(requests[0], Catch::Contains("\r\nIdempotency-Key: "
                                          + order.ticket->key + "\r\n"));
}

TEST_CASE("a submit that is not the request of its ticket is not sent") {
  fixture api{{one(http_text(201, R"({"_id":"run_1"})"))}};
  auto order = api.order_with_ticket();
  SECTION("another budget") {
    order.budget = 2;
  }
  SECTION("another body") {
    api.profile.submit.body = R"({"urls":"${urls}"})";
  }
  SECTION("another API key") {
    api.key = "sk_live_2";
  }
  auto reply = api.client().submit(order);
  CHECK(reply.verdict.action == submit_action::hold);
  CHECK(reply.verdict.changed);
  CHECK_THAT(reply.verdict.message, Catch::Contains("was not sent"));
  CHECK(api.server.requests().empty());
}

TEST_CASE("a submit whose reply is lost is held, not repeated") {
  for (auto end : {then::close, then::reset}) {
    fixture api{{{{"", end}}, one(http_text(201, R"({"_id":"run_2"})"))}};
    auto reply = api.submit();
    CHECK(reply.verdict.action == submit_action::hold);
    CHECK(api.server.connections() == 1);
  }
}

TEST_CASE("a submit is accepted in whatever form of HTTP the reply comes") {
  auto gzip = [](std::string_view text) {
    return compress(compression::gzip, text);
  };
  auto text = http_text(201, R"({"_id":"run_1"})");
  for (const auto& bytes :
       {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + text,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + text,
        std::string{"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "F;x=y\r\n{\"_id\":\"run_1\"}\r\n0\r\nX-Sum: 1\r\n\r\n"},
        http_text(201, gzip(R"({"_id":)") + gzip(R"("run_1"})"),
                  {"Content-Encoding: gzip"})}) {
    CAPTURE(bytes);
    fixture api{{one(bytes)}};
    auto reply = api.submit();
    CHECK(reply.verdict.action == submit_action::accepted);
    CHECK(reply.verdict.run_id == "run_1");
  }
}

TEST_CASE("a submit that cannot connect in time was not sent") {
  dead_listener dead;
  fixture api{{}};
  sockaddr_in address{};
  std::memcpy(&address, &dead.address().data, sizeof address);
  api.profile.base =
    "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  api.timeout = 150ms;
  CHECK(api.submit().verdict.action == submit_action::replan);
}

TEST_CASE("a 429 hints how long to wait") {
  fixture api{{one(http_text(429, "slow down", {"Retry-After: 20"})),
               one(http_text(429, "", {"Retry-After: 9"}))}};
  auto reply = api.submit();
  CHECK(reply.verdict.action == submit_action::replan);
  CHECK(reply.verdict.rate_limited);
  CHECK(reply.retry_after == 20s);
  auto status = api.client().status({"run_1", {}});
  CHECK(status.verdict.outcome == read_outcome::rate_limited);
  CHECK(status.verdict.retry_after == 9s);
}

TEST_CASE("what the server says is left comes with every reply") {
  fixture api{
    {one(http_text(201, R"({"_id":"run_1"})",
                   {"X-RateLimit-Limit: 30", "X-RateLimit-Remaining: 12",
                    "X-RateLimit-Reset: 9"})),
     one(http_text(503, "", {R"(RateLimit: "burst";r=0;t=4)"}))}};
  CHECK(api.submit().quota == quota_left{12, 9s});
  auto status = api.client().status({"run_1", {}});
  CHECK(status.verdict.quota == quota_left{0, 4s});
  CHECK_FALSE(status.verdict.retry_after);
}

TEST_CASE("how long a run has been running is told by the API's clock alone") {
  auto status = [](std::vector<std::string> headers) {
    return one(http_text(
      200, R"({"status":"running","startedAt":784111777500})", headers));
  };
  fixture api{{status({"Date: Sun, 06 Nov 1994 09:49:37 GMT"}),
               status({"Date: Sun, 06 Nov 1994 07:49:37 GMT"}),
               status({"Date: today"}), status({})}};
  api.profile.status.started_at = {"/startedAt"};
  CHECK(api.client().status({"r", {}}).run.running_for == 1h - 500ms);
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(api.client().status({"r", {}}).run.running_for);
}

TEST_CASE("a status is read, and what it saves is there") {
  fixture api{{one(
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

TEST_CASE("a 2xx that is not what the profile describes is unreadable") {
  fixture api{{{{http_text(200, "<html>maintenance</html>")},
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

TEST_CASE("an unreadable page gives the captures in front of its defect, and "
          "hides the key everywhere else") {
  auto echo = R"("echo":")" + std::string{the_key} + '"';
  auto body = "{" + echo + R"(,"items":[{"url":"u1",)" + echo + "},"
              + R"({"url":"u2"},NaN],)" + echo
              + R"(,"escaped":"sk_live_1\/s\u0065cret"})";
  fixture api{{one(json_text(body))}};
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
  fixture api{{one("HTTP/1.1 204 No Content\r\n\r\n")}};
  api.profile.results.not_ready = {};
  auto reply = api.client().page({{"r", {}}, "c"});
  CHECK(reply.verdict.outcome == read_outcome::ok);
  CHECK(reply.captures.empty());
  CHECK_FALSE(reply.next);
}

TEST_CASE("a listing is walked by its cursors, captures byte for byte") {
  auto first = R"({"items":[{"_id":"a","url":"u1","p":12.340}, 7],)"
               R"("nextCursor":"c/2"})";
  fixture api{
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

TEST_CASE("every reply may hold all that JSON allows") {
  auto object = [](const std::string& members) {
    return json_text(R"({"x":"cut \ud83d","n":1e400,"d":-1E999,)" + members
                     + "}");
  };
  fixture api{{one(http_text(201, R"({"n":1e400,"x":"\ud83d","_id":"r1"})")),
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

TEST_CASE("a cursor that repeats itself keeps back no capture of its page") {
  fixture api{{one(json_text(R"({"items":[1],"nextCursor":"c"})"))}};
  auto page = api.client().page({{"r1", {}}, "c"});
  CHECK(page.verdict.outcome == read_outcome::ok);
  CHECK(page.captures.size() == 1);
  CHECK(page.next == "c");
}

TEST_CASE("a link that cannot be followed keeps back no capture of its page") {
  fixture api{{one(json_text(R"({"items":[1],"nextCursor":"ftp://o/p"})"))}};
  api.profile.results.page.by = kind::next_url;
  auto page = api.client().page({{"r1", {}}, ""});
  CHECK(page.verdict.outcome == read_outcome::ok);
  CHECK(page.captures.size() == 1);
  CHECK_FALSE(page.next);
  CHECK_THAT(page.dead_end, Catch::Contains("\"ftp\""));
}

TEST_CASE("a page number past the last one may be refused, the first may "
          "not") {
  fixture api{{{{refusal(404, "no such page")}, {refusal(404, "no run")}}}};
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
  fixture api{{one(json_text(body))}};
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

TEST_CASE("a link to another server that refuses asks nobody to check a key") {
  scripted_reply no_tls{"SSH-2.0\r\n", scripted_reply::then::close};
  no_tls.unasked = true;
  scripted_server other{{one(refusal(401, "no key")), {no_tls}}};
  fixture api{{}};
  api.profile.results.page.by = kind::next_url;
  auto page = api.client().page({{"r1", {}}, other.base() + "/p"});
  CHECK(page.verdict.outcome == read_outcome::unreadable);
  CHECK(page.verdict.elsewhere);
  CHECK(page.body == nullptr);
  CHECK_THAT(page.verdict.message, Catch::StartsWith("HTTP 401: no key; "));
  CHECK_THAT(page.verdict.message, !Catch::Contains("api.key"));
  // The same host with another scheme is another server, too.
  auto tls = "https" + other.base().substr(4);
  page = api.client().page({{"r1", {}}, tls + "/p"});
  CHECK(page.verdict.outcome == read_outcome::retry);
  CHECK_THAT(page.verdict.message, Catch::Contains("leads to " + tls));
}

TEST_CASE("a link to the API's own server carries the key") {
  fixture api{{{{json_text(R"({"items":[1],"nextCursor":"/p?s=1"})")},
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

TEST_CASE("saved values reach the request for captures") {
  fixture api{{one(json_text("[]"))}};
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

TEST_CASE("captures of an unknown pagination stop the job unasked") {
  fixture api{{}};
  api.profile.results.page.by = kind::unknown;
  auto page = api.client().page({{"r", {}}, ""});
  CHECK(page.verdict.outcome == read_outcome::stop_job);
  CHECK(api.server.connections() == 0);
}

TEST_CASE("a page that is not ready or too large says so") {
  fixture api{{{{"HTTP/1.1 204 No Content\r\n\r\n"}},
               one(json_text("[" + std::string(2'000, ' ') + "]"))}};
  api.max_body = 1'000;
  CHECK(api.client().page({{"r", {}}, ""}).verdict.outcome
        == read_outcome::not_ready);
  // The server ended that connection: whether or not the client saw it yet.
  auto page = api.client().page({{"r", {}}, ""});
  if (page.verdict.outcome == read_outcome::retry)
    page = api.client().page({{"r", {}}, ""});
  CHECK(page.verdict.outcome == read_outcome::stop_job);
  CHECK_THAT(page.verdict.message, Catch::Contains("api.max_body"));
}

TEST_CASE("the key is in no message, though the API quotes it") {
  auto quote = std::string{"bad key "} + the_key;
  auto encoded = std::string{"no /x?key=sk_live_1%2fsecret here"};
  fixture api{
    {one(refusal(401, quote)), one(refusal(403, encoded)),
     one(http_text(301, "", {std::string{"Location: /"} + the_key})),
     one(refusal(401,
                 R"(bad sk_live_1\/s\u0065cret or c2tfbGl2ZV8xL3NlY3JldDo=)")),
     one(http_text(500, "oops", {std::string{"Content-Type: "} + the_key}))}};
  auto submit = api.submit();
  CHECK(submit.verdict.action == submit_action::stop_job);
  CHECK_THAT(submit.verdict.message, Catch::Contains("bad key ***"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("/x?key=*** here"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("/***"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("bad *** or ***"));
  submit = api.submit();
  CHECK_THAT(submit.verdict.message, Catch::Contains("error body (***)"));
}

TEST_CASE("a run id with the key in it is none, and is not shown") {
  for (auto* id : {"run-sk_live_1\\/secret", "c2tfbGl2ZV8xL3NlY3JldDo"}) {
    fixture api{{one(http_text(201, std::string{R"({"_id":")"} + id + "\"}"))}};
    auto submit = api.submit();
    CHECK(submit.verdict.action == submit_action::hold);
    CHECK(submit.verdict.message
          == "HTTP 201 with a run id that has the API key in it");
  }
}

TEST_CASE("a state with the key in it is masked") {
  fixture api{{one(json_text(R"({"status":"sk_live_1\/secret?"})"))}};
  auto status = api.client().status({"r1", {}});
  CHECK(status.verdict.outcome == read_outcome::ok);
  CHECK_FALSE(status.run.known);
  CHECK(status.run.state == "***?");
}

TEST_CASE("cursors, saved values and captures stay as they came") {
  fixture api{{{{json_text(R"({"status":"completed",)"
                           R"("dataset":"d-sk_live_1/secret"})")},
                {json_text(R"({"items":["sk_live_1/secret"],)"
                           R"("nextCursor":"c-sk_live_1/secret"})")}}}};
  auto status = api.client().status({"r1", {}});
  CHECK(status.run.saved.at("ds") == "d-sk_live_1/secret");
  auto page = api.client().page({{"r1", {}}, ""});
  CHECK(page.next == "c-sk_live_1/secret");
  CHECK_THAT(*page.body, Catch::Contains("\"sk_live_1/secret\""));
}

TEST_CASE("of a link that is none, no part of the key is shown") {
  fixture api{
    {one(json_text(R"({"items":[1],"nextCursor":"sk_live_1/secret"})")),
     one(json_text(R"({"items":[1],"nextCursor":"x:sk_live_1/secret"})"))}};
  api.profile.results.page.by = kind::next_url;
  for (auto* shown : {"\"***\"", "\"x\""}) {
    auto page = api.client().page({{"r1", {}}, ""});
    if (!page.dead_end.empty())
      CHECK_THAT(page.dead_end, Catch::Contains(shown));
    CHECK_THAT(page.dead_end, !Catch::Contains("sk_live"));
  }
}

TEST_CASE("a key of a few letters is masked where it stands alone") {
  fixture api{{one(refusal(401, "broken zqk7s: zqk7 (zqk7), Bearer%20zqk7"))}};
  api.key = "zqk7";
  CHECK_THAT(api.submit().verdict.message,
             Catch::Contains("broken zqk7s: *** (***), Bearer%20***"));
}

TEST_CASE("without a key nothing is sent and the job stops") {
  scripted_server server{{}};
  auto profile = std::make_shared<api_profile>(extralt(server.base()));
  auto make = [&](caf::expected<std::string> key) {
    return api_options{.profile = profile,
                       .key = [key] { return key; },
                       .timeout = 20s,
                       .max_body = 1000,
                       .proxy = {},
                       .ca_file = {}};
  };
  auto missing = make_error(ec::usage, "EXTRALT_API_KEY is not set");
  for (const auto& options : {make(missing), make(std::string{})}) {
    api_client client{options};
    auto submit = client.submit({table_of("u"), "r", {}});
    CHECK(submit.verdict.action == submit_action::stop_job);
    CHECK_THAT(submit.verdict.message,
               Catch::Contains("is not set") || Catch::Contains("is empty"));
    auto status = client.status({"r", {}});
    CHECK(status.verdict.outcome == read_outcome::stop_job);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("the key is resolved once, and not where none is needed") {
  fixture api{{{{json_text(R"({"status":"running"})")},
                {json_text(R"({"status":"running"})")}}}};
  CHECK(api.key_uses == 0);
  static_cast<void>(api.client().status({"r", {}}));
  static_cast<void>(api.client().status({"r", {}}));
  CHECK(api.key_uses == 1);
  fixture open{{one(json_text(R"({"status":"running"})"))}};
  open.profile.auth.in = auth_scheme::place::none;
  CHECK(open.client().status({"r", {}}).verdict.outcome == read_outcome::ok);
  CHECK(open.key_uses == 0);
}

TEST_CASE("a probe is answered by any status below 500") {
  struct row {
    int status;
    read_outcome then;
  };
  for (auto [status, then] :
       {row{200, read_outcome::ok}, row{401, read_outcome::ok},
        row{404, read_outcome::ok}, row{429, read_outcome::ok},
        row{500, read_outcome::retry}, row{503, read_outcome::retry}}) {
    fixture api{{one(http_text(status, "", {"Retry-After: 3"}))}};
    auto verdict = api.client().probe();
    CHECK(verdict.outcome == then);
    CHECK(verdict.status == status);
    CHECK(verdict.retry_after == 3s);
  }
  fixture dead{{{{"", then::reset}}}};
  CHECK(dead.client().probe().outcome == read_outcome::retry);
}

TEST_CASE("a stopped client asks nothing more") {
  fixture api{{{{"", then::hang}}}};
  auto& client = api.client();
  std::thread stopper{[&] {
    static_cast<void>(api.server.wait_for_requests(1));
    client.stop();
  }};
  auto reply = api.submit();
  stopper.join();
  CHECK(reply.verdict.action == submit_action::hold);
  CHECK(api.submit().verdict.action == submit_action::replan);
  CHECK(client.status({"r", {}}).verdict.outcome == read_outcome::retry);
  CHECK(api.server.connections() == 1);
}

TEST_CASE("the address of a run's download is asked for with the key") {
  fixture api{{{{json_text(R"({"url":"https://files.example/x?sign=1"})")},
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

TEST_CASE("a download that is not there, or nowhere, is judged as any read") {
  fixture api{{{{refusal(404, "no file")},
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
