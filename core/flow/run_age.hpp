// How long a run has been at work, without trusting a wall clock alone: one may
// have been set, forwards or back, since the run was submitted.

#pragma once

#include "core/base/time.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace sluice {

/// `watched`: since this process first saw it at work. `told`: from its start
/// to the reply, both by the API's own clock. `submitted`: it was submitted so
/// long ago, by this process's own clock, or, for a run of an earlier process,
/// by the wall clock. What the API tells counts as far as that agrees with it.
/// More than ten years is no age of a run, and as a `duration` more than three
/// hundred would be no number at all.
[[nodiscard]] inline duration
run_age(duration watched, std::optional<std::chrono::milliseconds> told,
        duration submitted) noexcept {
  using std::chrono::milliseconds;
  constexpr milliseconds longest = std::chrono::hours{24 * 3652};
  if (!told || *told < milliseconds::zero() || *told > longest)
    return watched;
  return std::max(watched, std::min<duration>(*told, submitted));
}

} // namespace sluice
