// One connection to a server: plain or TLS, optionally through a proxy. It
// carries only bytes; `http_transport` handles requests and replies. The
// webhook's probe only opens one.

#pragma once

#include "core/http/connect.hpp"
#include "core/http/http_url.hpp"
#include "core/http/request_head.hpp"
#include "core/http/timed_socket.hpp"
#include "core/http/tls_session.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

struct connection_target {
  http_origin origin;
  std::optional<proxy_address> proxy;
  std::shared_ptr<tls_context> context{}; ///< required for TLS
};

class http_connection {
public:
  using clock = timed_socket::clock;

  /// Connects, opens the proxy's tunnel and performs the TLS handshake, all by
  /// `deadline` and before `stop` is cut. REQUIRES: `stop` outlives the
  /// connection; `target` is complete. Errors: ec::usage for problems that need
  /// user action, else ec::unavailable.
  [[nodiscard]] static caf::expected<std::unique_ptr<http_connection>>
  open(const connection_target& target, connector& connecting,
       clock::time_point deadline, const stop_switch& stop);

  /// Starts another exchange. False if the connection has ended, or has unread
  /// data that belongs to no reply.
  [[nodiscard]] bool begin(clock::time_point deadline);

  void set_deadline(clock::time_point deadline) {
    socket_.set_deadline(deadline);
  }

  [[nodiscard]] bool is_over() const { return socket_.is_over(); }

  /// Positive: the number of bytes received; 0: the server closed the
  /// connection; negative: the connection broke, or the deadline has passed.
  [[nodiscard]] ssize_t receive(char* out, size_t size);

  /// False if the connection broke, or the deadline has passed.
  [[nodiscard]] bool send(std::string_view bytes);

private:
  explicit http_connection(file_descriptor socket, const stop_switch& stop)
      : socket_{std::move(socket), stop} {}

  timed_socket socket_;
  std::unique_ptr<tls_session> tls_; ///< null: plain
};

} // namespace sluice
