// Which server certificates are trusted.

#include "tests/core/http/transport_fixture.hpp"
#include "tests/support/dead_listener.hpp"
#include "tests/support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

const connection_script one_reply{{json_text("{}")}};
const connection_script tunneled{{"HTTP/1.1 200 OK\r\n\r\n", then::tls},
                                 {json_text("{}")}};

/// A client that trusts one authority, and servers that must prove their
/// identity.
struct tls_fixture {
  tls_fixture() { trust(root); }

  void trust(const identity& authority) {
    fill(folder / "ca.pem", authority.pem());
  }

  transport_options options_for(const scripted_server& server) {
    auto options = patient();
    options.ca_file = (folder / "ca.pem").string();
    options.resolve = [port = server.port()](const std::string&, uint16_t) {
      return address_list{loopback(port)};
    };
    return options;
  }

  http_reply ask(scripted_server& server, const std::string& host,
                 bool through_proxy = false) {
    auto options = options_for(server);
    auto port = std::to_string(server.port());
    if (through_proxy)
      options.proxy = "http://us:pw@proxy.test:" + port;
    http_transport transport{options};
    return transport.exchange(post("https://" + host + ':' + port + "/x"));
  }

  /// Directly and through a proxy.
  void check_trusted(const identity& proof, const std::string& host) {
    CAPTURE(host);
    for (auto proxied : {false, true}) {
      scripted_server server{{proxied ? tunneled : one_reply}, &proof};
      auto reply = ask(server, host, proxied);
      CHECK(reply.detail == "");
      CHECK(reply.outcome == outcome::complete);
      CHECK(reply.body == "{}");
    }
  }

  /// No part of the request is sent.
  void check_refused(const identity& proof, const std::string& host,
                     const std::string& reason) {
    CAPTURE(host);
    scripted_server server{{one_reply}, &proof};
    check_refusal(ask(server, host), reason);
    CHECK(server.bytes_read_at_end() == 0U);
    scripted_server proxy{{tunneled}, &proof};
    check_refusal(ask(proxy, host, true), reason);
    REQUIRE(proxy.bytes_read_at_end());
    REQUIRE(proxy.requests().size() == 1);
    CHECK(proxy.requests()[0].size() == *proxy.bytes_read_at_end());
    CHECK_THAT(proxy.requests()[0], Catch::StartsWith("CONNECT " + host + ':'));
  }

  static void check_refusal(const http_reply& reply, const std::string& why) {
    CHECK(reply.outcome == outcome::not_sent);
    CHECK(reply.hopeless);
    CHECK_THAT(reply.detail, Catch::Contains(why));
  }

  temp_folder folder;
  identity root = new_authority();
};

certificate_wish for_names(const std::string& names) {
  return {.names = names, .common_name = "somebody"};
}

} // namespace

TEST_CASE(
  "a server proves its name or address by the entries of its certificate") {
  tls_fixture given;
  auto proof = given.root.issue(
    for_names("DNS:other.test,DNS:API.test,IP:127.0.0.1,IP:::1"));
  for (auto host : {"api.test", "API.TEST", "other.test", "127.0.0.1", "[::1]",
                    "api.test."})
    given.check_trusted(proof, host);
  for (auto host : {"test", "www.api.test", "api.test.evil", "127.0.0.2"})
    given.check_refused(proof, host, "does not cover ");
}

TEST_CASE("no certificate can name a host that begins with a dot") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:api.test"));
  given.check_refused(proof, ".test", "no certificate can name the host");
}

TEST_CASE("a wildcard matches exactly one label, the first") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:*.api.test"));
  given.check_trusted(proof, "eu.api.test");
  for (auto host : {"api.test", "a.eu.api.test", "127.0.0.1"})
    given.check_refused(proof, host, "does not cover ");
  auto partial = given.root.issue(for_names("DNS:e*.api.test"));
  given.check_refused(partial, "eu.api.test", "does not cover eu.api.test");
}

TEST_CASE("a common name proves nothing") {
  tls_fixture given;
  for (auto names : {"", "DNS:other.test", "IP:10.0.0.1"}) {
    auto named = given.root.issue({.names = names, .common_name = "api.test"});
    given.check_refused(named, "api.test", "does not cover api.test");
    auto numbered =
      given.root.issue({.names = names, .common_name = "127.0.0.1"});
    given.check_refused(numbered, "127.0.0.1", "does not cover 127.0.0.1");
  }
}

TEST_CASE("an address listed as a name does not match") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:127.0.0.1"));
  given.check_refused(proof, "127.0.0.1", "does not cover ");
}

TEST_CASE("a certificate is valid only between its dates") {
  tls_fixture given;
  auto wish = for_names("DNS:api.test");
  wish.valid_from = -7200;
  wish.valid_until = -3600;
  given.check_refused(given.root.issue(wish), "api.test",
                      "has expired; its owner must renew it");
  wish.valid_from = 3600;
  wish.valid_until = 7200;
  given.check_refused(given.root.issue(wish), "api.test",
                      "is not valid yet; is this machine's clock right?");
}

TEST_CASE("a certificate may be off by minutes because this machine's clock "
          "may be wrong") {
  tls_fixture given;
  auto wait = [&](const certificate_wish& wish) {
    auto proof = given.root.issue(wish);
    scripted_server server{{one_reply}, &proof};
    return given.ask(server, "api.test").hopeless_after;
  };
  auto wish = for_names("DNS:api.test");
  wish.valid_from = 3600;
  wish.valid_until = 7200;
  CHECK(wait(wish) == 5min);
  wish.valid_from = -7200;
  wish.valid_until = -3600;
  CHECK(wait(wish) == 5min);
  CHECK(wait(for_names("DNS:other.test")) == 0min);
}

