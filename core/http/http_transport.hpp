// The one door to the network: one http_request out, one http_reply back.
// Redirects are never followed and nothing is ever sent twice.

#pragma once

#include "core/http/connect.hpp"
#include "core/http/http_message.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace sluice {

struct transport_options {
  std::chrono::milliseconds timeout{30'000}; ///< the whole exchange
  size_t max_body = 16 << 20;                ///< bytes, decompressed
  std::string proxy;   ///< http://[user:password@]host:port; "" = none
  std::string ca_file; ///< "" = the system's authorities
  resolver resolve = resolve_name;
};

/// One transport belongs to one thread; only `stop` may be called from
/// another. Connections are kept open between exchanges, one per origin.
///
/// The deadline covers everything but the look-up of a name, which the system
/// bounds by its own resolver settings. Once it is over, no byte of a request
/// is handed to a connection.
class http_transport {
public:
  explicit http_transport(transport_options options);
  ~http_transport();
  http_transport(const http_transport&) = delete;
  http_transport& operator=(const http_transport&) = delete;

  /// Never throws. `not_sent` is certain: no byte of the request was handed
  /// to a connection. A reply cut short of what its headers announce is
  /// `broken`, never `complete`.
  [[nodiscard]] http_reply exchange(const http_request& request);

  /// The same, but the body of a 200 goes to `receiver` as it is sent, also
  /// with a Content-Encoding, and the time is `timeout` for each MiB of it.
  /// `broken` when the receiver wants no more. REQUIRES: a fresh connection.
  [[nodiscard]] http_reply
  exchange(const http_request& request, const body_receiver& receiver);

  /// Ends the exchange under way; every later one is `not_sent`.
  void stop();

private:
  struct impl;

  [[nodiscard]] http_reply
  run(const http_request& request, const body_receiver* receiver);

  std::unique_ptr<impl> impl_;
};

} // namespace sluice
