// A proxy's tunnel to a server, for https (RFC 9110, 9.3.6).

#pragma once

#include "core/base/error.hpp"
#include "core/http/http_url.hpp"
#include "core/http/request_head.hpp"
#include "core/http/timed_socket.hpp"

namespace sluice {

/// Asks the proxy at the other end of `socket` for a tunnel to `origin`. The
/// reply has the limits of every reply, and nothing may follow it: a server
/// does not speak first in TLS.
[[nodiscard]] caf::error open_tunnel(timed_socket& socket,
                                     const http_origin& origin,
                                     const proxy_address& proxy);

} // namespace sluice
