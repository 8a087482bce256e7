#include "tests/core/http/transport_fixture.hpp"
#include "tests/support/dead_listener.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a submit is sent exactly once, even if it fails") {
  for (const auto& reply :
       {scripted_reply{"", then::close}, scripted_reply{"", then::reset},
        scripted_reply{"", then::hang},
        scripted_reply{http_text(307, "", {"Location: /again"})},
        scripted_reply{
          http_text(401, "", {"WWW-Authenticate: Digest realm=x"})},
        scripted_reply{http_text(408, "")}, scripted_reply{http_text(503, "")},
        scripted_reply{"garbage", then::close}}) {
    CAPTURE(reply.bytes);
    connection_script script{reply, {json_text("{}")}};
    scripted_server server{{script, script, script}};
    {
      http_transport transport{hasty()};
      auto result = transport.exchange(post(server.base() + "/runs"));
      CHECK(result.outcome != outcome::not_sent);
    }
    CHECK(server.connections() == 1);
    REQUIRE(server.requests().size() == 1);
    auto request = server.requests()[0];
    CHECK_THAT(request, Catch::StartsWith("POST /runs HTTP/1.1\r\n"));
    CHECK_THAT(request, Catch::Contains("Connection: close\r\n"));
    CHECK_THAT(request, Catch::Contains("Content-Type: application/json\r\n"));
    CHECK_THAT(request, Catch::EndsWith("\r\n\r\n{\"urls\":[\"u\"]}"));
  }
}

TEST_CASE("reads share a connection and each submit has its own") {
  connection_script kept{{json_text("1")}, {json_text("2")}, {json_text("3")}};
  connection_script fresh{{json_text("{}")}};
  scripted_server server{{kept, fresh}};
  http_transport transport{patient()};
  CHECK(transport.exchange(get(server.base() + "/a")).body == "1");
  CHECK(transport.exchange(post(server.base() + "/b")).body == "{}");
  CHECK(transport.exchange(get(server.base() + "/c")).body == "2");
  CHECK(server.connections() == 2);
}

TEST_CASE("a connection in doubt is not reused") {
  for (const auto& first :
       {json_text("{}") + json_text(R"({"of":"nobody"})"),
        std::string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                    "Content-Length: 2\r\n\r\n{}"}}) {
    connection_script spoiled{{first}, {json_text("wrong")}};
    connection_script next{{json_text("right")}};
    scripted_server server{{spoiled, next}};
    http_transport transport{patient()};
    static_cast<void>(transport.exchange(get(server.base())));
    CHECK(transport.exchange(get(server.base())).body == "right");
  }
}

TEST_CASE("a read reconnects after the server closed an idle connection") {
  scripted_server server{
    {{{json_text("1"), then::close}}, {{json_text("2"), then::close}}}};
  http_transport transport{patient()};
  CHECK(transport.exchange(get(server.base())).body == "1");
  REQUIRE(server.bytes_read_at_end());
  CHECK(transport.exchange(get(server.base())).body == "2");
}

TEST_CASE("stop ends the current exchange at once and every later one") {
  scripted_server server{{{{"", then::hang}}}};
  http_transport transport{patient()};
  std::thread stopper{[&] {
    static_cast<void>(server.wait_for_requests(1));
    transport.stop();
  }};
  auto reply = transport.exchange(post(server.base()));
  stopper.join();
  CHECK(reply.outcome == outcome::broken);
  CHECK_THAT(reply.detail, Catch::Contains("stopped"));
  reply = transport.exchange(post(server.base()));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK(server.connections() == 1);
}

TEST_CASE("a stop at any moment of an exchange is not lost") {
  for (int round = 0; round < 50; ++round) {
    scripted_server server{{{{"", then::hang}}}};
    http_transport transport{patient()};
    std::atomic<bool> go{false};
    std::thread stopper{[&] {
      while (!go)
        std::this_thread::yield();
      for (volatile int i = 0; i < round * 2'000;)
        i = i + 1;
      transport.stop();
    }};
    auto begin = std::chrono::steady_clock::now();
    go = true;
    auto reply = transport.exchange(get(server.base()));
    stopper.join();
    CHECK(reply.outcome != outcome::complete);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
  }
}

TEST_CASE("a dead first address delays the exchange only briefly") {
  dead_listener dead;
  connection_script one{{json_text("{}")}};
  scripted_server server{{one, one}};
  auto options = patient();
  options.resolve = [&](const std::string& host, uint16_t port) {
    CHECK(host == "api.test");
    CHECK(port == 80);
    return address_list{dead.address(), loopback(server.port())};
  };
  http_transport transport{options};
  for (int i = 0; i < 2; ++i)
    CHECK(transport.exchange(post("http://api.test/x")).outcome
          == outcome::complete);
  CHECK(server.connections() == 2);
}

TEST_CASE("the deadline also limits connecting, and then nothing was sent") {
  dead_listener dead;
  auto options = hasty();
  options.resolve = [&](const std::string&, uint16_t) {
    return address_list{dead.address()};
  };
  for (auto url : {"http://api.test/x", "https://api.test/x"}) {
    http_transport transport{options};
    auto begin = std::chrono::steady_clock::now();
    auto reply = transport.exchange(post(url));
    CHECK(reply.outcome == outcome::not_sent);
    CHECK_THAT(reply.detail, Catch::Contains("within 0.150 s"));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
  }
}

TEST_CASE("nothing is sent after a look-up that outlasts the deadline") {
  scripted_server server{{{{json_text("{}")}}}};
  auto options = hasty();
  options.timeout = 0ms; // any look-up outlasts it
  auto looked_up = false;
  options.resolve = [&](const std::string&, uint16_t) {
    looked_up = true;
    return address_list{loopback(server.port())};
  };
  http_transport transport{options};
  auto reply = transport.exchange(post("http://api.test/x"));
  CHECK(looked_up);
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("within 0 s"));
  CHECK(server.requests().empty());
}

TEST_CASE("stop ends connecting at once") {
  dead_listener dead;
  std::atomic<bool> begun{false};
  auto options = patient();
  options.timeout = std::chrono::hours{1};
  options.resolve = [&](const std::string&, uint16_t) {
    begun = true;
    return address_list{dead.address()};
  };
  http_transport transport{options};
  std::thread stopper{[&] {
    while (!begun)
      std::this_thread::yield();
    transport.stop();
  }};
  auto reply = transport.exchange(post("http://api.test/x"));
  stopper.join();
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("stopped"));
}

TEST_CASE("a request that cannot be sent until the user acts is hopeless") {
  auto options = patient();
  for (auto code : {ec::usage, ec::unavailable}) {
    options.resolve = [&](const std::string&,
                          uint16_t) -> caf::expected<address_list> {
      return make_error(code, "there is no host api.test");
    };
    http_transport transport{options};
    auto reply = transport.exchange(get("http://api.test/x"));
    CHECK(reply.outcome == outcome::not_sent);
    CHECK(reply.hopeless == (code == ec::usage));
    CHECK(reply.detail == "there is no host api.test");
  }
}
