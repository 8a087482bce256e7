// When to ask for a run's status: seldom, and soon after it has ended.
//
// A run is worth a question once it has probably ended, by what the job's
// earlier runs and its own progress tell; where they tell nothing, at fixed
// intervals; one that is queued, when a run ahead of it has ended. How probably
// depends on what a request costs: little while the bucket is full, much when
// others wait for its tokens.

#pragma once

#include "core/flow/run_forecast.hpp"
#include "core/model/run.hpp"

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
  /// A run of `urls` that starts when it is submitted.
  poll_schedule(const poll_pace& pace, std::shared_ptr<run_history> history,
                uint32_t urls, time_point submitted);

  /// One that was submitted at some time before `now`: a question is worth any
  /// token at once, and its age counts from `now`.
  [[nodiscard]] static poll_schedule
  of_earlier(const poll_pace& pace, std::shared_ptr<run_history> history,
             uint32_t urls, time_point now);

  /// The run waits in the API's queue, as far as is known at `now`.
  void on_queued(time_point now);
  /// A slot came free for it at `when`. Changes nothing unless it is queued.
  void on_slot_free(time_point when);
  void on_status(time_point now, const run_status& status);
  /// A poll failed; the next comes after `wait`, or `min_interval` if that
  /// is longer.
  void on_failure(time_point now, duration wait);
  /// The run was found ended. Returns when that probably happened.
  [[nodiscard]] time_point on_ended(time_point now);
  /// Another run has ended, and taught the history something.
  void on_history();

  /// When a question is worth a token that is to spare.
  [[nodiscard]] time_point next() const noexcept { return next_; }
  /// When it is worth any token; not before `next`.
  [[nodiscard]] time_point due() const noexcept { return due_; }
  /// The chance that the run has ended; 0 when nothing is known.
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
  time_point asked_;      ///< last answered, or submitted
  time_point not_before_; ///< the wait after the last failure
  bool queued_ = false;
  time_point next_;
  time_point due_;
};

} // namespace sluice
