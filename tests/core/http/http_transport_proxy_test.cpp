// Requests through a proxy.

#include "tests/core/http/transport_fixture.hpp"
#include "tests/support/dead_listener.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// The reply to a submit to https://api.test through a proxy that answers
/// CONNECT with `answer`.
http_reply
submit_through(scripted_server& proxy, transport_options options = patient()) {
  options.proxy = "http://us%3Aer:pw@127.0.0.1:" + std::to_string(proxy.port());
  http_transport transport{std::move(options)};
  return transport.exchange(post("https://api.test/x"));
}

std::string tunnel_reply(std::string_view head) {
  return "HTTP/1.1 200 OK\r\n" + std::string{head} + "\r\n\r\n";
}

} // namespace

TEST_CASE("a proxy's name is looked up instead of the server's") {
  dead_listener dead;
  scripted_server proxy{{{{json_text("{}")}}}};
  auto options = patient();
  options.proxy = "http://proxy.test:3128";
  options.resolve = [&](const std::string& host, uint16_t port) {
    CHECK(host == "proxy.test");
    CHECK(port == 3128);
    return address_list{dead.address(), loopback(proxy.port())};
  };
  http_transport transport{options};
  CHECK(transport.exchange(get("http://api.test/x")).outcome
        == outcome::complete);
  CHECK_THAT(proxy.requests().at(0),
             Catch::StartsWith("GET http://api.test:80/x "));
}

TEST_CASE("requests go through the configured proxy") {
  scripted_server proxy{{{{json_text("{}")}}}};
  auto options = patient();
  options.proxy = "http://us%3Aer:pw@127.0.0.1:" + std::to_string(proxy.port());
  http_transport transport{options};
  auto reply = transport.exchange(get("http://api.invalid/x?y=1"));
  CHECK(reply.outcome == outcome::complete);
  auto request = proxy.requests().at(0);
  CHECK_THAT(request, Catch::StartsWith("GET http://api.invalid:80/x?y=1 "));
  CHECK_THAT(request,
             Catch::Contains("Proxy-Authorization: Basic dXM6ZXI6cHc="));
}

TEST_CASE("only the server sees a tunnelled request and only the proxy sees "
          "its password") {
  auto root = new_authority();
  auto proof = root.issue({.names = "DNS:api.test"});
  temp_folder folder;
  fill(folder / "ca.pem", root.pem());
  auto options = patient();
  options.ca_file = (folder / "ca.pem").string();
  // Interim replies are skipped here, and lengths are ignored.
  const std::string opened =
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 200 Connection established\r\n"
    "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n";
  connection_script script{{opened, then::tls}, {json_text("{}")}};
  scripted_server proxy{{script}, &proof};
  CHECK(submit_through(proxy, options).outcome == outcome::complete);
  auto requests = proxy.requests();
  REQUIRE(requests.size() == 2);
  CHECK_THAT(requests[0], Catch::StartsWith("CONNECT api.test:443 HTTP/1.1\r\n"
                                            "Host: api.test:443\r\n"));
  CHECK_THAT(requests[0],
             Catch::Contains("Proxy-Authorization: Basic dXM6ZXI6cHc="));
  CHECK_THAT(requests[1], Catch::StartsWith("POST /x HTTP/1.1\r\n"
                                            "Host: api.test\r\n"));
  CHECK_THAT(requests[1], !Catch::Contains("Proxy-"));
}

TEST_CASE("nothing gets through a proxy that refuses the tunnel") {
  struct row {
    std::string bytes, message;
  };
  for (const auto& [bytes, message] :
       {row{http_text(407, ""), "requires valid credentials (HTTP 407); "
                                "check api.proxy"},
        row{http_text(403, "no"), "refused the tunnel (HTTP 403); check "
                                  "api.proxy"},
        row{http_text(502, ""), "HTTP 502"},
        row{http_text(302, "", {"Location: https://x/"}), "HTTP 302"},
        row{"HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP 101"},
        row{tunnel_reply("A: b") + "SSH-2.0", "sent data after its reply"},
        row{"SOCKS\r\n\r\n", "is not HTTP/1.1"},
        row{"", "gave no complete reply"},
        row{"HTTP/1.1 200 OK\r\n", "gave no complete reply"}})
    for (auto end : {then::close, then::reset}) {
      CAPTURE(bytes);
      scripted_server proxy{{{{bytes, end}}}};
      auto reply = submit_through(proxy);
      CHECK(reply.outcome == outcome::not_sent);
      CHECK_FALSE(reply.hopeless);
      if (end == then::close)
        CHECK_THAT(reply.detail, Catch::Contains(message));
      REQUIRE(proxy.requests().size() == 1);
      CHECK(proxy.bytes_read_at_end() == proxy.requests()[0].size());
    }
}

TEST_CASE("a proxy without an http address is never contacted") {
  auto options = patient();
  options.proxy = "socks5://127.0.0.1:1";
  http_transport transport{options};
  auto reply = transport.exchange(get("http://127.0.0.1:1/"));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK(reply.hopeless);
  CHECK_THAT(reply.detail, Catch::Contains("api.proxy"));
}
