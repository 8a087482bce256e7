// The times in a reply's headers.

#pragma once

#include "core/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// The preferred form of RFC 9110, "Sun, 06 Nov 1994 08:49:37 GMT", as
/// seconds since the epoch.
[[nodiscard]] std::optional<int64_t> read_http_date(const std::string& text);

/// The wait that a header's `text` asks for: whole seconds, or a date, taken
/// relative to the reply's own Date header, so that clocks need not agree. At
/// most `longest`; nullopt: it is neither.
[[nodiscard]] std::optional<std::chrono::seconds>
read_wait(const std::string& text, const http_reply& reply,
          std::chrono::seconds longest);

} // namespace sluice