TEST_CASE("nothing is sent to a server with an unknown authority") {
  tls_fixture given;
  auto wish = for_names("DNS:api.test");
  const std::string what_to_do = "; add its authority to the system's CA "
                                 "certificates or, for the API, to api.ca_file";
  given.check_refused(identity::self_signed(wish), "api.test",
                      " is self-signed" + what_to_do);
  given.check_refused(new_authority("Other").issue(wish), "api.test",
                      " was issued by an unknown authority" + what_to_do);
}

TEST_CASE("a transport reads its ca_file once") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:api.test"));
  scripted_server server{{one_reply, one_reply}, &proof};
  http_transport transport{given.options_for(server)};
  auto request =
    post("https://api.test:" + std::to_string(server.port()) + "/x");
  request.fresh_connection = true;
  CHECK(transport.exchange(request).outcome == outcome::complete);
  std::filesystem::remove(given.folder / "ca.pem");
  CHECK(transport.exchange(request).outcome == outcome::complete);
}

TEST_CASE("the server may send an intermediate certificate") {
  tls_fixture given;
  auto middle =
    given.root.issue({.common_name = "Middle", .is_authority = true});
  auto proof = middle.issue(for_names("DNS:api.test"));
  given.check_trusted(proof, "api.test");
  given.trust(middle);
  given.check_trusted(proof, "api.test");
  given.trust(proof);
  given.check_trusted(proof, "api.test");
  given.trust(given.root);
  auto nobody = given.root.issue({.common_name = "No authority"});
  given.check_refused(nobody.issue(for_names("DNS:api.test")), "api.test",
                      "is not trusted");
}

TEST_CASE("nothing is sent if the authorities cannot be loaded") {
  tls_fixture given;
  fill(given.folder / "ca.pem", "");
  auto connects = false;
  auto options = patient();
  options.ca_file = (given.folder / "ca.pem").string();
  options.resolve = [&](const std::string&, uint16_t) {
    connects = true;
    return address_list{};
  };
  http_transport transport{options};
  auto reply = transport.exchange(post("https://api.test/x"));
  tls_fixture::check_refusal(reply, "api.ca_file");
  CHECK_FALSE(connects);
}

TEST_CASE("reads reuse their connection despite TLS's own messages") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:api.test"));
  auto large = std::string(300'000, 'x');
  scripted_server server{
    {{{json_text(large)}, {json_text(large)}, {json_text("3")}}}, &proof};
  http_transport transport{given.options_for(server)};
  auto request = get("https://api.test/");
  CHECK(transport.exchange(request).body == large);
  CHECK(transport.exchange(request).body == large);
  CHECK(transport.exchange(request).body == "3");
  CHECK(server.connections() == 1);
}

TEST_CASE("an idle connection that received bytes is not reused") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:api.test"));
  for (auto tls : {true, false}) {
    scripted_server server{{{{json_text("1")},
                             {json_text("wrong"), then::keep, false, true},
                             {json_text("wrong")}},
                            {{json_text("2")}}},
                           tls ? &proof : nullptr};
    http_transport transport{given.options_for(server)};
    auto request = get(tls ? "https://api.test/" : "http://api.test/");
    CHECK(transport.exchange(request).body == "1");
    REQUIRE(server.wait_for_replies(2));
    CHECK(transport.exchange(request).body == "2");
    CHECK(server.connections() == 2);
  }
}

TEST_CASE("an idle connection that the server closed is not reused") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:api.test"));
  for (auto end : {then::close, then::cut}) {
    scripted_server server{{{{json_text("1"), end}}, {{json_text("2")}}},
                           &proof};
    http_transport transport{given.options_for(server)};
    auto request = get("https://api.test/");
    CHECK(transport.exchange(request).body == "1");
    REQUIRE(server.bytes_read_at_end());
    CHECK(transport.exchange(request).body == "2");
  }
}

TEST_CASE("a connection closed without a TLS close does not end a body") {
  tls_fixture given;
  auto proof = given.root.issue(for_names("DNS:api.test"));
  const std::string open = "HTTP/1.1 200 OK\r\n\r\n[1,2]";
  struct row {
    std::string bytes;
    then end;
    outcome expected;
  };
  for (const auto& [bytes, end, expected] :
       {row{open, then::close, outcome::complete},
        row{open, then::cut, outcome::broken},
        row{open, then::reset, outcome::broken},
        row{json_text("[1,2]"), then::cut, outcome::complete},
        row{chunked("5\r\n[1,2]\r\n0\r\n\r\n"), then::cut, outcome::complete},
        row{chunked("5\r\n[1,2]\r\n"), then::close, outcome::broken}}) {
    scripted_server server{{{{bytes, end}}}, &proof};
    CHECK(given.ask(server, "api.test").outcome == expected);
  }
}

TEST_CASE("stop ends a TLS handshake at once") {
  scripted_server server{{{{"", then::hang, false, true}}}};
  http_transport transport{patient()};
  std::thread stopper{[&] {
    static_cast<void>(server.wait_for_replies(1));
    transport.stop();
  }};
  auto begin = std::chrono::steady_clock::now();
  auto reply = transport.exchange(
    post("https://127.0.0.1:" + std::to_string(server.port()) + "/x"));
  stopper.join();
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("stopped"));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a server without TLS is recognised") {
  tls_fixture given;
  scripted_server server{
    {{{"HTTP/1.1 400 Bad Request\r\n\r\n", then::hang, false, true}}}};
  auto reply = given.ask(server, "api.test");
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("does not answer in TLS"));
}
