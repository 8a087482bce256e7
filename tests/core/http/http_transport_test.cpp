#include "tests/core/http/transport_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

TEST_CASE("a complete reply has its status, headers and body") {
  struct row {
    std::string bytes;
    int status;
    std::string body;
  };
  for (const auto& [bytes, status, body] : {
         row{json_text("{}"), 200, "{}"},
         row{http_text(200, ""), 200, ""},
         row{http_text(502, "<html>"), 502, "<html>"},
         row{http_text(301, "", {"Location: http://x/"}), 301, ""},
         row{"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
         row{chunked("3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"), 200, "[1,2]"},
         row{"HTTP/1.1 100 Continue\r\n\r\n" + json_text("[]"), 200, "[]"},
         row{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[7]", 200, "[7]"},
       }) {
    CAPTURE(bytes);
    auto reply = ask({bytes, then::close});
    CHECK(reply.outcome == outcome::complete);
    CHECK(reply.status == status);
    CHECK(reply.body == body);
    CHECK(reply.detail.empty());
    CHECK(reply.latency > duration{0});
  }
}

TEST_CASE(
  "header names are in lower case and a repeated header has its first value") {
  auto reply = ask({http_text(200, "", {"X-Total: 1", "x-TOTAL: 2"})});
  CHECK(reply.headers.at("x-total") == "1");
}

TEST_CASE("a compressed body arrives decompressed") {
  std::string gzip{
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\x36\xd4\x31\x8a"
    "\x05\x00\xbf\x50\x8b\x08\x05\x00\x00\x00",
    25};
  auto reply = ask({http_text(200, gzip, {"Content-Encoding: gzip"})});
  CHECK(reply.outcome == outcome::complete);
  CHECK(reply.body == "[1,2]");
}

TEST_CASE("a truncated reply is broken and never complete") {
  for (const auto& bytes : {
         std::string{},
         std::string{"HTTP/1.1"},
         std::string{"HTTP/1.1 201 Created\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"},
         std::string{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":1}"},
         chunked(""),
         chunked("5"),
         chunked("5\r\n[1,2]"),
         chunked("5\r\n[1,2]\r"),
         chunked("5\r\n[1,2]\r\n"),
         chunked("5\r\n[1,2]\r\n0\r\n"),
         chunked("zz\r\n[1,2]\r\n0\r\n\r\n"),
         std::string{"SSH-2.0-OpenSSH\r\n\r\n"},
       }) {
    CAPTURE(bytes);
    auto end = GENERATE(then::close, then::reset);
    auto reply = ask({bytes, end});
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("127.0.0.1"));
  }
}

TEST_CASE("a reply with contradictory lengths is broken") {
  for (auto lines : {"Content-Length: 2\r\nContent-Length: 3",
                     "Content-Length: 2\r\nTransfer-Encoding: chunked",
                     "Content-Length: two", "Content-Length: -2"}) {
    auto reply =
      ask({std::string{"HTTP/1.1 200 OK\r\n"} + lines + "\r\n\r\n{}"});
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("lengths"));
  }
}

TEST_CASE("a body above the cap is refused, even if it is only announced") {
  auto options = patient();
  options.max_body = 100;
  auto body = std::string(101, 'x');
  for (const auto& bytes :
       {http_text(200, body), chunked("65\r\n" + body + "\r\n0\r\n\r\n"),
        "HTTP/1.1 200 OK\r\n\r\n" + body,
        std::string{
          "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"}}) {
    auto reply = ask({bytes, then::hang}, options);
    CHECK(reply.outcome == outcome::too_large);
    CHECK(reply.status == 200);
    CHECK_THAT(reply.detail, Catch::Contains("100 bytes"));
  }
  CHECK(ask({http_text(200, std::string(100, 'x'))}, options).outcome
        == outcome::complete);
}

TEST_CASE("an endless head or encoding is refused without a crash") {
  std::string status_line = "HTTP/1.1 200 " + std::string(300'000, 'a');
  std::string late_status_line = "HTTP/1.1 100 Continue\r\n\r\n" + status_line;
  std::string header_line =
    "HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'a');
  std::string headers = "HTTP/1.1 200 OK\r\n";
  while (headers.size() < 300'000)
    headers += "X-Header: value\r\n";
  auto options = patient();
  options.max_body = 1000;
  auto chunk_line = chunked(std::string(2'000'000, '0'));
  for (const auto& bytes :
       {status_line, late_status_line, header_line, headers, chunk_line}) {
    auto reply = ask({bytes, then::hang}, options);
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("overlong"));
  }
}

TEST_CASE("the deadline applies to a server that is silent or dribbles") {
  auto text = http_text(200, std::string(1000, 'x'));
  auto head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n ";
  for (const auto& reply :
       {scripted_reply{"", then::hang},
        scripted_reply{text.substr(0, 20), then::hang},
        scripted_reply{text.substr(0, 200), then::hang},
        scripted_reply{"HTTP/1.1 200 O", then::dribble},
        scripted_reply{head, then::dribble},
        scripted_reply{"HTTP/1.1 200 OK\r\n\r\n ", then::dribble},
        scripted_reply{"HTTP/1.1 200 OK\r\n\r\n{}", then::hang}}) {
    CAPTURE(reply.bytes);
    auto begin = std::chrono::steady_clock::now();
    auto result = ask(reply, hasty());
    CHECK(result.outcome == outcome::broken);
    CHECK_THAT(result.detail, Catch::Contains("within 0.150 s"));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
  }
}

TEST_CASE("a request that finds no server was not sent") {
  http_transport transport{hasty()};
  auto refused = "http://127.0.0.1:" + std::to_string(unused_port()) + "/";
  auto reply = transport.exchange(post(refused));
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("no connection to 127.0.0.1:"));
  CHECK(transport.exchange(get("http://name.invalid/")).outcome
        == outcome::not_sent);
}

TEST_CASE("a malformed request is not sent") {
  scripted_server server{{{{json_text("{}")}}}};
  http_transport transport{patient()};
  auto bad_header = get(server.base());
  bad_header.headers = {{"Authorization", "Bearer a\nX: y"}};
  auto reply = transport.exchange(bad_header);
  CHECK(reply.outcome == outcome::not_sent);
  CHECK_THAT(reply.detail, Catch::Contains("api.key"));
  for (auto url : {"", "ftp://h/", "/x", "http://h/a b", "http://h/a\r\nb"})
    CHECK(transport.exchange(get(url)).outcome == outcome::not_sent);
  CHECK(server.connections() == 0);
}
