// How long to wait before a failed submit, poll, page or write to a sink is
// repeated: exponential backoff with jitter. Each actor that retries has its
// own. No I/O.

#pragma once

#include "core/base/time.hpp"

#include <cstdint>

namespace sluice {

/// The wait doubles with each failure in a row, from `base` up to `cap`. The
/// result is drawn between half of that and all of it, so that clients that
/// failed together do not return together.
class retry_policy {
public:
  /// REQUIRES: 0 < base <= cap. Equal seeds give equal waits.
  retry_policy(duration base, duration cap, uint64_t seed);

  /// Counts a failure and returns the wait after it.
  [[nodiscard]] duration next();
  /// As above, but at least `at_least` (a server's hint), which may exceed the
  /// cap.
  [[nodiscard]] duration next(duration at_least);

  /// Call after a success: the next wait begins from `base` again.
  void reset() noexcept { failures_ = 0; }

  /// Failures in a row.
  [[nodiscard]] unsigned failures() const noexcept { return failures_; }

private:
  duration base_;
  duration cap_;
  uint64_t seed_;
  unsigned failures_ = 0;
};

} // namespace sluice
