#include "core/http/timed_socket.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace sluice {

namespace {

bool is_passing(int problem) {
  return problem == EAGAIN || problem == EWOULDBLOCK;
}

} // namespace

bool timed_socket::is_over() const {
  return clock::now() >= deadline_ || stop_.is_cut();
}

ssize_t timed_socket::receive(char* out, size_t size) {
  // The answer to what was just sent is not there yet.
  if (std::exchange(has_sent_, false) && waits_ && !is_over())
    wait_for(POLLIN);
  while (!is_over()) {
    auto got = ::recv(socket_.get(), out, size, 0);
    if (got >= 0)
      return got;
    if (errno != EINTR && (!waits_ || !is_passing(errno)))
      return -1;
    if (errno != EINTR)
      wait_for(POLLIN);
  }
  errno = ETIMEDOUT;
  return -1;
}

ssize_t timed_socket::send(const char* data, size_t size) {
  while (!is_over()) {
    auto sent = ::send(socket_.get(), data, size, MSG_NOSIGNAL);
    if (sent >= 0) {
      has_sent_ = true;
      return sent;
    }
    if (errno != EINTR && (!waits_ || !is_passing(errno)))
      return -1;
    if (errno != EINTR)
      wait_for(POLLOUT);
  }
  errno = ETIMEDOUT;
  return -1;
}

void timed_socket::wait_for(short events) {
  auto left =
    std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now());
  auto time =
    std::clamp(left, std::chrono::milliseconds{0}, stop_switch::longest_wait);
  pollfd polled[] = {{socket_.get(), events, 0}, {stop_.signal(), POLLIN, 0}};
  ::poll(polled, 2, static_cast<int>(time.count()));
}

} // namespace sluice
