#include "core/http/http_exchange.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace sluice;

namespace {

/// The reply parsed from `bytes`.
http_reply reply_in(std::string_view bytes) {
  http_exchange exchange{"GET", 1000, nullptr};
  exchange.on_bytes(bytes);
  auto outcome = exchange.finish();
  auto reply = exchange.take();
  reply.outcome = outcome;
  return reply;
}

constexpr size_t body_limit = 1 << 20;

/// Passes the bytes of a reply on, directly into the body where it has room for
/// them. Returns how many were received there.
size_t pass_on(http_exchange& exchange, std::string_view bytes) {
  size_t direct = 0;
  while (!bytes.empty() && !exchange.is_over()) {
    if (auto room = exchange.body_room(); !room.empty()) {
      auto size = std::min(room.size(), bytes.size());
      std::copy_n(bytes.begin(), size, room.begin());
      exchange.on_received(size);
      bytes.remove_prefix(size);
      direct += size;
    } else {
      auto piece = bytes.substr(0, 1'000);
      auto size = piece.size();
      exchange.on_bytes(piece);
      bytes.remove_prefix(size - piece.size());
    }
  }
  return direct;
}

/// Bytes that differ from their neighbours.
std::string varied_body(size_t size) {
  std::string body(size, ' ');
  for (size_t i = 0; i < size; ++i)
    body[i] = static_cast<char>('a' + i % 23);
  return body;
}

std::string head_of(size_t length) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length)
         + "\r\n\r\n";
}

} // namespace

TEST_CASE("a long body is received in place") {
  auto body = varied_body(700'000);
  http_exchange exchange{"GET", body_limit, nullptr};
  CHECK(pass_on(exchange, head_of(body.size()) + body) > 600'000);
  CHECK(exchange.is_over());
  CHECK(exchange.finish() == transport_outcome::complete);
  CHECK(exchange.keeps_connection());
  CHECK(exchange.take().body == body);
}

TEST_CASE("chunks are received in place") {
  auto body = varied_body(300'000);
  std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t at = 0; at < body.size(); at += 100'000)
    reply += "186a0\r\n" + body.substr(at, 100'000) + "\r\n";
  http_exchange exchange{"GET", body_limit, nullptr};
  CHECK(pass_on(exchange, reply + "0\r\n\r\n") > 200'000);
  CHECK(exchange.finish() == transport_outcome::complete);
  CHECK(exchange.take().body == body);
}

TEST_CASE("a body that is cut short keeps what has arrived") {
  auto part = varied_body(100'000);
  http_exchange exchange{"GET", body_limit, nullptr};
  CHECK(pass_on(exchange, head_of(body_limit) + part) > 0);
  exchange.on_close();
  CHECK(exchange.finish() == transport_outcome::broken);
  CHECK(exchange.take().body == part);
}

TEST_CASE("a body gets little more memory than its bytes so far") {
  constexpr size_t first = 256 << 10;
  http_exchange exchange{"GET", 16 * body_limit, nullptr};
  auto head = head_of(16 * body_limit);
  std::string_view bytes = head;
  exchange.on_bytes(bytes);
  while (!exchange.is_over()) {
    auto room = exchange.body_room();
    REQUIRE_FALSE(room.empty());
    CHECK(room.size() <= std::max<size_t>(first, exchange.received()));
    exchange.on_received(room.size());
  }
  CHECK(exchange.received() == 16 * body_limit);
}

TEST_CASE("a chunk larger than the limit gets no memory") {
  http_exchange exchange{"GET", 50'000, nullptr};
  std::string reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "186a0\r\n"
                      + varied_body(100'000);
  CHECK(pass_on(exchange, reply) == 0);
  CHECK(exchange.finish() == transport_outcome::too_large);
}

TEST_CASE("a list field on several lines is joined and any other field keeps "
          "its first value") {
  auto reply =
    reply_in("HTTP/1.1 204 No Content\r\nRateLimit: \"day\";r=9;t=5\r\n"
             "X-Total: 1\r\nratelimit: \"minute\";r=0;t=30\r\n"
             "X-Total: 2\r\n\r\n");
  CHECK(reply.outcome == transport_outcome::complete);
  CHECK(reply.headers.at("ratelimit")
        == "\"day\";r=9;t=5, \"minute\";r=0;t=30");
  CHECK(reply.headers.at("x-total") == "1");
}

TEST_CASE("a reply says whether its head gave its length") {
  CHECK(reply_in("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").framed);
  CHECK_FALSE(reply_in("HTTP/1.1 200 OK\r\n\r\n{}").framed);
}

TEST_CASE("bytes after a reply are left unread") {
  http_exchange exchange{"GET", 1000, nullptr};
  std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}next";
  exchange.on_bytes(bytes);
  CHECK(exchange.is_over());
  CHECK(exchange.keeps_connection());
  CHECK(bytes == "next");
}

TEST_CASE("a transfer encoding many times larger than its body is refused") {
  http_exchange exchange{"GET", 1000, nullptr};
  std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  size_t taken = 0;
  while (!exchange.is_over() && taken < 10'000'000) {
    std::string_view bytes = text;
    taken += bytes.size();
    exchange.on_bytes(bytes);
    // A chunk with a long extension.
    text = "1;" + std::string(8'000, 'x') + "\r\na\r\n";
  }
  CHECK(taken < 1'100'000);
  CHECK(exchange.finish() == transport_outcome::broken);
  CHECK(exchange.defect() == "has an overlong encoding");
}
