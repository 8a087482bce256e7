// The time in a header.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// The preferred form of RFC 9110, "Sun, 06 Nov 1994 08:49:37 GMT", as
/// seconds since the epoch.
[[nodiscard]] std::optional<int64_t> read_http_date(const std::string& text);

} // namespace sluice
