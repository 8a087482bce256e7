// What limits a job's speed, and the time attributed to each cause: measured in
// core/flow, stored with each checkpoint, shown by `why`.

#pragma once

#include "core/base/enum_words.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// At every moment, exactly one of these limits the job.
enum class bottleneck : uint8_t {
  tokens,   ///< a request waits for a token
  slots,    ///< batches wait: the API runs as many as allowed
  runs,     ///< nothing is left to submit: waiting for the last runs
  sinks,    ///< captures wait for a sink
  backoff,  ///< paused after a 429 or a failure
  requests, ///< none of these: requests in flight and sluice's own work
};

inline constexpr size_t bottlenecks = 6;

/// In ledgers and reports.
inline constexpr enum_words<bottleneck, bottlenecks> bottleneck_words{
  {{"tokens", bottleneck::tokens},
   {"slots", bottleneck::slots},
   {"runs", bottleneck::runs},
   {"sinks", bottleneck::sinks},
   {"backoff", bottleneck::backoff},
   {"requests", bottleneck::requests}}};
static_assert(names_all(bottleneck_words, bottleneck::requests));

[[nodiscard]] constexpr std::string_view name_of(bottleneck cause) noexcept {
  return word_of(bottleneck_words, cause);
}

/// Time by bottleneck.
using time_spent = std::array<std::chrono::milliseconds, bottlenecks>;

/// Whole percentages that add up to exactly 100, by the largest remainder
/// method. All zero if no time was spent.
[[nodiscard]] std::array<uint32_t, bottlenecks>
per_cent(const time_spent& spent);

} // namespace sluice
