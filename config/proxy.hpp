// Reads the proxy from the environment by the usual rules, if the config has no
// api.proxy.

#pragma once

#include <string>

namespace sluice::config {

/// https_proxy, HTTPS_PROXY or, for an http `base`, http_proxy; "" if unset, if
/// no_proxy covers the host of `base`, or if that host is this machine.
/// HTTP_PROXY is ignored: web servers set it from a request header.
[[nodiscard]] std::string proxy_from_environment(const std::string& base);

} // namespace sluice::config
