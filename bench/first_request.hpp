// A server that only notices requests, to wait for a program's first one.

#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>

namespace sluice::bench {

using clock = std::chrono::steady_clock;

inline double ms_since(clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock::now() - begin)
    .count();
}

/// Listens on a free port of this machine.
class listener {
public:
  listener() {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* where = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(socket_, where, size) != 0 || ::listen(socket_, 16) != 0
        || ::getsockname(socket_, where, &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
  }
  ~listener() { ::close(socket_); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  /// Waits for the first byte of a connection.
  void await_request() const {
    auto connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    char byte = 0;
    if (::recv(connection, &byte, 1, 0) != 1)
      std::abort();
    ::close(connection);
  }

  /// Closes the other connections that a killed program has made.
  void close_others() const {
    ::fcntl(socket_, F_SETFL, O_NONBLOCK);
    for (;;) {
      auto connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0)
        break;
      ::close(connection);
    }
    ::fcntl(socket_, F_SETFL, 0);
  }

  [[nodiscard]] uint16_t port() const { return port_; }

private:
  int socket_ = -1;
  uint16_t port_ = 0;
};

} // namespace sluice::bench
