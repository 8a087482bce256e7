// cpp-httplib's client for one server, with our stream and a switch under it.

#pragma once

#include "core/connect.hpp"
#include "core/http_stream.hpp"
#include "core/http_url.hpp"
#include "core/socket_switch.hpp"

#include <httplib.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// What the streams of one transport share; it does one exchange at a time.
struct stream_context {
  explicit stream_context(resolver resolve) : connecting{std::move(resolve)} {}

  std::vector<char> buffer;
  stream_log log;
  connector connecting;
};

struct proxy_address {
  std::string host;
  uint16_t port = 0;
  std::string user, password; ///< empty = none
};

/// Reads http://[user:password@]host:port; nullopt when it is not that.
[[nodiscard]] std::optional<proxy_address> read_proxy(const std::string& text);

struct connection_options {
  http_origin origin;
  std::optional<proxy_address> proxy;
  std::string ca_file;
  /// Above the exchange's deadline, so that only the watchdog ends waits.
  std::chrono::milliseconds timeout;
  bool keep = false;
};

class http_connection {
public:
  /// Connects when first used. REQUIRES: `context` outlives it.
  http_connection(const connection_options& options, stream_context& context);

  /// Sends the request once, at most; see httplib::ClientImpl::send.
  bool send(httplib::Request& request, httplib::Response& response,
            httplib::Error& error) {
    return client_->send(request, response, error);
  }

  /// Ends all waiting, also for a connection; nothing is written any more.
  /// Thread-safe.
  void cut() { switch_.cut(); }

private:
  socket_switch switch_;
  std::unique_ptr<httplib::ClientImpl> client_;
};

} // namespace sluice
