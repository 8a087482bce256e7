// The part of the limit that is ours while others spend from the same budget,
// found by additive increase and multiplicative decrease, as TCP finds its
// part of a link (Chiu and Jain, 1989). Pure.

#pragma once

#include "core/base/time.hpp"

namespace sluice {

struct rate_share {
  /// Of the limit; never less, so that a share that has become free is found.
  static constexpr double least = 0.05;
  /// From nothing to the whole limit. Slow enough that the tokens which the
  /// server collects during a freeze of 15 s last about a minute.
  static constexpr duration recovery = std::chrono::minutes{4};

  double value = 1; ///< at `at`
  time_point at{};

  [[nodiscard]] double now(time_point when) const noexcept;
  /// A refusal although no more than this share was used.
  void halve(time_point when) noexcept;

  friend bool operator==(const rate_share&, const rate_share&) = default;
};

} // namespace sluice
