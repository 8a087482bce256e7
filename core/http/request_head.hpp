// Writes the head of a request, and of a CONNECT to a proxy, as text (RFC
// 9112), and reads a proxy's address. For the transport; `authority_of` also
// for messages. No I/O.

#pragma once

#include "core/http/http_message.hpp"
#include "core/http/http_url.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

struct proxy_address {
  std::string host;
  uint16_t port = 0;
  std::string user, password; ///< empty: no credentials
};

/// Reads http://[user:password@]host:port; nullopt for anything else.
[[nodiscard]] std::optional<proxy_address> read_proxy(const std::string& text);

/// "host:port"; an IPv6 address gets brackets.
[[nodiscard]] std::string authority_of(const std::string& host, uint16_t port);

/// Why `request` cannot be written as a valid head, as a sentence; nullptr if
/// it can.
[[nodiscard]] const char* defect_of(const http_request& request);

/// All of `request` but its body. `proxy` is the proxy that fetches
/// an http URL, or null if the server is asked directly. REQUIRES: no defect.
[[nodiscard]] std::string
request_head(const http_request& request, const proxy_address* proxy);

/// The request that asks `proxy` for a tunnel to `origin`.
[[nodiscard]] std::string
connect_head(const http_origin& origin, const proxy_address& proxy);

} // namespace sluice
