// The status page over real sockets with misbehaving readers.

#include "pipeline/serve/status_server.hpp"
#include "tests/pipeline/serve/live_fixture.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/resident_peak.hpp"

#include <atomic>
#include <list>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using Catch::Contains;
using Catch::StartsWith;

namespace {

std::string get_request(const std::string& path, const std::string& more = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n";
}

struct served_fixture : live_fixture {
  served_fixture() {
    auto started = status_server::start({"127.0.0.1", 0}, config, live);
    REQUIRE(started);
    server = std::move(*started);
    auto url = server->url();
    auto number = url.substr(url.rfind(':') + 1);
    port = static_cast<uint16_t>(std::stoi(number));
  }

  [[nodiscard]] std::string ask(const std::string& request) const {
    raw_client client{port};
    client.send(request);
    return client.read_to_end().text;
  }

  std::unique_ptr<status_server> server;
  uint16_t port = 0;
};

} // namespace

TEST_CASE_METHOD(served_fixture, "Range has no effect on the status page") {
  auto whole = ask(get_request("/healthz"));
  CHECK_THAT(whole, StartsWith("HTTP/1.1 200 ") && Catch::EndsWith("ok\n"));
  for (auto* range : {"bytes=0-0", "bytes=9-", "bytes=-1", "x=1", "odd"})
    CHECK(ask(get_request("/healthz", std::string{"Range: "} + range + "\r\n"))
          == whole);
}

TEST_CASE_METHOD(
  served_fixture,
  "a Host that is not this machine is refused in every position") {
  CHECK_THAT(
    ask("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    StartsWith("HTTP/1.1 403 "));
  CHECK_THAT(ask("GET http://localhost/healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
             StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(ask("GET / HTTP/1.1\r\nHost: localhost\r\nHost: a\r\n\r\n"),
             StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(ask("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(ask("GET / HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 403 "));
}

TEST_CASE_METHOD(served_fixture,
                 "/healthz answers despite 64 watchers, two hundred dribbling "
                 "clients and some that do not read") {
  resident_peak memory;
  std::list<raw_client> watchers;
  for (auto i = 0; i < 64; ++i)
    watchers.emplace_back(port, i % 2 == 0 ? 2'048 : 0)
      .send(get_request("/api/events"));
  for (auto& one : watchers)
    CHECK_THAT(one.read_until("\r\n\r\n"),
               Contains("\r\nContent-Type: text/event-stream\r\n")
                 && Contains("default-src 'none'"));
  CHECK_THAT(ask(get_request("/api/events")),
             StartsWith("HTTP/1.1 503 ") && Contains("close one")
               && Contains("\r\nRetry-After: 10\r\n"));
  std::list<raw_client> drips;
  for (auto i = 0; i < 200; ++i)
    drips.emplace_back(port).send("GET /");
  for (auto i = 0; i < 20; ++i) {
    for (auto& one : drips)
      static_cast<void>(one.try_send("x"));
    auto begin = std::chrono::steady_clock::now();
    CHECK_THAT(ask(get_request("/healthz")), StartsWith("HTTP/1.1 200 "));
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
  }
  CHECK_THAT(watchers.back().read_until("\n\ndata: "),
             StartsWith("event: history\ndata: "));
  CHECK(memory.growth() < 24 << 20);
  auto begin = std::chrono::steady_clock::now();
  server.reset();
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

TEST_CASE_METHOD(served_fixture,
                 "a malformed request is refused and the page still works") {
  CHECK_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(ask("GET / HTTP/1.1\r\nHost: localhost\r\nX: "
                 + std::string(9'000, 'x') + "\r\n\r\n"),
             StartsWith("HTTP/1.1 431 "));
  CHECK_THAT(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                 "1048577\r\n\r\n"),
             StartsWith("HTTP/1.1 413 "));
  CHECK_THAT(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                 "2\r\n\r\n{}"),
             StartsWith("HTTP/1.1 405 "));
  CHECK_THAT(ask(get_request("/healthz") + get_request("/healthz")),
             StartsWith("HTTP/1.1 200 ") && Contains("Connection: close"));
}
