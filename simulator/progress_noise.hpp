// Progress counters that are wrong, as an API's may be: the queue is
// estimated, what was extracted is counted in jumps, and some runs do not count
// for a while.

#pragma once

#include "simulator/chance.hpp"
#include "simulator/sim_clock.hpp"

#include <cstdint>

namespace sluice::sim {

class progress_noise {
public:
  /// `strength`: the share by which the queue may be wrong, and of the runs
  /// that stop counting for a fifth of their time. 0: nothing is wrong.
  progress_noise(double strength, const chance& dice) noexcept
      : strength_{strength}, dice_{dice} {}

  /// The share of its work that run `number` counts when `share` is done.
  [[nodiscard]] double counted(double share, uint64_t number) const noexcept;
  /// What it shows of `extracted` out of `whole`.
  [[nodiscard]] uint64_t
  shown_extracted(uint64_t extracted, uint64_t whole) const noexcept;
  /// What it shows of `queue` at `now`.
  [[nodiscard]] uint64_t
  shown_queue(uint64_t queue, uint64_t number, sim_time now) const noexcept;

private:
  double strength_;
  chance dice_;
};

} // namespace sluice::sim
