// Decides whether another server, to which a link from the API led, has failed
// to deliver a run for too long. Time counts only while that server fails and
// the API answers, so a network outage is not blamed on it. Pure: the time is
// an argument.

#pragma once

#include "core/base/time.hpp"

namespace sluice {

class failing_link {
public:
  /// At least this many failures in a row, however long they take.
  static constexpr unsigned least = 3;

  /// That server failed again. True once it has failed for `patience`. Failures
  /// up to `api_lost_at`, when the API was last unreachable, do not count.
  [[nodiscard]] bool
  failed(time_point now, time_point api_lost_at, duration patience) noexcept {
    if (failures_ == 0 || since_ <= api_lost_at) {
      failures_ = 0;
      since_ = now;
    }
    ++failures_;
    return failures_ >= least && now - since_ >= patience;
  }

  /// The server answered, or something else failed.
  void reset() noexcept { failures_ = 0; }

private:
  unsigned failures_ = 0; ///< in a row
  time_point since_;      ///< of the first failure
};

} // namespace sluice
