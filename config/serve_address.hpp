// Where to serve: "9464", "127.0.0.1:9464", "[::1]:9464", "localhost:0".

#pragma once

#include "config/settings.hpp"

#include <optional>
#include <string_view>

namespace sluice::config {

/// nullopt if `text` is neither a port nor host:port. A lone port means
/// 127.0.0.1.
[[nodiscard]] std::optional<serve_settings>
parse_serve_address(std::string_view text);

/// Whether only this machine can reach a server that listens on `host`.
[[nodiscard]] bool is_loopback(std::string_view host);

} // namespace sluice::config
