// Whether what a server says of its quotas slows the job down enough to tell.
// Each reply that speaks of an empty quota may hold requests back a little
// only, so what counts is the sum. Takes the time as an argument, without I/O.

#pragma once

#include "core/base/time.hpp"

#include <chrono>
#include <optional>

namespace sluice {

class quota_watch {
public:
  /// The span over which waits are added up, and the least time between two
  /// tellings.
  static constexpr duration span = std::chrono::minutes{1};

  /// Waits of more than this within a span are worth telling.
  static constexpr duration tolerated = std::chrono::seconds{5};

  /// Notes that a reply's headers hold the next request back by `wait`.
  /// Returns the waits' sum when it is time to tell.
  [[nodiscard]] std::optional<duration>
  on_wait(duration wait, time_point now) noexcept {
    if (now >= begin_ + span) {
      begin_ = now;
      sum_ = duration::zero();
    }
    sum_ += wait;
    if (sum_ <= tolerated || (told_ && now < *told_ + span))
      return std::nullopt;
    told_ = now;
    return sum_;
  }

private:
  time_point begin_{}; ///< of the present span
  duration sum_{};     ///< of its waits
  std::optional<time_point> told_;
};

} // namespace sluice
