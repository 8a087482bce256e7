// Waiting times that the user cannot set. They travel in `settings::times` to
// the actors, so that a rehearsal can divide them by its speed.

#pragma once

#include "core/base/time.hpp"

#include <chrono>

namespace sluice {

struct timing {
  using ms = std::chrono::milliseconds;
  /// First and longest wait before a failed read or submit is repeated.
  duration backoff_base = ms{1'000};
  duration backoff_cap = ms{60'000};
  /// How long the API may answer 402, 403, 404 or 410 before a run is lost.
  duration lost_after = ms{60'000};
  /// The wait after the n-th unreadable reply to a request is n times this.
  duration unreadable_step = ms{1'000};
  /// If every request since the start has failed to reach the API for this
  /// long, its address counts as wrong.
  duration no_contact_after = ms{30'000};
  /// How long another server, which the API's links lead to, may fail to
  /// deliver a run before the run is set aside.
  duration astray_after = std::chrono::minutes{10};
  /// Pause before listing again if captures are missing.
  duration relist_pause = ms{5'000};
  /// Longest time between checkpoints while pages arrive.
  duration checkpoint_every = ms{1'000};
  /// The longest rest after a checkpoint when the next one is already due.
  duration longest_rest = ms{250};
  /// How long a failing sink is retried while the job stops, counted from the
  /// stop or from the sink's last success.
  duration drain_patience = ms{10'000};
  /// The same, counted from the stop, even if the sink succeeds meanwhile.
  duration drain_longest = ms{30'000};
  /// How soon a running job notices decisions about held batches.
  duration look_every = ms{2'000};
  /// How soon after a hold to look for the batch's run, and how often after
  /// that.
  duration find_first = ms{5'000};
  duration find_every = ms{30'000};
  /// Age of a run after which polling slows to poll.max_interval.
  duration slow_poll_after = std::chrono::minutes{5};

  /// Calls `visit` with each of them.
  template <class Visit>
  void for_each_duration(Visit visit) {
    for (auto* each :
         {&backoff_base, &backoff_cap, &lost_after, &unreadable_step,
          &no_contact_after, &astray_after, &relist_pause, &checkpoint_every,
          &longest_rest, &drain_patience, &drain_longest, &look_every,
          &find_first, &find_every, &slow_poll_after})
      visit(*each);
  }
};

} // namespace sluice
