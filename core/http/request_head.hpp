// A request as text (RFC 9112). Pure.

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
  std::string user, password; ///< empty = none
};

/// Reads http://[user:password@]host:port; nullopt when it is not that.
[[nodiscard]] std::optional<proxy_address> read_proxy(const std::string& text);

/// "host:port", with the brackets of an IPv6 address.
[[nodiscard]] std::string authority_of(const std::string& host, uint16_t port);

/// What would break out of `request`'s head, or keep it from being one, in a
/// sentence; nullptr when nothing does.
[[nodiscard]] const char* defect_of(const http_request& request);

/// All of `request` but its body. `proxy` is the one that is to fetch an http
/// address, null when the server itself is asked. REQUIRES: no defect.
[[nodiscard]] std::string
request_head(const http_request& request, const proxy_address* proxy);

/// Asks `proxy` for a tunnel to `origin`.
[[nodiscard]] std::string
connect_head(const http_origin& origin, const proxy_address& proxy);

} // namespace sluice
