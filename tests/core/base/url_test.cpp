#include "core/base/url.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace sluice;

TEST_CASE("a URL is split into its parts") {
  struct row {
    const char *url, *scheme, *user_info, *host, *port, *target;
  };
  for (auto& r : {
         row{"https://shop.example", "https", "", "shop.example", "", ""},
         row{"HTTP://Shop.Example:8080/a?b#c", "HTTP", "", "Shop.Example",
             "8080", "/a?b#c"},
         row{"http://me:secret@shop.example/x", "http", "me:secret",
             "shop.example", "", "/x"},
         row{"http://a@b@c/", "http", "a@b", "c", "", "/"},
         row{"https://[2001:db8::1]:443/", "https", "", "[2001:db8::1]", "443",
             "/"},
         row{"https://[::1]", "https", "", "[::1]", "", ""},
         row{"http://shop.example?q=/@:", "http", "", "shop.example", "",
             "?q=/@:"},
         row{"http://shop.example#top", "http", "", "shop.example", "", "#top"},
         row{"https://https://github.com/x", "https", "", "https", "",
             "//github.com/x"},
       }) {
    INFO(r.url);
    auto parts = split_http_url(r.url);
    REQUIRE(parts);
    CHECK(parts->scheme == r.scheme);
    CHECK(parts->user_info == r.user_info);
    CHECK(parts->host == r.host);
    CHECK(parts->port == r.port);
    CHECK(parts->target == r.target);
  }
}

TEST_CASE("text that is certainly not a URL has a defect") {
  struct row {
    std::string text;
    const char* defect;
  };
  for (auto& r : {
         row{"ftp://ftp.gnu.org/gnu/", "not an http or https URL"},
         row{"gopher://bitreich.org/1/scm", "not an http or https URL"},
         row{"<insert", "not an http or https URL"},
         row{"", "not an http or https URL"},
         row{"https", "not an http or https URL"},
         row{"//shop.example/x", "not an http or https URL"},
         row{"mailto:me@shop.example", "not an http or https URL"},
         row{"https:/qmidictl.sourceforge.io", "no host"},
         row{"https:", "no host"},
         row{"http:///path", "no host"},
         row{"http://:80/", "no host"},
         row{"http://me@/", "no host"},
         row{"http://[]/", "no host"},
         row{"http://[::1/", "no host"},
         row{"http://[::1]x/", "no host"},
         row{"http://h:65536/", "bad port"},
         row{"http://h:99999999999999999999/", "bad port"},
         row{"http://h:8o/", "bad port"},
         row{"http://h:-1/", "bad port"},
         row{"http://a:b:80/", "bad port"},
         row{"http://h/a b", "contains a control character or space"},
         row{"http://h/a\tb", "contains a control character or space"},
         row{std::string("http://h/\0x", 11),
             "contains a control character or space"},
         row{"http://h/\x7f", "contains a control character or space"},
         row{"http://h/\xC2\x85", "contains a control character or space"},
         row{"http://h/\xff", "not UTF-8"},
         row{"http://h/\xC3", "not UTF-8"},
         row{"http://h/" + std::string(max_url_bytes, 'a'),
             "longer than 8 KiB"},
       }) {
    INFO(r.text.substr(0, 60));
    REQUIRE(url_defect(r.text) != nullptr);
    CHECK(std::string{url_defect(r.text)} == r.defect);
  }
}

TEST_CASE("odd URLs that work have no defect") {
  for (std::string url :
       {"https://code.example/wiki/Cdo{rbpy}", "http://h/a|b\"<>^`\\",
        "http://h/~me/[x]?q[]=1", "http://h:/", "http://h:0/", "http://h:65535",
        "http://b\xC3\xBC"
        "cher.example/\xE2\x82\xAC",
        "http://h/%zz%", "HTTPS://H", "http://under_score.example/",
        "http://127.0.0.1/", "http://oocities.example/someone@mail.example/"})
    CHECK(url_defect(url) == nullptr);
  std::string longest = "http://h/";
  longest.resize(max_url_bytes, 'a');
  CHECK(url_defect(longest) == nullptr);
}

TEST_CASE("a host is looked up in lower case, without user info and port") {
  CHECK(host_of("https://Me:X@Shop.EXAMPLE:8443/A") == "shop.example");
  CHECK(host_of("http://[2001:DB8::1]/") == "[2001:db8::1]");
}

TEST_CASE("URLs with the same normal form are the same page") {
  struct row {
    const char *url, *normal;
  };
  for (auto& r : {
         row{"HTTPS://Shop.Example", "https://shop.example/"},
         row{"https://shop.example:443/", "https://shop.example/"},
         row{"http://shop.example:80", "http://shop.example/"},
         row{"http://shop.example:080/", "http://shop.example/"},
         row{"http://shop.example:/", "http://shop.example/"},
         row{"http://shop.example:443/", "http://shop.example:443/"},
         row{"http://shop.example:08080/", "http://shop.example:8080/"},
         row{"https://shop.example#top", "https://shop.example/"},
         row{"https://shop.example?a=1#x", "https://shop.example/?a=1"},
         row{"https://h/%7euser/%41%2d", "https://h/~user/A-"},
         row{"https://h/%2f%3A", "https://h/%2F%3A"},
         row{"https://h/\xC3\xA9", "https://h/%C3%A9"},
         row{"https://h/%c3%a9", "https://h/%C3%A9"},
         row{"https://h/{a}|b", "https://h/%7Ba%7D%7Cb"},
         row{"https://h/100%", "https://h/100%25"},
         row{"https://h/%%341", "https://h/%2541"},
         row{"https://h/%2541", "https://h/%2541"},
         row{"https://%53hop.example/", "https://shop.example/"},
         row{"https://Me:Pw@H/", "https://Me:Pw@h/"},
         row{"https://h?x=%41", "https://h/?x=A"},
         row{"https://[2001:DB8::1]:443/", "https://[2001:db8::1]/"},
         row{"ftp://H/%41", "ftp://H/%41"},
         row{"", ""},
       })
    CHECK(normal_form(r.url) == r.normal);
}

TEST_CASE("differences that may matter to the server are kept") {
  CHECK(normal_form("http://h/a") != normal_form("http://h/a/"));
  CHECK(normal_form("http://h/?a=1&b=2") != normal_form("http://h/?b=2&a=1"));
  CHECK(normal_form("http://h/a") != normal_form("http://h/A"));
  CHECK(normal_form("http://h/a") != normal_form("https://h/a"));
  CHECK(normal_form("http://h/a%2Fb") != normal_form("http://h/a/b"));
  CHECK(normal_form("http://h/?") != normal_form("http://h/"));
}

TEST_CASE("hostile bytes do no harm and normalizing twice changes nothing") {
  std::mt19937 random{7};
  constexpr std::string_view alphabet = "ah/:@[]%4e?#.\xC3\xA9\xff {";
  for (int i = 0; i < 20'000; ++i) {
    std::string url = i % 2 != 0 ? "http://" : "HTTPS://h/";
    for (auto n = random() % 20; n > 0; --n)
      url += alphabet[random() % alphabet.size()];
    (void)url_defect(url);
    auto normal = normal_form(url);
    CAPTURE(url);
    REQUIRE(normal_form(normal) == normal);
    if (split_http_url(url))
      REQUIRE(split_http_url(normal));
  }
}
