#include "core/file_descriptor.hpp"
#include "core/http_stream.hpp"

#include <catch2/catch.hpp>

#include <sys/socket.h>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// A stream over one end of a pair of sockets.
struct fixture {
  fixture() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    here = file_descriptor{ends[0]};
    there = file_descriptor{ends[1]};
    log.deadline = std::chrono::steady_clock::now() + 1h;
    log.max_bytes = 1 << 20;
  }

  [[nodiscard]] std::string arrived() const {
    char bytes[64];
    auto count = recv(there.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return {bytes, static_cast<size_t>(std::max<ssize_t>(count, 0))};
  }

  bool write() {
    http_stream stream{here.get(), nullptr, buffer, log, connection};
    return stream.write("POST", 4) == 4;
  }

  file_descriptor here, there;
  std::vector<char> buffer;
  stream_log log;
  socket_switch connection;
};

} // namespace

TEST_CASE("what is written in time leaves, and is known to") {
  fixture given;
  CHECK(given.write());
  CHECK(given.log.wrote);
  CHECK(given.arrived() == "POST");
}

TEST_CASE("after the deadline nothing is written") {
  fixture given;
  given.log.deadline = std::chrono::steady_clock::now();
  CHECK_FALSE(given.write());
  CHECK_FALSE(given.log.wrote);
  CHECK(given.arrived().empty());
}

TEST_CASE("once a connection is cut nothing is written to it") {
  fixture given;
  given.connection.cut();
  CHECK_FALSE(given.write());
  CHECK_FALSE(given.log.wrote);
  given.connection.attach(given.here.get());
  char byte = 0;
  CHECK(recv(given.there.get(), &byte, 1, MSG_DONTWAIT) == 0);
}
