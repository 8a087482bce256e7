// When to tell of what may happen again and again: at once, and then rarely,
// however often it happens. Pure: the time comes in as an argument.

#pragma once

#include "core/base/time.hpp"

#include <chrono>
#include <optional>

namespace sluice {

class rare_notice {
public:
  /// The least time between two notices.
  static constexpr duration least_between = std::chrono::minutes{1};

  /// It happened; true when that is to be told.
  [[nodiscard]] bool happened(time_point now) noexcept {
    if (told_at_ && now - *told_at_ < least_between)
      return false;
    told_at_ = now;
    open_ = true;
    return true;
  }

  /// It is over; true when that is to be told: once after each notice.
  [[nodiscard]] bool ended() noexcept {
    auto was_open = open_;
    open_ = false;
    return was_open;
  }

private:
  std::optional<time_point> told_at_;
  bool open_ = false; ///< told that it happens, not yet that it is over
};

} // namespace sluice
