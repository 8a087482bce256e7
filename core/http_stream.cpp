#include "core/http_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace sluice {

namespace {

constexpr size_t buffer_bytes = 64 * 1024;

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
                         stream_log& log, socket_switch& connection)
    : socket_{socket},
      tls_{tls},
      buffer_{buffer},
      log_{log},
      connection_{connection} {
  buffer_.resize(buffer_bytes);
  if (tls_ != nullptr)
    SSL_set_mode(tls_, SSL_MODE_AUTO_RETRY);
}

http_stream::~http_stream() {
  log_.left_over = !input_.empty();
}

ssize_t http_stream::read(char* out, size_t size) {
  while (piece_.empty())
    if (auto state = advance(); state <= 0)
      return state;
  auto count = std::min(size, piece_.size());
  std::memcpy(out, piece_.data(), count);
  piece_.remove_prefix(count);
  return static_cast<ssize_t>(count);
}

/// Looks for the next piece. 0: the reply ended well; negative: it did not.
ssize_t http_stream::advance() {
  auto& framing = log_.framing;
  if (framing.has_head() && head_.empty()) {
    head_ = "HTTP/1.1 " + std::to_string(framing.head().status) + " \r\n\r\n";
    piece_ = head_;
    return 1;
  }
  if (framing.ended())
    return framing.complete() ? 0 : -1;
  if (input_.empty())
    if (auto got = fill(); got < 0)
      return got;
  if (input_.empty()) {
    framing.on_close();
    return framing.complete() ? 0 : -1;
  }
  piece_ = framing.take(input_);
  return 1;
}

ssize_t http_stream::fill() {
  if (total_ >= log_.max_bytes) {
    log_.overflowed = true;
    return -1;
  }
  auto got = receive(buffer_.data(), buffer_.size());
  if (got > 0) {
    input_ = {buffer_.data(), static_cast<size_t>(got)};
    total_ += input_.size();
  }
  return got;
}

ssize_t http_stream::receive(char* out, size_t size) {
  if (tls_ == nullptr)
    return uninterrupted([&] { return recv(socket_, out, size, 0); });
  return tls_step(tls_, [&] { return SSL_read(tls_, out, tls_size(size)); });
}

ssize_t http_stream::write(const char* data, size_t size) {
  if (connection_.is_cut()
      || std::chrono::steady_clock::now() >= log_.deadline) {
    errno = ETIMEDOUT;
    return -1;
  }
  log_.wrote = true;
  if (!log_.unheard)
    if (auto sent = transmit(data, size); sent > 0)
      return sent;
  log_.unheard = true;
  return static_cast<ssize_t>(size);
}

ssize_t http_stream::transmit(const char* data, size_t size) {
  if (tls_ == nullptr)
    return uninterrupted(
      [&] { return send(socket_, data, size, MSG_NOSIGNAL); });
  return tls_step(tls_, [&] { return SSL_write(tls_, data, tls_size(size)); });
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
