// Moments of the wall clock as text, in UTC.

#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// "2026-11-30 at 06:01 UTC", of milliseconds since 1970.
[[nodiscard]] std::string utc_minute(int64_t ms);

/// "2026-11-30 06:01:07 UTC".
[[nodiscard]] std::string utc_second(int64_t ms);

/// "2026-11-30T06:01:07Z" (RFC 3339), for programs.
[[nodiscard]] std::string utc_stamp(int64_t ms);

} // namespace sluice
