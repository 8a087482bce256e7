#include "core/http_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace sluice {

namespace {

constexpr size_t buffer_bytes = 64 * 1024;
constexpr size_t max_head = 64 * 1024;
constexpr size_t max_line = 8 * 1024;

/// cpp-httplib matches a status line with std::regex, whose recursion a long
/// one would drive through the stack.
constexpr size_t max_status_line = 1024;

/// Calls `step` again while a signal interrupts it.
template <class F>
ssize_t uninterrupted(F step) {
  for (;;) {
    auto result = step();
    if (result >= 0 || errno != EINTR)
      return result;
  }
}

/// The result of an SSL_read or SSL_write in the manner of recv and send.
ssize_t tls_result(const SSL* tls, int result) {
  if (result > 0)
    return result;
  return SSL_get_error(tls, result) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

/// As `uninterrupted`, for a step that leaves its error in `tls`.
template <class F>
ssize_t tls_step(SSL* tls, F step) {
  for (;;) {
    ERR_clear_error();
    errno = 0;
    auto result = step();
    if (result > 0 || errno != EINTR)
      return tls_result(tls, result);
  }
}

int tls_size(size_t size) {
  return static_cast<int>(std::min<size_t>(size, 1 << 30));
}

} // namespace

http_stream::http_stream(int socket, SSL* tls, std::vector<char>& buffer,
                         stream_log& log)
    : socket_{socket}, tls_{tls}, buffer_{buffer}, log_{log} {
  buffer_.resize(buffer_bytes);
  if (tls_ != nullptr)
    SSL_set_mode(tls_, SSL_MODE_AUTO_RETRY);
}

http_stream::~http_stream() {
  log_.left_over = begin_ != end_;
}

ssize_t http_stream::read(char* out, size_t size) {
  if (begin_ == end_)
    if (auto got = fill(); got <= 0)
      return got;
  auto count = std::min(size, end_ - begin_);
  auto data = buffer_.data() + begin_;
  if (!log_.in_body && !head_is_sane(data, count)) {
    log_.overflowed = true;
    return -1;
  }
  std::memcpy(out, data, count);
  begin_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t http_stream::fill() {
  if (total_ >= log_.max_bytes) {
    log_.overflowed = true;
    return -1;
  }
  auto got = receive(buffer_.data(), buffer_.size());
  if (got <= 0) {
    log_.ended = true;
    return got;
  }
  begin_ = 0;
  end_ = static_cast<size_t>(got);
  total_ += end_;
  return got;
}

ssize_t http_stream::receive(char* out, size_t size) {
  if (tls_ == nullptr)
    return uninterrupted([&] { return recv(socket_, out, size, 0); });
  return tls_step(tls_, [&] { return SSL_read(tls_, out, tls_size(size)); });
}

ssize_t http_stream::write(const char* data, size_t size) {
  log_.wrote = true;
  if (tls_ == nullptr)
    return uninterrupted(
      [&] { return send(socket_, data, size, MSG_NOSIGNAL); });
  return tls_step(tls_, [&] { return SSL_write(tls_, data, tls_size(size)); });
}

/// Until the head is read it arrives here byte by byte.
bool http_stream::head_is_sane(const char* data, size_t size) {
  constexpr std::string_view version = "HTTP/";
  for (size_t i = 0; i < size; ++i) {
    if (line_ < version.size())
      status_line_ = status_line_ && data[i] == version[line_];
    ++line_;
    if (data[i] == '\n') {
      line_ = 0;
      status_line_ = true;
    }
    if (++head_ > max_head || line_ > max_line
        || (status_line_ && line_ > max_status_line))
      return false;
  }
  return true;
}

void http_stream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void http_stream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

} // namespace sluice
