// Where to serve: "9464", "127.0.0.1:9464", "[::1]:9464", "localhost:0".

#pragma once

#include "config/settings.hpp"

#include <optional>
#include <string_view>

namespace sluice::config {

/// nullopt when `text` is neither a port nor host:port. A port alone is this
/// machine's own, 127.0.0.1.
[[nodiscard]] std::optional<serve_settings>
parse_serve_address(std::string_view text);

/// Whether only this machine can reach what `host` listens to.
[[nodiscard]] bool is_loopback(std::string_view host);

} // namespace sluice::config
