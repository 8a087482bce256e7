#include "core/http/timed_socket.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <thread>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

/// Both ends of a socket pair.
struct socket_pair {
  socket_pair() {
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    here.emplace(file_descriptor{ends[0]}, stop);
    here->set_deadline(clock::now() + 1h);
    there = file_descriptor{ends[1]};
  }

  [[nodiscard]] std::string arrived() const {
    char bytes[64];
    auto count = recv(there.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return {bytes, static_cast<size_t>(std::max<ssize_t>(count, 0))};
  }

  ssize_t receive() {
    char bytes[64];
    return here->receive(bytes, sizeof bytes);
  }

  stop_switch stop;
  std::optional<timed_socket> here;
  file_descriptor there;
};

} // namespace

TEST_CASE("bytes written in time are sent and bytes that arrive are read") {
  socket_pair given;
  CHECK(given.here->send("POST", 4) == 4);
  CHECK(given.arrived() == "POST");
  REQUIRE(send(given.there.get(), "200", 3, 0) == 3);
  CHECK(given.receive() == 3);
}

TEST_CASE("nothing is written or read after the deadline") {
  socket_pair given;
  REQUIRE(send(given.there.get(), "200", 3, 0) == 3);
  given.here->set_deadline(clock::now());
  CHECK(given.here->is_over());
  CHECK(given.here->send("POST", 4) < 0);
  CHECK(given.receive() < 0);
  CHECK(given.arrived().empty());
}

TEST_CASE("nothing is written or read after the switch is triggered") {
  socket_pair given;
  given.stop.cut();
  CHECK(given.here->is_over());
  CHECK(given.here->send("POST", 4) < 0);
  CHECK(given.receive() < 0);
  CHECK(given.arrived().empty());
}

TEST_CASE("the deadline ends waiting") {
  socket_pair given;
  auto begin = clock::now();
  given.here->set_deadline(begin + 20ms);
  CHECK(given.receive() < 0);
  CHECK(clock::now() >= begin + 20ms);
  CHECK(clock::now() - begin < 10s);
}

TEST_CASE("the deadline ends waiting to write") {
  socket_pair given;
  auto begin = clock::now();
  given.here->set_deadline(begin + 20ms);
  std::string much(1 << 16, 'x');
  while (given.here->send(much.data(), much.size()) > 0)
    ;
  CHECK(clock::now() - begin < 10s);
}

TEST_CASE("the switch ends waiting") {
  socket_pair given;
  std::thread other{[&] { given.stop.cut(); }};
  auto begin = clock::now();
  CHECK(given.receive() < 0);
  other.join();
  CHECK(clock::now() - begin < 10s);
}

TEST_CASE("a receive that does not wait returns at once") {
  socket_pair given;
  given.here->set_waiting(false);
  CHECK(given.receive() < 0);
  CHECK(errno == EAGAIN);
  shutdown(given.there.get(), SHUT_WR);
  CHECK(given.receive() == 0);
}
