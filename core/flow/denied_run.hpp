// Decides when a run that the API no longer knows is lost. An API may
// deny a run for a moment, just after it was made or after a failover, so both
// some time and some refusals must have passed: requests for the run may be far
// apart. For run_poller and capture_pager. Pure: the time is an argument.

#pragma once

#include "core/base/time.hpp"

#include <algorithm>
#include <optional>

namespace sluice {

class denied_run {
public:
  /// At least this many refusals in a row, however long they take.
  static constexpr unsigned least = 3;

  /// The API denies the run once more.
  void deny(time_point now) noexcept {
    if (denials_++ == 0)
      since_ = now;
  }

  /// Starts over: the API knows the run, or no longer says that it does not.
  void reset() noexcept { denials_ = 0; }

  /// True once the API has denied it for `patience`.
  [[nodiscard]] bool is_lost(time_point now, duration patience) const noexcept {
    return denials_ >= least && now - since_ >= patience;
  }

  /// The earliest time at which it is lost, not before `now`; nullopt if the
  /// API does not deny it.
  [[nodiscard]] std::optional<time_point>
  lost_at(time_point now, duration patience) const noexcept {
    if (denials_ == 0)
      return std::nullopt;
    return std::max(now, since_ + patience);
  }

private:
  unsigned denials_ = 0; ///< in a row
  time_point since_;     ///< of the first one
};

} // namespace sluice
