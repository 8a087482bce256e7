// When to ask for a run's status: seldom, and soon after it has ended.
//
// A run with progress counters is asked near its predicted end; one without
// at fixed intervals; one that is queued when a run ahead of it has ended.

#pragma once

#include "core/api_client.hpp"
#include "core/time.hpp"

#include <optional>

namespace sluice {

struct poll_pace {
  duration interval = std::chrono::seconds{10};
  duration min_interval = std::chrono::seconds{2};
  duration max_interval = std::chrono::seconds{30};
  /// Age of a run from which `max_interval` takes the place of `interval`.
  duration slow_after = std::chrono::minutes{5};
};

/// The schedule of one run. Pure: the time comes in as an argument.
class poll_schedule {
public:
  poll_schedule(const poll_pace& pace, time_point submitted);

  void on_status(time_point now, const run_status& status);
  /// A poll failed; the next comes after `wait`, or `min_interval` if that
  /// is longer.
  void on_failure(time_point now, duration wait);
  /// A run submitted before this one has ended, so this one may have left
  /// the queue. Changes nothing unless it was last seen queued.
  void on_predecessor_ended(time_point now);

  /// When to ask next; `time_point::max()` when the run has ended.
  [[nodiscard]] time_point next() const noexcept { return next_; }

private:
  struct progress {
    time_point at;
    double extracted;
    double queue;
  };

  duration until_next(time_point now, const run_status& status);
  duration plain_wait(time_point now) const;
  duration predicted_wait(const progress& seen);
  duration first_wait(const progress& seen) const;
  static duration
  time_left(const progress& from, const progress& to, duration most);

  poll_pace pace_;
  time_point inactive_until_; ///< submitted, or last seen queued
  time_point active_since_;   ///< submitted, or first seen out of the queue
  bool queued_ = false;
  std::optional<progress> first_; ///< of those that tell a rate
  std::optional<progress> last_;
  time_point next_;
};

} // namespace sluice
