// Decides whether the server's quota headers slow the job down enough to report
// it. Each reply that states an empty quota may delay requests only a little,
// so their sum decides. Pure: the time is an argument.

#pragma once

#include "core/base/time.hpp"

#include <chrono>
#include <optional>

namespace sluice {

class quota_watch {
public:
  /// The span over which waits are summed, and the minimum time between two
  /// reports.
  static constexpr duration span = std::chrono::minutes{1};

  /// A sum of more than this within a span is reported.
  static constexpr duration tolerated = std::chrono::seconds{5};

  /// Records that a reply's headers delay the next request by `wait`. Returns
  /// the sum of the waits if it should be reported.
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
  time_point begin_{}; ///< start of the current span
  duration sum_{};     ///< waits in the current span
  std::optional<time_point> told_;
};

} // namespace sluice
