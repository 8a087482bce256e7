#include "core/http/reply_framing.hpp"
#include "tests/core/http/transport_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using Catch::Contains;

namespace {

/// The result of reading a reply.
struct read_result {
  bool complete = false;
  int status = 0;
  std::string body;
  std::string left_over;
  std::string defect;
  bool keeps = false;

  friend bool operator==(const read_result&, const read_result&) = default;
};

/// Feeds `bytes` to `framing` in pieces of `step` bytes, then closes.
read_result read_framed(reply_framing& framing, std::string_view bytes,
                        size_t step = SIZE_MAX) {
  read_result result;
  while (!bytes.empty() && !framing.ended()) {
    auto piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty() && !framing.ended())
      result.body += framing.take(piece);
    result.left_over += piece;
  }
  result.left_over += bytes;
  framing.on_close();
  result.complete = framing.complete();
  result.defect = framing.defect() != nullptr ? framing.defect() : "";
  result.keeps = framing.keeps_connection();
  if (framing.has_head())
    result.status = framing.head().status;
  return result;
}

read_result
read_framed(std::string_view bytes, std::string_view method = "GET") {
  reply_framing framing{method};
  return read_framed(framing, bytes);
}

std::string with_head(std::string_view lines, std::string_view body = {}) {
  return "HTTP/1.1 200 OK\r\n" + std::string{lines} + "\r\n\r\n"
         + std::string{body};
}

std::string repeated(std::string_view text, size_t size) {
  std::string result;
  while (result.size() < size)
    result += text;
  return result;
}

} // namespace

TEST_CASE("a reply is the same in pieces of any size") {
  struct row {
    std::string bytes;
    int status;
    std::string body;
  };
  for (const auto& [bytes, status, body] : {
         row{with_head("Content-Length: 5", "[1,2]"), 200, "[1,2]"},
         row{with_head("Content-Length: 0"), 200, ""},
         row{with_head("Content-Length: 5, 5\r\nContent-Length: 5", "[1,2]"),
             200, "[1,2]"},
         row{chunked("3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"), 200, "[1,2]"},
         row{chunked("0003 ;a=b;c=\"d;e\"\r\n[1,\r\n2\t\r\n2]\r\n0;z\r\n\r\n"),
             200, "[1,2]"},
         row{chunked("2\r\n{}\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n"),
             200, "{}"},
         row{chunked("2\n{}\n0\n\n"), 200, "{}"},
         row{"HTTP/1.1 201\r\nContent-Length: 2\r\n\r\n{}", 201, "{}"},
         row{"HTTP/1.0 200 OK\nContent-Length: 2\n\n{}", 200, "{}"},
         row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
             "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n"
             "\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
             201, "{}"},
         row{"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", 204, ""},
         row{"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
             304, ""},
       })
    for (size_t step : {1ul, 2ul, 7ul, SIZE_MAX}) {
      CAPTURE(bytes, step);
      reply_framing framing{"GET"};
      auto got = read_framed(framing, bytes + "next", step);
      CHECK(got.complete);
      CHECK(got.status == status);
      CHECK(got.body == body);
      CHECK(got.left_over == "next");
      CHECK(got.defect.empty());
    }
}

TEST_CASE("only a body without a length ends with the connection") {
  auto open = read_framed("HTTP/1.1 200 OK\r\n\r\n{}");
  CHECK(open.complete);
  CHECK(open.body == "{}");
  CHECK_FALSE(open.keeps);
  CHECK(read_framed("HTTP/1.1 200 OK\r\n\r\n").complete);
  auto whole = std::vector{with_head("Content-Length: 5", "[1,2]"),
                           chunked("5;a\r\n[1,2]\r\n0\r\nX-Sum: 1\r\n\r\n"),
                           "HTTP/1.1 103 Early Hints\r\n\r\n"
                             + with_head("Content-Length: 2", "{}")};
  for (const auto& bytes : whole)
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      CAPTURE(bytes, cut);
      auto got = read_framed(std::string_view{bytes}.substr(0, cut));
      CHECK_FALSE(got.complete);
      CHECK(got.defect.empty());
    }
}

TEST_CASE(
  "a proxy's tunnel begins after its head, even if the head gives a length") {
  auto got = read_framed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntunnel",
                         "CONNECT");
  CHECK(got.complete);
  CHECK(got.body.empty());
  CHECK(got.left_over == "tunnel");
}

TEST_CASE("a protocol switch ends the exchange and its connection") {
  auto got =
    read_framed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n?");
  CHECK(got.complete);
  CHECK(got.status == 101);
  CHECK_FALSE(got.keeps);
}

