// Waiting times that are rules, not settings. Kept in one struct so that a
// rehearsal can run with all of them divided by its speed.

#pragma once

#include "core/base/time.hpp"

#include <chrono>

namespace sluice {

struct timing {
  using ms = std::chrono::milliseconds;
  /// First and longest wait before repeating a failed read or submit.
  duration backoff_base = ms{1'000};
  duration backoff_cap = ms{60'000};
  /// How long one run may answer 402, 403, 404 or 410 before it is lost.
  duration lost_after = ms{60'000};
  /// The unit of the waits between unreadable replies to one request.
  duration unreadable_step = ms{1'000};
  /// How long no request at all may find the API, from the start, before its
  /// address is taken to be wrong.
  duration no_contact_after = ms{30'000};
  /// How long another server than the API's, to which its links lead, may fail
  /// a run before the run is set aside.
  duration astray_after = std::chrono::minutes{10};
  /// Pause before listing again when captures are missing.
  duration relist_pause = ms{5'000};
  /// A checkpoint at least this often while pages arrive.
  duration checkpoint_every = ms{1'000};
  /// The longest pause between two checkpoints that are both due.
  duration longest_rest = ms{250};
  /// How long a sink that does not take captures is tried again while the job
  /// stops, from the stop or from its last success on.
  duration drain_patience = ms{10'000};
  /// The same, from the stop on and whatever succeeds meanwhile.
  duration drain_longest = ms{30'000};
  /// How soon a running job sees what was decided about held batches.
  duration look_every = ms{2'000};
  /// When runs of held batches are looked for: after one was held, and again.
  duration find_first = ms{5'000};
  duration find_every = ms{30'000};
  /// Polling slows to poll.max_interval after this age of a run.
  duration slow_poll_after = std::chrono::minutes{5};
};

} // namespace sluice
