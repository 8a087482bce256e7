#include "pipeline/serve/request_check.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

int status_of(const asked& request, bool is_loopback = true) {
  auto refused = check_request(request, is_loopback);
  return refused ? refused->status : 200;
}

} // namespace

TEST_CASE("only GET is answered") {
  for (auto* method : {"POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", ""})
    CHECK(status_of({method, "/", "localhost", ""}) == 405);
  CHECK(status_of({"GET", "/", "localhost", ""}) == 200);
}

TEST_CASE("a loopback address answers only to this machine's names, which "
          "stops DNS rebinding") {
  for (auto* host : {"127.0.0.1:9464", "127.0.0.1", "localhost:8080",
                     "localhost", "[::1]:9464", "[::1]", "LocalHost",
                     "127.8.9.1", "[0:0:0:0:0:0:0:1]:80"}) {
    INFO(host);
    CHECK(status_of({"GET", "/", host, ""}) == 200);
  }
  for (auto* host : {"evil.example",
                     "evil.example:9464",
                     "",
                     "[::1",
                     "127.0.0.1.evil.example",
                     "localhost.evil.example:9464",
                     "127.0.0.1.nip.io",
                     "127.evil.example",
                     "localhost.",
                     "127.0.0.1.",
                     "127.1",
                     "2130706433",
                     "0x7f.0.0.1",
                     "0177.0.0.1",
                     "127.0.0.256",
                     "128.0.0.1",
                     "0.0.0.0",
                     "[::]",
                     "[::ffff:127.0.0.1]",
                     "[::1].evil.example",
                     "[localhost]",
                     "::1",
                     "localhost:",
                     "localhost:x",
                     "localhost:80.evil.example",
                     "localhost:99999",
                     "evil.example@localhost",
                     "localhost@evil.example",
                     "localhost:80@evil.example",
                     " localhost",
                     "localhost ",
                     "localhost,evil.example",
                     "[",
                     "[]",
                     "]",
                     ":"}) {
    INFO(host);
    CHECK(status_of({"GET", "/", host, ""}) == 403);
  }
  CHECK(status_of({"GET", "/", "sluice.intern.example", ""}, false) == 200);
}

TEST_CASE("other sites may link to the page but load nothing from it") {
  CHECK(status_of({"GET", "/", "localhost", "cross-site"}) == 200);
  CHECK(status_of({"GET", "/api/events", "localhost", "cross-site"}) == 403);
  CHECK(status_of({"GET", "/metrics", "localhost", "cross-site"}) == 403);
  CHECK(status_of({"GET", "/api/events", "localhost", "same-origin"}) == 200);
  CHECK(status_of({"GET", "/metrics", "localhost", "none"}) == 200);
}
