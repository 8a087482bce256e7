// What bounds a job, and the time that each cause took.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// At every moment a job goes on as fast as exactly one of these lets it.
enum class bottleneck : uint8_t {
  tokens,   ///< a request waits for a token
  slots,    ///< batches wait, and the API works on as many runs as it may
  runs,     ///< nothing is left to submit: the last runs
  sinks,    ///< captures wait for a sink
  backoff,  ///< a pause after a 429 or a failure
  requests, ///< none of these: requests under way and sluice's own work
};

inline constexpr size_t bottlenecks = 6;

[[nodiscard]] std::string_view name_of(bottleneck cause) noexcept;

/// Time by bottleneck.
using time_spent = std::array<std::chrono::milliseconds, bottlenecks>;

/// Whole per cents that add up to exactly 100, by the largest remainder; all
/// zero when no time was spent.
[[nodiscard]] std::array<uint32_t, bottlenecks>
per_cent(const time_spent& spent);

} // namespace sluice
