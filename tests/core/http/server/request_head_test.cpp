#include "core/http/server/request_head.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace sluice::web;

namespace {

/// 0 if `bytes` are not a whole head, 200 if they are accepted, else the status
/// of the refusal.
int status_of(const std::string& bytes) {
  request_head head;
  switch (head.read(bytes)) {
    case head_state::incomplete:
      return 0;
    case head_state::complete:
      return 200;
    case head_state::refused:
      return head.why().status;
  }
  return -1;
}

std::string with(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string handed_on(const std::string& bytes) {
  request_head head;
  REQUIRE(head.read(bytes) == head_state::complete);
  return head.handed_on(bytes);
}

const std::string plain = "GET /x?a=b HTTP/1.1\r\nHost: a:80\r\nX: y\r\n\r\n";

} // namespace

TEST_CASE("a head is passed on unchanged, in pieces of any size") {
  CHECK(handed_on(plain) == plain);
  CHECK(handed_on("\r\n\r\n" + plain) == plain);
  request_head head;
  std::string bytes;
  for (auto byte : plain) {
    CHECK(head.read(bytes) == head_state::incomplete);
    bytes += byte;
  }
  CHECK(head.read(bytes) == head_state::complete);
  CHECK(head.size() == plain.size());
  CHECK(head.handed_on(bytes) == plain);
  // The next request is not examined.
  request_head first;
  auto two = plain + plain;
  CHECK(first.read(two) == head_state::complete);
  CHECK(first.size() == plain.size());
  CHECK(first.handed_on(two) == plain);
}

TEST_CASE("unsupported fields are dropped") {
  CHECK(handed_on("GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\n"
                  "IF-RANGE: x\r\nX: 1\r\naccept-encoding: gzip\r\n"
                  "Expect: 100-continue\r\n\r\n")
        == "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n");
  // A client may wait for the interim reply before it sends the body.
  auto waits = with("Content-Length: 1\r\nExpect: 100-continue\r\n");
  CHECK(handed_on(waits) == waits);
}

TEST_CASE("a target that names its host is split into path and Host") {
  CHECK(handed_on("GET http://b.example:80/x HTTP/1.1\r\nHost: a\r\nX: 1\r\n"
                  "\r\n")
        == "GET /x HTTP/1.1\r\nHost: b.example:80\r\nX: 1\r\n\r\n");
  CHECK(handed_on("GET HTTP://b?x HTTP/1.1\r\nhost: a\r\n\r\n")
        == "GET /?x HTTP/1.1\r\nHost: b\r\n\r\n");
  CHECK(handed_on("GET http://b HTTP/1.0\r\n\r\n")
        == "GET / HTTP/1.0\r\nHost: b\r\n\r\n");
  for (auto* target : {"http://", "http:///x", "http://u@b/", "https://b/", "b",
                       "b:80", "*", "", "/a b", "/a\tb", "/a#b", "/\x80"}) {
    INFO(target);
    CHECK(status_of("GET " + std::string{target}
                    + " HTTP/1.1\r\nHost: a\r\n"
                      "\r\n")
          == 400);
  }
}

TEST_CASE("a line has at most 8 KiB and a head 64 KiB and 100 fields, finished "
          "or not") {
  auto line = [](size_t size) { return "X: " + std::string(size - 3, 'a'); };
  CHECK(status_of(with(line(8'192) + "\r\n")) == 200);
  CHECK(status_of(with(line(8'193) + "\r\n")) == 431);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\n" + line(8'193)) == 0);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\n" + line(8'194)) == 431);
  CHECK(status_of("GET /" + std::string(8'192, 'a')) == 414);
  std::string fields;
  for (auto i = 0; i < 7; ++i)
    fields += line(8'192) + "\r\n";
  CHECK(status_of(with(fields)) == 200);
  fields += line(8'192) + "\r\n";
  CHECK(status_of(with(fields)) == 431);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\n" + fields) == 431);
  std::string many;
  for (auto i = 0; i < 99; ++i)
    many += "a:\r\n";
  CHECK(status_of(with(many)) == 200);
  CHECK(status_of(with(many + "a:\r\n")) == 431);
  std::string empty_lines;
  for (auto i = 0; i < 33'000; ++i)
    empty_lines += "\r\n";
  CHECK(status_of(empty_lines) == 431);
}

TEST_CASE("requests that are not HTTP are refused") {
  for (const std::string head :
       {"nonsense\r\n", "GET /\r\n", "GET / FTP/1.1\r\n", "GET / HTTP/1\r\n",
        "GET / HTTP/1.1 \r\n", " GET / HTTP/1.1\r\n", "G(T / HTTP/1.1\r\n",
        "GET / HTTP/1.1\n", "\n", "GET / HTTP/1.1\r\nHost: a\n",
        "GET / HTTP/1.1\r\nHost: a\rb\r\n"}) {
    INFO(head);
    CHECK(status_of(head) == 400);
  }
  CHECK(status_of("GET / HTTP/2.0\r\n") == 505);
  CHECK(status_of("GET / HTTP/1.2\r\n") == 505);
  for (const std::string field :
       {"X", " X: y", "X : y", ": y", "X: y\r\n folded", "X: y\r\n\tfolded",
        "X(: y", "X: \x01", "X: a\x7f"}) {
    INFO(field);
    CHECK(status_of(with(field + "\r\n")) == 400);
  }
  CHECK(status_of(with("X: " + std::string(1, '\0') + "\r\n")) == 400);
  CHECK(status_of(with("X:\tgr\xc3\xbc\xc3\x9f\t\r\nY:\r\n")) == 200);
}

TEST_CASE("a head names one host") {
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 200);
  CHECK(status_of("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 200);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n") == 200);
  CHECK(status_of(with("Host: a\r\n")) == 400);
  for (auto* host : {"a, b", "a b", "u@a", "a/b", "a;b"}) {
    INFO(host);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: " + std::string{host} + "\r\n\r\n")
          == 400);
  }
}

TEST_CASE("the end of a body is given in exactly one way and the body is not "
          "too large") {
  CHECK(status_of(with("Content-Length: 1048576\r\n")) == 200);
  CHECK(status_of(with("Content-Length: 1048577\r\n")) == 413);
  for (const std::string length :
       {"", "-1", "+1", "1 1", "1, 1", "0x1", "1.0", "99999999999999999999"}) {
    INFO(length);
    CHECK(status_of(with("Content-Length: " + length + "\r\n")) == 400);
  }
  const std::string one = "Content-Length: 1\r\n";
  const std::string chunked = "Transfer-Encoding: Chunked\r\n";
  CHECK(status_of(with(one + one)) == 400);
  CHECK(status_of(with(chunked)) == 200);
  CHECK(status_of(with(chunked + chunked)) == 400);
  CHECK(status_of(with(chunked + one)) == 400);
  CHECK(status_of(with(one + chunked)) == 400);
  CHECK(status_of("POST / HTTP/1.0\r\n" + chunked + "\r\n") == 400);
  for (auto* coding : {"gzip", "gzip, chunked", "chunked, chunked", "identity",
                       "x\tchunked"}) {
    INFO(coding);
    CHECK(status_of(with("Transfer-Encoding: " + std::string{coding} + "\r\n"))
          == 501);
  }
  CHECK(status_of(with("Content-Encoding: gzip\r\n")) == 415);
  CHECK(status_of(with("Content-Encoding: identity\r\n")) == 200);
}

TEST_CASE("a client announces its last request in either version") {
  auto closes = [](const std::string& bytes) {
    request_head head;
    REQUIRE(head.read(bytes) == head_state::complete);
    return head.closes();
  };
  CHECK_FALSE(closes(with("")));
  CHECK_FALSE(closes(with("Connection: keep-alive\r\n")));
  CHECK(closes(with("Connection: TE , Close\r\n")));
  CHECK(closes("GET / HTTP/1.0\r\n\r\n"));
}
