// How much of its rate limit a server says is left: read from a reply's headers
// (core/http/quota_headers.hpp), passed to the token bucket by rate_limiter.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace sluice {

/// What is left of the server's bucket.
struct quota_left {
  uint64_t remaining = 0; ///< requests
  /// Time until more is available; nullopt if the server does not say.
  std::optional<std::chrono::milliseconds> reset;

  friend bool operator==(const quota_left&, const quota_left&) = default;
};

} // namespace sluice
