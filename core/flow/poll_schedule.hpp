// Decides when to poll a run's status: rarely, yet soon after the run has
// ended.
//
// A run is polled once it has probably ended, judging by the job's earlier runs
// and by its own progress. If these say nothing, it is polled at fixed
// intervals; if it is queued, when a run ahead of it has ended. The required
// probability depends on what a request costs: little while the bucket is full,
// much when others wait for its tokens.

#pragma once

#include "core/flow/run_forecast.hpp"
#include "core/model/run.hpp"

namespace sluice {

struct poll_pace {
  duration interval = std::chrono::seconds{10};
  duration min_interval = std::chrono::seconds{2};
  duration max_interval = std::chrono::seconds{30};
  /// Age of a run from which `max_interval` replaces `interval`.
  duration slow_after = std::chrono::minutes{5};
};

/// The schedule of one run. Pure: the time is an argument.
class poll_schedule {
public:
  /// A run of `urls` URLs that starts when it is submitted.
  poll_schedule(const poll_pace& pace,
                const std::shared_ptr<run_history>& history, uint32_t urls,
                time_point submitted);

  /// A run submitted at an unknown time before `now`: its first poll is worth
  /// any token at once, and its age counts from `now`.
  [[nodiscard]] static poll_schedule
  of_earlier(const poll_pace& pace, std::shared_ptr<run_history> history,
             uint32_t urls, time_point now);

  /// As of `now`, the run is in the API's queue.
  void on_queued(time_point now);
  /// A slot became free for the run at `when`. No effect unless it is queued.
  void on_slot_free(time_point when);
  void on_status(time_point now, const run_status& status);
  /// A poll failed; the next one follows after `wait`, or after `min_interval`
  /// if that is longer.
  void on_failure(time_point now, duration wait);
  /// The run has ended. Returns when that probably happened.
  [[nodiscard]] time_point on_ended(time_point now);
  /// The history has changed, because another run has ended.
  void on_history();

  /// When a poll is worth a spare token.
  [[nodiscard]] time_point next() const noexcept { return next_; }
  /// When a poll is worth any token; not before `next`.
  [[nodiscard]] time_point due() const noexcept { return due_; }
  /// The chance that the run has ended; 0 if nothing is known.
  [[nodiscard]] double chance(time_point now) const {
    return queued_ ? 0 : forecast_.chance(now);
  }
  [[nodiscard]] bool is_queued() const noexcept { return queued_; }

private:
  poll_schedule(const poll_pace& pace, std::shared_ptr<run_history> history,
                run_forecast forecast, time_point asked);

  void plan();
  [[nodiscard]] duration plain_wait() const;

  poll_pace pace_;
  std::shared_ptr<run_history> history_;
  run_forecast forecast_;
  time_point asked_;      ///< last answer, or the submit
  time_point not_before_; ///< end of the wait after the last failure
  bool queued_ = false;
  time_point next_;
  time_point due_;
};

} // namespace sluice
