// A bare TCP connection to a server on this machine, for bytes that no HTTP
// client would send.

#pragma once

#include "core/base/file_descriptor.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::test {

class raw_client {
public:
  /// `window` limits how much it receives before it reads. 0 is the system
  /// default.
  explicit raw_client(uint16_t port, int window = 0)
      : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (window > 0)
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &window,
                   sizeof window);
    // No test waits forever.
    timeval most{20, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    REQUIRE(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof address)
            == 0);
  }

  /// False if the server does not accept everything.
  bool try_send(std::string_view text) {
    while (!text.empty()) {
      auto count =
        ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (count <= 0)
        return false;
      text.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  /// Waits until there is data to read or the server has closed; false after
  /// `most`.
  [[nodiscard]] bool is_readable_within(std::chrono::milliseconds most) const {
    return has_event(POLLIN, most);
  }

  /// Sends until the server refuses because it has closed, even if there is
  /// data to read; false after `most`.
  [[nodiscard]] bool is_refused_within(std::chrono::milliseconds most) {
    auto until = std::chrono::steady_clock::now() + most;
    while (std::chrono::steady_clock::now() < until) {
      if (!try_send("x"))
        return true;
      static_cast<void>(has_event(POLLRDHUP, std::chrono::milliseconds{10}));
    }
    return false;
  }

  void send(std::string_view text) { REQUIRE(try_send(text)); }

  struct ending {
    std::string text; ///< all bytes before the end
    int error = 0;    ///< errno, or 0 after an orderly end
  };

  /// Reads until the server closes.
  ending read_to_end() {
    ending result;
    char buffer[4096];
    for (;;) {
      auto count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
      if (count > 0) {
        result.text.append(buffer, static_cast<size_t>(count));
        continue;
      }
      result.error = count < 0 ? errno : 0;
      return result;
    }
  }

  /// Reads one reply with a Content-Length.
  std::string read_reply() {
    auto text = read_until("\r\n\r\n");
    auto field = text.find("Content-Length: ");
    REQUIRE(field != text.npos);
    auto size = std::stoul(text.substr(field + 16));
    std::string body(size, '\0');
    // For zero bytes, recv(2) would wait for one.
    auto count =
      size == 0 ? 0 : ::recv(socket_.get(), body.data(), size, MSG_WAITALL);
    REQUIRE(count == static_cast<ssize_t>(size));
    return text + body;
  }

  /// Reads up to the end of `mark`.
  std::string read_until(const std::string& mark) {
    std::string text;
    while (!text.ends_with(mark))
      read_byte(text);
    return text;
  }

private:
  [[nodiscard]] bool
  has_event(short event, std::chrono::milliseconds most) const {
    pollfd entry{socket_.get(), event, 0};
    return ::poll(&entry, 1, static_cast<int>(most.count())) > 0;
  }

  void read_byte(std::string& text) {
    char byte = 0;
    if (::recv(socket_.get(), &byte, 1, 0) != 1)
      FAIL("the server closed after: " << text);
    text += byte;
  }

  file_descriptor socket_;
};

} // namespace sluice::test
