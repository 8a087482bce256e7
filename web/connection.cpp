#include "web/connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace sluice::web {

namespace {

/// What is read and thrown away so that a reply survives the close.
constexpr size_t max_discarded = 64 << 20;
constexpr int discard_wait_ms = 1'000;

thread_local connection* served = nullptr;

} // namespace

connection::connection(socket_t socket) noexcept : socket_{socket} {
  served = this;
}

connection::~connection() {
  served = nullptr;
  if (fate_ == fate::reset) {
    linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else if (fate_ == fate::close_after_reply) {
    discard_input();
  }
  ::close(socket_);
}

connection& connection::current() noexcept {
  assert(served != nullptr);
  return *served;
}

bool connection::wait_for_request(int idle_ms) {
  if (begin_ == end_) {
    begin_ = 0;
    pollfd entry{socket_, POLLIN, 0};
    if (::poll(&entry, 1, idle_ms) <= 0)
      return false;
    auto count = receive(buffer_.data(), buffer_.size());
    end_ = count > 0 ? static_cast<size_t>(count) : 0;
  }
  return begin_ < end_;
}

bool connection::is_readable() const {
  return !is_silent();
}

bool connection::is_writable() const {
  return !is_silent();
}

ssize_t connection::read(char* to, size_t size) {
  if (is_silent())
    return -1;
  if (begin_ == end_) {
    begin_ = end_ = 0;
    auto count = receive(buffer_.data(), buffer_.size());
    if (count <= 0)
      return count;
    end_ = static_cast<size_t>(count);
  }
  auto count = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, count);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t connection::write(const char* from, size_t size) {
  if (is_silent())
    return -1;
  ssize_t count = 0;
  do
    count = ::send(socket_, from, size, MSG_NOSIGNAL);
  while (count < 0 && errno == EINTR);
  return count;
}

void connection::get_remote_ip_and_port(std::string&, int&) const {}

void connection::get_local_ip_and_port(std::string&, int&) const {}

ssize_t connection::receive(char* to, size_t size) const noexcept {
  ssize_t count = 0;
  do
    count = ::recv(socket_, to, size, 0);
  while (count < 0 && errno == EINTR);
  return count;
}

void connection::discard_input() noexcept {
  ::shutdown(socket_, SHUT_WR);
  size_t discarded = 0;
  pollfd entry{socket_, POLLIN, 0};
  while (discarded<max_discarded&& ::poll(&entry, 1, discard_wait_ms)> 0) {
    auto count = receive(buffer_.data(), buffer_.size());
    if (count <= 0)
      return;
    discarded += static_cast<size_t>(count);
  }
}

} // namespace sluice::web
