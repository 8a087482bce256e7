#include "simulator/progress_noise.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::sim {

namespace {

/// The share of a run's work during which it may stop counting.
constexpr double stuck_share = 0.2;

/// The extracted count increases in this many steps.
constexpr uint64_t jumps = 10;

} // namespace

double progress_noise::counted(double share, uint64_t number) const noexcept {
  if (!dice_.hits(strength_, draw::counters_stick, number))
    return share;
  auto from = (1 - stuck_share) * dice_.share(draw::counters_stick_at, number);
  return share > from && share < from + stuck_share ? from : share;
}

uint64_t progress_noise::shown_extracted(uint64_t extracted,
                                         uint64_t whole) const noexcept {
  auto jump = std::max<uint64_t>(1, whole / jumps);
  return strength_ > 0 ? extracted / jump * jump : extracted;
}

uint64_t progress_noise::shown_queue(uint64_t queue, uint64_t number,
                                     sim_time now) const noexcept {
  auto moment = static_cast<uint64_t>(now.count());
  auto swing = 2 * dice_.share(draw::queue_estimate, mix(number, moment)) - 1;
  return static_cast<uint64_t>(
    std::llround(static_cast<double>(queue) * (1 + strength_ * swing)));
}

} // namespace sluice::sim
