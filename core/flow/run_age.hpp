// The age of a run: `run_poller` gives up a run that is too old. The age does
// not rely on the wall clock alone, which may have been set forward or back
// since the run was submitted.

#pragma once

#include "core/base/time.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace sluice {

/// `watched`: the time since this process first saw the run active. `told`:
/// from its start to the reply, by the API's own clock. `submitted`: the time
/// since its submit, by this process's clock or, for a run of an earlier
/// process, by the wall clock. `told` is capped at `submitted`, and ignored
/// beyond ten years, which no run lasts; more than three hundred would overflow
/// a `duration`.
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
