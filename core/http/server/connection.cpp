#include "core/http/server/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sluice::web {

namespace {

using std::chrono::milliseconds;

constexpr size_t buffer_bytes = 16 << 10;

/// Allowance for chunk sizes and a trailer.
constexpr uint64_t most_framing = 64 << 10;

thread_local connection* served = nullptr;

/// False if `events` do not occur in time. A socket that was shut down counts
/// as ready for any event.
bool wait_for(int socket, short events, milliseconds time) {
  pollfd entry{socket, events, 0};
  int ready = 0;
  do
    ready = ::poll(&entry, 1, static_cast<int>(std::max(time, {}).count()));
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

size_t
take_from(const std::string& text, size_t& position, char* to, size_t size) {
  auto count = std::min(size, text.size() - position);
  std::memcpy(to, text.data() + position, count);
  position += count;
  return count;
}

} // namespace

connection::connection(file_descriptor socket,
                       const shell_limits& limits) noexcept
    : socket_{std::move(socket)}, limits_{limits} {
  served = this;
}

connection::~connection() {
  served = nullptr;
  if (fate_ == fate::reset) {
    linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once,
                 sizeof at_once);
  }
}

connection& connection::current() noexcept {
  assert(served != nullptr);
  return *served;
}

void connection::begin(const request_head& head, std::string bytes) {
  head_ = head.handed_on(bytes);
  head_at_ = 0;
  bytes.erase(0, head.size());
  rest_ = std::move(bytes);
  rest_at_ = 0;
  chunked_ = head.is_chunked();
  body_left_ = chunked_ ? limits_.most_body + most_framing : head.body_size();
  body_deadline_ = clock::now() + limits_.body_time;
}

bool connection::can_go_on() const noexcept {
  return fate_ == fate::open && !chunked_ && body_left_ == 0;
}

std::string connection::take_rest() {
  rest_.erase(0, rest_at_);
  rest_at_ = 0;
  return std::move(rest_);
}

file_descriptor connection::take_over() noexcept {
  drop();
  if (leave_)
    leave_();
  return std::move(socket_);
}

file_descriptor connection::take_socket() noexcept {
  return std::move(socket_);
}

// -- what the library reads ---------------------------------------------------

ssize_t connection::read(char* to, size_t size) {
  if (is_silent())
    return -1;
  if (head_at_ < head_.size())
    return static_cast<ssize_t>(take_from(head_, head_at_, to, size));
  if (body_left_ == 0)
    return chunked_ ? -1 : 0; // beyond the limit, or the end
  if (rest_at_ == rest_.size())
    if (auto count = refill(); count <= 0)
      return count;
  size = static_cast<size_t>(std::min<uint64_t>(size, body_left_));
  auto count = take_from(rest_, rest_at_, to, size);
  body_left_ -= count;
  return static_cast<ssize_t>(count);
}

/// Returns the bytes received, 0 if the client closed, -1 on failure.
ssize_t connection::refill() {
  rest_.resize(buffer_bytes);
  rest_at_ = 0;
  ssize_t count = 0;
  for (;;) {
    count = ::recv(socket_.get(), rest_.data(), rest_.size(), MSG_DONTWAIT);
    if (count >= 0 || (!would_block() && errno != EINTR))
      break;
    auto left = std::chrono::ceil<milliseconds>(body_deadline_ - clock::now());
    if (left <= milliseconds{} || !wait_for(socket_.get(), POLLIN, left))
      break;
  }
  rest_.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return count;
}

// -- what it writes -----------------------------------------------------------

ssize_t connection::write(const char* from, size_t size) {
  if (is_silent())
    return -1;
  return limits_.most_kept > 0 ? keep(from, size) : send(from, size);
}

ssize_t connection::keep(const char* from, size_t size) {
  if (size > limits_.most_kept - kept_.size()) {
    drop();
    return -1;
  }
  kept_.append(from, size);
  return static_cast<ssize_t>(size);
}

ssize_t connection::send(const char* from, size_t size) const {
  for (;;) {
    auto count = ::send(socket_.get(), from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0 || (!would_block() && errno != EINTR))
      return count;
    if (!wait_for(socket_.get(), POLLOUT, limits_.write_time))
      return -1;
  }
}

} // namespace sluice::web
