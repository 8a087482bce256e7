// Limits how often a recurring condition is reported: at once the first time,
// then rarely. Pure: the time is an argument.

#pragma once

#include "core/base/time.hpp"

#include <chrono>
#include <optional>

namespace sluice {

class rare_notice {
public:
  /// The minimum time between two notices.
  static constexpr duration least_between = std::chrono::minutes{1};

  /// The condition occurred. True if it should be reported.
  [[nodiscard]] bool happened(time_point now) noexcept {
    if (told_at_ && now - *told_at_ < least_between)
      return false;
    told_at_ = now;
    open_ = true;
    return true;
  }

  /// The condition is over. True if that should be reported: once per notice.
  [[nodiscard]] bool ended() noexcept {
    auto was_open = open_;
    open_ = false;
    return was_open;
  }

private:
  std::optional<time_point> told_at_;
  bool open_ = false; ///< reported as occurring, not yet as over
};

} // namespace sluice
