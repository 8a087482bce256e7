#include "tests/fuzz/byte_server.hpp"

#include "core/base/file_descriptor.hpp"
#include "tests/fuzz/input.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace sluice::fuzz {

byte_server::byte_server() : listener_{::socket(AF_INET, SOCK_STREAM, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* where = reinterpret_cast<sockaddr*>(&address);
  must(::bind(listener_, where, size) == 0 && ::listen(listener_, 8) == 0);
  must(::getsockname(listener_, where, &size) == 0);
  url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  thread_ = std::thread{[this] { serve(); }};
}

byte_server::~byte_server() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
}

void byte_server::answer(std::string_view bytes) {
  std::lock_guard lock{mutex_};
  bytes_ = bytes;
}

void byte_server::serve() {
  for (;;) {
    file_descriptor client{::accept(listener_, nullptr, nullptr)};
    if (!client)
      return;
    char request[4'096];
    static_cast<void>(::recv(client.get(), request, sizeof request, 0));
    std::lock_guard lock{mutex_};
    static_cast<void>(
      ::send(client.get(), bytes_.data(), bytes_.size(), MSG_NOSIGNAL));
  }
}

} // namespace sluice::fuzz
