#include "core/http/http_exchange.hpp"

#include <catch2/catch.hpp>

using namespace sluice;

namespace {

/// The reply parsed from `bytes`.
http_reply read(std::string_view bytes) {
  http_exchange exchange{"GET", 1000, nullptr};
  exchange.on_bytes(bytes);
  auto outcome = exchange.finish();
  auto reply = exchange.take();
  reply.outcome = outcome;
  return reply;
}

} // namespace

TEST_CASE("a list field on several lines is joined and any other field keeps "
          "its first value") {
  auto reply = read("HTTP/1.1 204 No Content\r\nRateLimit: \"day\";r=9;t=5\r\n"
                    "X-Total: 1\r\nratelimit: \"minute\";r=0;t=30\r\n"
                    "X-Total: 2\r\n\r\n");
  CHECK(reply.outcome == transport_outcome::complete);
  CHECK(reply.headers.at("ratelimit")
        == "\"day\";r=9;t=5, \"minute\";r=0;t=30");
  CHECK(reply.headers.at("x-total") == "1");
}

TEST_CASE("a reply says whether its head gave its length") {
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").framed);
  CHECK_FALSE(read("HTTP/1.1 200 OK\r\n\r\n{}").framed);
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
