// Simulated time: the real time since the simulator's start, times its speed.
// All rules of the simulator use simulated time. Only this clock knows the real
// time.

#pragma once

#include "core/base/time.hpp"

#include <chrono>
#include <cstdint>

namespace sluice::sim {

/// Simulated time since the simulator's start.
using sim_time = duration;

/// `seconds` as a duration in simulated time.
[[nodiscard]] sim_time from_seconds(double seconds) noexcept;

class sim_clock {
public:
  using real_clock = std::chrono::steady_clock;

  /// `start_epoch_ms` is the wall-clock time of `start`. REQUIRES: speed > 0.
  sim_clock(double speed, real_clock::time_point start,
            int64_t start_epoch_ms) noexcept
      : speed_{speed}, start_{start}, start_epoch_ms_{start_epoch_ms} {}

  [[nodiscard]] sim_time at(real_clock::time_point real) const noexcept;

  /// The wall-clock time of `when`, in ms since 1970.
  [[nodiscard]] int64_t epoch_ms(sim_time when) const noexcept;

private:
  double speed_;
  real_clock::time_point start_;
  int64_t start_epoch_ms_;
};

} // namespace sluice::sim
