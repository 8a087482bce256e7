// The proxy that the environment names, by the usual rules.

#pragma once

#include <string>

namespace sluice::config {

/// https_proxy, HTTPS_PROXY or, for an http `base`, http_proxy; "" when unset,
/// when no_proxy covers the host of `base`, or when that is this machine.
/// HTTP_PROXY is not read: web servers set it from a request's header.
[[nodiscard]] std::string proxy_from_environment(const std::string& base);

} // namespace sluice::config
