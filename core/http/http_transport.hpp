// The only access to the network: sends one http_request, returns one
// http_reply. Never follows a redirect and never sends anything twice.

#pragma once

#include "core/http/connect.hpp"
#include "core/http/http_message.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace sluice {

struct transport_options {
  std::chrono::milliseconds timeout{30'000}; ///< for the whole exchange
  size_t max_body = 16 << 20;                ///< bytes, after decompression
  std::string proxy;   ///< http://[user:password@]host:port; empty: no proxy
  std::string ca_file; ///< empty: the system's CA certificates
  resolver resolve = resolve_name;
};

/// A transport belongs to one thread; only `stop` may be called from others. It
/// keeps one connection per origin open between exchanges.
///
/// The deadline covers everything except the name look-up, which is limited by
/// the system's resolver settings. After the deadline, no byte of a request is
/// passed to a connection.
class http_transport {
public:
  explicit http_transport(transport_options options);
  ~http_transport();
  http_transport(const http_transport&) = delete;
  http_transport& operator=(const http_transport&) = delete;

  /// Never throws. `not_sent` guarantees that no byte of the request was passed
  /// to a connection. A reply shorter than its headers announce is `broken`,
  /// never `complete`.
  [[nodiscard]] http_reply exchange(const http_request& request);

  /// The same, but passes the body of a 200 to `receiver` as sent, even with a
  /// Content-Encoding. The time limit is `timeout` per MiB of body. `broken` if
  /// the receiver stops. REQUIRES: a fresh connection.
  [[nodiscard]] http_reply
  exchange(const http_request& request, const body_receiver& receiver);

  /// Ends the current exchange; every later one is `not_sent`.
  void stop();

private:
  struct impl;

  [[nodiscard]] http_reply
  run(const http_request& request, const body_receiver* receiver);

  std::unique_ptr<impl> impl_;
};

} // namespace sluice