TEST_CASE("header lines are read as the RFC specifies") {
  reply_framing framing{"GET"};
  auto got = read_framed(framing, "HTTP/1.1 200 OK\r\n before the first\r\n"
                                  "X-Folded: a\r\n \t b\r\nX-Spaced :  c \t\r\n"
                                  "no name\r\n: no name\r\nX-Bare: d\re\r\n"
                                  "X-TWICE: 1\r\nx-twice: 2\r\nX-Empty:\r\n"
                                  "Content-Length: 0\r\n\r\n");
  REQUIRE(got.complete);
  using field = std::pair<std::string, std::string>;
  CHECK(framing.head().fields
        == std::vector<field>{{"x-folded", "a b"},
                              {"x-spaced", "c"},
                              {"x-bare", "d e"},
                              {"x-twice", "1"},
                              {"x-twice", "2"},
                              {"x-empty", ""},
                              {"content-length", "0"}});
  CHECK(framing.head().list_of("x-twice") == "1, 2");
  CHECK(framing.head().list_of("x-none").empty());
}

TEST_CASE(
  "version and connection options decide whether a connection is kept") {
  auto keeps = [](const std::string& start, const std::string& options) {
    return read_framed(start + "\r\n" + options + "Content-Length: 0\r\n\r\n")
      .keeps;
  };
  CHECK(keeps("HTTP/1.1 200 OK", ""));
  CHECK(keeps("HTTP/1.1 200 OK", "Connection: keep-alive\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1 200 OK", "Connection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.1 200 OK", "Connection: TE, Close\r\n"));
  CHECK_FALSE(
    keeps("HTTP/1.1 200 OK", "Connection: TE\r\nConnection: close\r\n"));
  CHECK_FALSE(keeps("HTTP/1.0 200 OK", ""));
  CHECK(keeps("HTTP/1.0 200 OK", "Connection: Keep-Alive\r\n"));
}

TEST_CASE("contradictory lengths are a defect") {
  for (auto lines :
       {"Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 3",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Content-Length: two", "Content-Length: -2", "Content-Length: +2",
        "Content-Length: 2 2", "Content-Length: 0x2",
        "Content-Length:", "Content-Length: 99999999999999999999"}) {
    CAPTURE(lines);
    auto got = read_framed(with_head(lines, "{}"));
    CHECK_FALSE(got.complete);
    CHECK_THAT(got.defect, Contains("lengths"));
  }
}

TEST_CASE("transfer codings that were not asked for are a defect") {
  for (auto lines :
       {"Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip"})
    CHECK_THAT(read_framed(with_head(lines, "0\r\n\r\n")).defect,
               Contains("transfer coding"));
  CHECK(
    read_framed(with_head("transfer-encoding: CHUNKED", "0\r\n\r\n")).complete);
}

TEST_CASE("damaged chunks are a defect") {
  for (auto body : {"zz\r\n", "\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1 1\r\n",
                    "g\r\n", ";a\r\n", "10000000000000000\r\n",
                    "5\r\n[1,2]1\r\n", "5\r\n[1,2]0\r\n\r\n"}) {
    CAPTURE(body);
    CHECK_THAT(read_framed(chunked(body)).defect, Contains("chunk"));
  }
}

TEST_CASE("anything other than HTTP/1 is a defect in its first line") {
  for (auto bytes :
       {"SSH-2.0-OpenSSH\r\n", "\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/1.1\r\n",
        "HTTP/1.1 20\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 099 Low\r\n",
        "HTTP/1.1 -20 OK\r\n", "HTTP/1.x 200 OK\r\n", "http/1.1 200 OK\r\n",
        "HTTP/1.1200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n{}\r\n"})
    CHECK_THAT(read_framed(bytes).defect, Contains("not HTTP"));
}

TEST_CASE("everything read besides a body is limited") {
  constexpr auto most = reply_framing::max_head;
  auto line = std::string(reply_framing::max_line + 1, 'a');
  auto interim = std::string_view{"HTTP/1.1 102 Processing\r\n\r\n"};
  for (const auto& bytes :
       {line, "HTTP/1.1 200 " + line, with_head("X: " + line),
        with_head(repeated("X-Header: value\r\n", most)),
        repeated(interim, most + interim.size()), chunked(line),
        chunked("5;" + line), chunked("0\r\nX: " + line),
        chunked("0\r\n" + repeated("X-Trailer: value\r\n", most))}) {
    reply_framing framing{"GET"};
    auto got = read_framed(framing, bytes, 1000);
    CHECK_FALSE(got.complete);
    CHECK_THAT(got.defect, Contains("overlong"));
  }
  auto final_head = with_head("Content-Length: 2", "{}");
  CHECK(read_framed(repeated(interim, most / 2) + final_head).complete);
}
