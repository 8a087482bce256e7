#include "config/serve_address.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::config;

TEST_CASE("serve takes a port on this machine, or host and port") {
  auto shown = [](std::string_view text) -> std::string {
    auto where = parse_serve_address(text);
    return where ? where->host + " " + std::to_string(where->port) : "none";
  };
  CHECK(shown("9464") == "127.0.0.1 9464");
  CHECK(shown("0") == "127.0.0.1 0");
  CHECK(shown("127.0.0.1:9464") == "127.0.0.1 9464");
  CHECK(shown("localhost:80") == "localhost 80");
  CHECK(shown("0.0.0.0:65535") == "0.0.0.0 65535");
  CHECK(shown("[::1]:9464") == "::1 9464");
  for (auto* wrong : {"", ":", ":9464", "127.0.0.1", "127.0.0.1:", "65536",
                      "-1", "1.5", "host:port", "::1:9464", "[::1]", "[]:1",
                      "a b:1", "http://x:1", "host/x:1"}) {
    INFO(wrong);
    CHECK(shown(wrong) == "none");
  }
}

TEST_CASE("only this machine can reach a loopback address") {
  for (auto* host : {"127.0.0.1", "127.8.9.1", "localhost", "::1"}) {
    INFO(host);
    CHECK(is_loopback(host));
  }
  for (auto* host : {"0.0.0.0", "::", "192.168.1.5", "127.0.0.1.evil.example",
                     "127.evil.example", "localhost.evil.example", ""}) {
    INFO(host);
    CHECK_FALSE(is_loopback(host));
  }
}
