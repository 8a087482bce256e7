// Opens a tunnel through a proxy, for https (RFC 9110, 9.3.6).
// `http_connection` calls it before the TLS handshake.

#pragma once

#include "core/base/error.hpp"
#include "core/http/http_url.hpp"
#include "core/http/request_head.hpp"
#include "core/http/timed_socket.hpp"

namespace sluice {

/// Asks the proxy on `socket` for a tunnel to `origin`. The reply has the same
/// limits as any other reply. Nothing may follow it, because a TLS server does
/// not speak first.
[[nodiscard]] caf::error open_tunnel(timed_socket& socket,
                                     const http_origin& origin,
                                     const proxy_address& proxy);

} // namespace sluice
