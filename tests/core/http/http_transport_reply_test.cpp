// Replies in every form that HTTP/1.1 allows a server.

#include "tests/core/http/transport_fixture.hpp"
#include "tests/core/input/list_fixture.hpp"

#include <catch2/catch.hpp>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string in_gzip(const std::string& body) {
  return http_text(200, body, {"Content-Encoding: gzip"});
}

const std::string hints =
  "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";

/// The body {"id":1} in chunks, with an extension and a trailer.
const std::string trailed =
  chunked("4;name=value\r\n{\"id\r\n4\r\n\":1}\r\n0\r\nServer-Timing: "
          "db;dur=53\r\n\r\n");

} // namespace

TEST_CASE(
  "a reply with interim replies, trailers and gzip members is complete") {
  for (const auto& bytes : {hints + json_text(R"({"id":1})"),
                            "HTTP/1.1 102 Processing\r\n\r\n" + hints + trailed,
                            trailed, in_gzip(gzip(R"({"id")") + gzip(":1}")),
                            hints
                              + http_text(200, gzip(R"({"id":1})"),
                                          {"content-encoding: X-GZIP"})}) {
    CAPTURE(bytes);
    connection_script script{{bytes}, {json_text("next")}};
    scripted_server server{{script, {{bytes}}}};
    http_transport transport{patient()};
    auto reply = transport.exchange(get(server.base()));
    CHECK(reply.outcome == outcome::complete);
    CHECK(reply.status == 200);
    CHECK(reply.body == R"({"id":1})");
    CHECK(reply.header("link") == nullptr);
    CHECK(reply.header("server-timing") == nullptr);
    CHECK(transport.exchange(get(server.base())).body == "next");
    CHECK(server.connections() == 1);
    CHECK(transport.exchange(post(server.base())).body == R"({"id":1})");
  }
}

TEST_CASE("a reply counts even if the server did not read the whole request") {
  connection_script early{{http_text(413, "too large"), then::close, true}};
  scripted_server server{{early, early}};
  http_transport transport{patient()};
  auto request = get(server.base());
  request.method = "POST";
  request.body = std::string(32 << 20, 'x'); // more than the socket buffers
                                             // hold
  for (int i = 0; i < 2; ++i) {
    auto reply = transport.exchange(request);
    CHECK(reply.outcome == outcome::complete);
    CHECK(reply.status == 413);
  }
  CHECK(server.connections() == 2);
}

TEST_CASE("a connection that the server will close is not reused") {
  for (const auto& first :
       {http_text(200, "1", {"Connection: Close"}),
        std::string{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1"},
        std::string{"HTTP/1.1 101 Switching Protocols\r\n\r\n"},
        trailed + hints}) {
    CAPTURE(first);
    scripted_server server{
      {{{first}, {json_text("wrong")}}, {{json_text("right")}}}};
    http_transport transport{patient()};
    CHECK(transport.exchange(get(server.base())).outcome == outcome::complete);
    CHECK(transport.exchange(get(server.base())).body == "right");
  }
}

TEST_CASE("a reply truncated in bytes that are skipped is broken") {
  for (const auto& bytes :
       {hints, hints.substr(0, 40), hints + "HTTP/1.1 201 Cr",
        trailed.substr(0, trailed.size() - 1),
        trailed.substr(0, trailed.size() - 2),
        trailed.substr(0, trailed.size() - 20)})
    for (auto end : {then::close, then::reset}) {
      CAPTURE(bytes);
      CHECK(ask({bytes, end}).outcome == outcome::broken);
    }
}

TEST_CASE("endless interim replies and trailers are refused") {
  std::string many, trailers;
  while (many.size() < 300'000)
    many += hints;
  while (trailers.size() < 300'000)
    trailers += "X-Trailer: value\r\n";
  for (const auto& bytes : {many, chunked("0\r\n" + trailers)}) {
    auto reply = ask({bytes, then::hang});
    CHECK(reply.outcome == outcome::broken);
    CHECK_THAT(reply.detail, Catch::Contains("overlong"));
  }
}

TEST_CASE("a body with truncated gzip data is never read in part") {
  auto packed = gzip(R"([{"id":1}])");
  for (const auto& body : {packed.substr(0, packed.size() - 9),
                           packed + "garbage", std::string{"[1,2]"}}) {
    auto framed = ask({in_gzip(body)});
    CHECK(framed.outcome == outcome::complete);
    CHECK(framed.status == 200);
    CHECK(framed.body == body);
    auto open = ask({"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + body,
                     then::close});
    CHECK(open.outcome == outcome::broken);
  }
  CHECK(ask({in_gzip("")}).outcome == outcome::complete);
}

TEST_CASE(
  "a coding that was not asked for is left in place and the status is kept") {
  auto reply = ask({http_text(429, "\x1b\x03", {"Content-Encoding: br"})});
  CHECK(reply.outcome == outcome::complete);
  CHECK(reply.status == 429);
  CHECK(reply.body == "\x1b\x03");
}

TEST_CASE("the cap of a body applies to its decompressed size") {
  auto options = patient();
  options.max_body = 1000;
  auto most = std::string(1000, 'x');
  CHECK(ask({in_gzip(gzip(most))}, options).body == most);
  auto reply = ask({in_gzip(gzip(most) + gzip("x"))}, options);
  CHECK(reply.outcome == outcome::too_large);
  CHECK(reply.status == 200);
  CHECK_THAT(reply.detail, Catch::Contains("1000 bytes"));
}

TEST_CASE("a reply records when it arrived") {
  auto before = std::chrono::system_clock::now();
  auto reply = ask({"HTTP/1.1 204 No Content\r\n\r\n"});
  CHECK(reply.received >= before);
  CHECK(reply.received <= std::chrono::system_clock::now());
}
