// Decides who may read what is served: only the user's own browser or program.
// Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// The parts of a request that matter; empty if absent.
struct asked {
  std::string_view method;
  std::string_view path;
  std::string_view host;       ///< the Host header
  std::string_view fetch_site; ///< Sec-Fetch-Site, as browsers send it
};

struct refusal {
  int status = 403;
  std::string reason;
};

/// Why a request is refused, if it is. `is_loopback`: only this machine can
/// reach the server. The Host must then name this machine, too, or a web page
/// could read the replies under its own host name (DNS rebinding).
[[nodiscard]] std::optional<refusal>
check_request(const asked& request, bool is_loopback);

} // namespace sluice
