// Our share of the rate limit while others spend from the same budget, found by
// additive increase and multiplicative decrease, as in TCP (Chiu and Jain,
// 1989). Pure.

#pragma once

#include "core/base/time.hpp"

namespace sluice {

struct rate_share {
  /// The minimum share of the limit; not zero, so that freed capacity is
  /// noticed.
  static constexpr double least = 0.05;
  /// Time from nothing to the whole limit. Slow enough that the tokens which
  /// the server accumulates during a freeze of 15 s last about a minute.
  static constexpr duration recovery = std::chrono::minutes{4};

  double value = 1; ///< at `at`
  time_point at{};

  [[nodiscard]] double now(time_point when) const noexcept;
  /// Halves the share: a 429 came although no more than the share was used.
  void halve(time_point when) noexcept;

  friend bool operator==(const rate_share&, const rate_share&) = default;
};

} // namespace sluice
