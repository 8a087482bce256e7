// A circuit breaker for a job's downloads: if run after run ends up being
// paged, requesting its file first only costs tokens. Pure: the time is an
// argument.

#pragma once

#include "core/base/time.hpp"

#include <chrono>

namespace sluice {

class download_breaker {
public:
  /// Opens after this many runs in a row whose downloads failed.
  static constexpr unsigned most = 3;

  /// How long the breaker stays open. The problem may be solved while the job
  /// continues; then a few runs try again.
  static constexpr duration rest = std::chrono::minutes{10};

  /// False while the breaker is open: page the runs at once.
  [[nodiscard]] bool allows(time_point now) const noexcept {
    return given_up_ < most || now >= rests_until_;
  }

  /// A run's download was given up. True if this opens the breaker, not if it
  /// was open already.
  [[nodiscard]] bool on_given_up(time_point now) noexcept {
    ++given_up_;
    rests_until_ = now + rest;
    return given_up_ == most;
  }

  /// A run's download was read completely.
  void on_success() noexcept { given_up_ = 0; }

private:
  unsigned given_up_ = 0; ///< since the last success
  time_point rests_until_{};
};

} // namespace sluice
