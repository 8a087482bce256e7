#include "core/http/request_head.hpp"
#include "tests/core/http/transport_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

const std::string defaults = "Accept: application/json\r\n"
                             "Accept-Encoding: gzip\r\n"
                             "User-Agent: sluice\r\n";

} // namespace

TEST_CASE("a read names its target and what it accepts") {
  CHECK(request_head(get("https://API.test/v1/runs/r?x=1&y=%20#part"), nullptr)
        == "GET /v1/runs/r?x=1&y=%20 HTTP/1.1\r\nHost: api.test\r\n" + defaults
             + "\r\n");
}

TEST_CASE("a submit has its length and its own connection") {
  auto request = get("https://api.test/v1/runs");
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer k"}};
  request.body = "{}";
  request.content_type = "application/json";
  request.fresh_connection = true;
  CHECK(request_head(request, nullptr)
        == "POST /v1/runs HTTP/1.1\r\nHost: api.test\r\n"
           "Authorization: Bearer k\r\nContent-Type: application/json\r\n"
             + defaults + "Connection: close\r\nContent-Length: 2\r\n\r\n");
  request.body.clear();
  CHECK_THAT(request_head(request, nullptr),
             Catch::Contains("Content-Length: 0\r\n"));
}

TEST_CASE("given headers replace the default ones") {
  auto request = get("http://api.test/");
  request.headers = {{"accept", "*/*"}, {"ACCEPT-ENCODING", "identity"}};
  CHECK(request_head(request, nullptr)
        == "GET / HTTP/1.1\r\nHost: api.test\r\naccept: */*\r\n"
           "ACCEPT-ENCODING: identity\r\nUser-Agent: sluice\r\n\r\n");
}

TEST_CASE(
  "a Host field has brackets for IPv6 and a port other than the scheme's") {
  struct row {
    const char* url;
    const char* host;
  };
  for (auto [url, host] :
       {row{"http://h.test:80/", "h.test"},
        row{"http://h.test:443/", "h.test:443"},
        row{"https://h.test:443/", "h.test"},
        row{"https://h.test:80/", "h.test:80"}, row{"http://[::1]/", "[::1]"},
        row{"http://[::1]:8080/", "[::1]:8080"},
        row{"http://user:pw@127.0.0.1:8/", "127.0.0.1:8"}})
    CHECK_THAT(request_head(get(url), nullptr),
               Catch::Contains("\r\nHost: " + std::string{host} + "\r\n"));
}

TEST_CASE("a request to a proxy has the whole address and the credentials") {
  auto proxy = read_proxy("http://us%3Aer:p%40w@proxy.test:3128");
  REQUIRE(proxy);
  CHECK(request_head(get("http://api.test/x?y=1"), &*proxy)
        == "GET http://api.test:80/x?y=1 HTTP/1.1\r\nHost: api.test\r\n"
             + defaults + "Proxy-Authorization: Basic dXM6ZXI6cEB3\r\n\r\n");
  CHECK(connect_head(*origin_of("https://[::1]/x"), *proxy)
        == "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"
           "User-Agent: sluice\r\n"
           "Proxy-Authorization: Basic dXM6ZXI6cEB3\r\n\r\n");
  proxy = read_proxy("http://proxy.test:3128");
  REQUIRE(proxy);
  CHECK_THAT(connect_head(*origin_of("https://api.test"), *proxy),
             !Catch::Contains("Authorization"));
}

TEST_CASE("a proxy is an http address") {
  for (auto text : {"", "proxy:3128", "socks5://p:1", "https://p:1", "http://"})
    CHECK_FALSE(read_proxy(text));
  auto proxy = read_proxy("http://[::1]:3128/");
  REQUIRE(proxy);
  CHECK(proxy->host == "::1");
  CHECK(proxy->port == 3128);
  CHECK(proxy->user.empty());
}

TEST_CASE("a value that would break out of the head is a defect") {
  for (auto url : {"", "ftp://h/", "/x", "http://h/a b", "http://h/a\tb",
                   "http://h/a\r\nb", "http://h\n/"})
    CHECK(defect_of(get(url)) != nullptr);
  auto request = get("http://h/");
  CHECK(defect_of(request) == nullptr);
  for (auto [name, value] : {std::pair{"A", "b\nc"}, std::pair{"A", "b\rc"},
                             std::pair{"A: b\r\nC", "d"}, std::pair{"", "d"}}) {
    request.headers = {{name, value}};
    CHECK(defect_of(request) != nullptr);
  }
}
