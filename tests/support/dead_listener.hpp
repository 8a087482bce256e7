// A loopback port that does not answer connects, like an address on a dead
// network. Its listener accepts no connection, and its backlog is full.

#pragma once

#include "core/http/connect.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstring>
#include <stdexcept>
#include <vector>

namespace sluice::test {

/// A port of 127.0.0.1.
inline socket_address loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  socket_address result;
  std::memcpy(&result.data, &address, sizeof address);
  result.size = sizeof address;
  return result;
}

class dead_listener {
public:
  dead_listener()
      : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    auto any = loopback(0);
    socklen_t size = any.size;
    auto* raw = reinterpret_cast<sockaddr*>(&any.data);
    if (bind(listener_.get(), raw, size) != 0 || listen(listener_.get(), 0) != 0
        || getsockname(listener_.get(), raw, &size) != 0)
      throw std::runtime_error{"cannot listen"};
    address_ = any;
    for (int i = 0; i < 8; ++i)
      if (!fill_one())
        return;
    throw std::runtime_error{"the backlog never fills up"};
  }

  [[nodiscard]] const socket_address& address() const { return address_; }

private:
  /// False if the connect was not answered.
  bool fill_one() {
    file_descriptor socket{
      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    connect(socket.get(), address_.get(), address_.size);
    pollfd state{socket.get(), POLLOUT, 0};
    constexpr auto milliseconds = 100;
    auto answered = poll(&state, 1, milliseconds) > 0;
    held_.push_back(std::move(socket));
    return answered;
  }

  file_descriptor listener_;
  socket_address address_;
  std::vector<file_descriptor> held_;
};

} // namespace sluice::test
