#include "simulator/sim_clock.hpp"

#include <algorithm>

namespace sluice::sim {

sim_time from_seconds(double seconds) noexcept {
  constexpr double century = 100.0 * 365 * 24 * 3600;
  return std::chrono::duration_cast<sim_time>(
    std::chrono::duration<double>{std::min(seconds, century)});
}

sim_time sim_clock::at(real_clock::time_point real) const noexcept {
  std::chrono::duration<double> passed = real - start_;
  return from_seconds(passed.count() * speed_);
}

int64_t sim_clock::epoch_ms(sim_time when) const noexcept {
  std::chrono::duration<double, std::milli> simulated = when;
  return start_epoch_ms_ + static_cast<int64_t>(simulated.count() / speed_);
}

} // namespace sluice::sim
