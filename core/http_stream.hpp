// What cpp-httplib reads and writes through. cpp-httplib takes an interim
// reply for the final one and a trailer for damage, and trusts a head to be
// short: so it is given a bare status line and a body that ends with the
// stream, and the reply itself is read here.

#pragma once

#include "core/reply_framing.hpp"
#include "core/socket_switch.hpp"

#include <httplib.h>
#include <openssl/ossl_typ.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// One exchange, as its stream sees it. Outlives the stream.
struct stream_log {
  std::chrono::steady_clock::time_point deadline{}; ///< of the request
  size_t max_bytes = 0; ///< cap on what is read, heads included
  reply_framing framing{"GET"};
  bool wrote = false;      ///< a byte of the request may have left
  bool unheard = false;    ///< the server takes no more of the request
  bool overflowed = false; ///< `max_bytes` was hit
  bool left_over = false;  ///< more came than the reply that was read
};

/// A blocking stream over a connected socket, plain or TLS. It waits as long
/// as the socket does: the watchdog ends what is late.
class http_stream final : public httplib::Stream {
public:
  /// `tls` is null for a plain connection. Both belong to the client.
  http_stream(int socket, SSL* tls, std::vector<char>& buffer, stream_log& log,
              socket_switch& connection);
  ~http_stream() override;

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override;

  /// Fails, and nothing leaves, once the deadline is over or the connection
  /// was cut. Where the server takes no more of the request, the rest of it is
  /// dropped: its reply may be there already (RFC 9112, 9.5).
  ssize_t write(const char* data, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  [[nodiscard]] socket_t socket() const override { return socket_; }

private:
  [[nodiscard]] ssize_t advance();
  [[nodiscard]] ssize_t fill();
  [[nodiscard]] ssize_t receive(char* out, size_t size);
  [[nodiscard]] ssize_t transmit(const char* data, size_t size);

  int socket_;
  SSL* tls_;
  std::vector<char>& buffer_; ///< read ahead; lent, for it is large
  stream_log& log_;
  socket_switch& connection_;
  std::string_view input_; ///< received, not yet taken
  std::string_view piece_; ///< to be given to cpp-httplib
  std::string head_;       ///< the one that it is given
  size_t total_ = 0;       ///< bytes received
};

} // namespace sluice
