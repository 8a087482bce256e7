#include "core/http/http_url.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

TEST_CASE("the same server has one origin for every spelling of its URL") {
  auto api = origin_of("https://api.example/v1");
  REQUIRE(api);
  CHECK(api == origin_of("HTTPS://API.Example:443/other?x#y"));
  CHECK(api == origin_of("https://user:pw@api.example"));
  CHECK_FALSE(api == origin_of("http://api.example/v1"));
  CHECK_FALSE(api == origin_of("https://api.example:8443/v1"));
  CHECK_FALSE(api == origin_of("https://api.example.evil/v1"));
  CHECK_FALSE(api == origin_of("https://api.example@evil.example/v1"));
  CHECK(origin_of("http://[::1]:8080/") == http_origin{false, "::1", 8080});
  CHECK(origin_of("http://h")->port == 80);
}

TEST_CASE("a URL that is not http or has no usable port has no origin") {
  for (auto text : {"", "api.example", "ftp://h/", "https://", "http://:80/",
                    "http://h:0/", "http://h:65536/", "http://h:8x/"})
    CHECK_FALSE(origin_of(text));
}

TEST_CASE("a request line has path and query but no fragment") {
  CHECK(target_of("https://h") == "/");
  CHECK(target_of("https://h/a/b?c=d#e") == "/a/b?c=d");
  CHECK(target_of("https://h?c=d") == "/?c=d");
}

TEST_CASE("query parameters are added and removed") {
  std::string url = "https://h/p";
  append_parameter(url, "a b", "1&2");
  append_parameter(url, "c", "");
  CHECK(url == "https://h/p?a%20b=1%262&c=");
  CHECK(without_parameter(url, "a b") == "https://h/p?c=");
  CHECK(without_parameter("https://h/p?token=x&a=1&token=y", "token")
        == "https://h/p?a=1");
  CHECK(without_parameter("https://h/p?token=x", "token") == "https://h/p");
  CHECK(without_parameter("https://h/p?tokens=x", "token")
        == "https://h/p?tokens=x");
  CHECK(without_parameter("https://h/p", "token") == "https://h/p");
}

TEST_CASE("links are resolved as in a browser") {
  struct row {
    std::string_view link;
    std::optional<std::string> target;
  };
  auto base = "https://h.example:8443/v1/runs?x=1";
  for (const auto& [link, target] : {
         row{"https://o.example/p", "https://o.example/p"},
         row{"http://o.example", "http://o.example"},
         row{"//o.example/p", "https://o.example/p"},
         row{"/v2/p?c=2", "https://h.example:8443/v2/p?c=2"},
         row{"?c=2", "https://h.example:8443/v1/runs?c=2"},
         row{"more?c=a:b", "https://h.example:8443/v1/more?c=a:b"},
         row{"", std::nullopt},
         row{"ftp://o.example/", std::nullopt},
         row{"javascript:x", std::nullopt},
         row{"https://", std::nullopt},
         row{"/a b", std::nullopt},
         row{"/a\r\nX: y", std::nullopt},
       })
    CHECK(resolve_link(base, link) == target);
  CHECK(resolve_link("https://h", "p") == "https://h/p");
  CHECK(resolve_link("https://h?x", "p") == "https://h/p");
}
