#include "tests/core/api/api_client_fixture.hpp"

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a submit carries the key, the robot, the URLs and the budget") {
  api_client_fixture api{{one(http_text(201, R"({"_id":"run_1"})"))}};
  auto reply = api.submit();
  CHECK(reply.verdict.action == submit_action::accepted);
  CHECK(reply.verdict.run_id == "run_1");
  CHECK(reply.verdict.latency > duration{0});
  CHECK_FALSE(reply.verdict.retry_after);
  auto request = api.server.requests().at(0);
  CHECK_THAT(request, Catch::StartsWith("POST /runs HTTP/1.1\r\n")
                        && Catch::Contains(authorization)
                        && Catch::EndsWith(R"({"robotId":"rbt_1","urls":)"
                                           R"(["https://s.example/1"],)"
                                           R"("budget":1})"));
}

TEST_CASE("a repeated submit sends the same request, byte for byte") {
  api_client_fixture api{
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

TEST_CASE("a submit that differs from its ticket's request is not sent") {
  api_client_fixture api{{one(http_text(201, R"({"_id":"run_1"})"))}};
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

TEST_CASE("a submit whose reply is lost is held and not repeated") {
  for (auto end : {then::close, then::reset}) {
    api_client_fixture api{
      {{{"", end}}, one(http_text(201, R"({"_id":"run_2"})"))}};
    auto reply = api.submit();
    CHECK(reply.verdict.action == submit_action::hold);
    CHECK(api.server.connections() == 1);
  }
}

TEST_CASE(
  "a submit is accepted in every form of HTTP that the reply may take") {
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
    api_client_fixture api{{one(bytes)}};
    auto reply = api.submit();
    CHECK(reply.verdict.action == submit_action::accepted);
    CHECK(reply.verdict.run_id == "run_1");
  }
}

TEST_CASE("a submit that cannot connect in time was not sent") {
  dead_listener dead;
  api_client_fixture api{{}};
  sockaddr_in address{};
  std::memcpy(&address, &dead.address().data, sizeof address);
  api.profile.base =
    "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  api.timeout = 150ms;
  CHECK(api.submit().verdict.action == submit_action::replan);
}

TEST_CASE("a 429 says how long to wait") {
  api_client_fixture api{{one(http_text(429, "slow down", {"Retry-After: 20"})),
                          one(http_text(429, "", {"Retry-After: 9"}))}};
  auto reply = api.submit();
  CHECK(reply.verdict.action == submit_action::replan);
  CHECK(reply.verdict.rate_limited());
  CHECK(reply.verdict.retry_after == 20s);
  auto status = api.client().status({"run_1", {}});
  CHECK(status.verdict.outcome == read_outcome::rate_limited);
  CHECK(status.verdict.retry_after == 9s);
}

TEST_CASE("every reply carries the remaining quota that the server reports") {
  api_client_fixture api{
    {one(http_text(201, R"({"_id":"run_1"})",
                   {"X-RateLimit-Limit: 30", "X-RateLimit-Remaining: 12",
                    "X-RateLimit-Reset: 9"})),
     one(http_text(503, "", {R"(RateLimit: "burst";r=0;t=4)"}))}};
  CHECK(api.submit().verdict.quota == quota_left{12, 9s});
  auto status = api.client().status({"run_1", {}});
  CHECK(status.verdict.quota == quota_left{0, 4s});
  CHECK_FALSE(status.verdict.retry_after);
}

TEST_CASE("only the API's clock decides how long a run has been running") {
  auto status = [](std::vector<std::string> headers) {
    return one(http_text(
      200, R"({"status":"running","startedAt":784111777500})", headers));
  };
  api_client_fixture api{{status({"Date: Sun, 06 Nov 1994 09:49:37 GMT"}),
                          status({"Date: Sun, 06 Nov 1994 07:49:37 GMT"}),
                          status({"Date: today"}), status({})}};
  api.profile.status.started_at = {"/startedAt"};
  CHECK(api.client().status({"r", {}}).run.running_for == 1h - 500ms);
  for (int i = 0; i < 3; ++i)
    CHECK_FALSE(api.client().status({"r", {}}).run.running_for);
}

TEST_CASE("any status below 500 answers a probe") {
  struct row {
    int status;
    read_outcome then;
  };
  for (auto [status, then] :
       {row{200, read_outcome::ok}, row{401, read_outcome::ok},
        row{404, read_outcome::ok}, row{429, read_outcome::ok},
        row{500, read_outcome::retry}, row{503, read_outcome::retry}}) {
    api_client_fixture api{{one(http_text(status, "", {"Retry-After: 3"}))}};
    auto verdict = api.client().probe();
    CHECK(verdict.outcome == then);
    CHECK(verdict.status == status);
    CHECK(verdict.retry_after == 3s);
  }
  api_client_fixture dead{{{{"", then::reset}}}};
  CHECK(dead.client().probe().outcome == read_outcome::retry);
}

TEST_CASE("a stopped client sends no more requests") {
  api_client_fixture api{{{{"", then::hang}}}};
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
