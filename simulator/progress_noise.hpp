// Inaccurate progress counters, as an API may have them. The queue is
// estimated, the extracted count increases in steps, and some runs stop
// counting for a while.

#pragma once

#include "simulator/chance.hpp"
#include "simulator/sim_clock.hpp"

#include <cstdint>

namespace sluice::sim {

class progress_noise {
public:
  /// `strength` is the relative error of the queue, and the share of runs that
  /// stop counting for a fifth of their time. 0 means accurate counters.
  progress_noise(double strength, const chance& dice) noexcept
      : strength_{strength}, dice_{dice} {}

  /// The share of its work that run `number` reports when `share` is done.
  [[nodiscard]] double counted(double share, uint64_t number) const noexcept;
  /// The reported count for `extracted` of `whole`.
  [[nodiscard]] uint64_t
  shown_extracted(uint64_t extracted, uint64_t whole) const noexcept;
  /// The reported count for `queue` at `now`.
  [[nodiscard]] uint64_t
  shown_queue(uint64_t queue, uint64_t number, sim_time now) const noexcept;

private:
  double strength_;
  chance dice_;
};

} // namespace sluice::sim
