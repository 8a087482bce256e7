// A circuit breaker for the downloads of a job: where run after run has to be
// paged in the end, asking for its file first only costs tokens. Takes the
// time as an argument, without I/O.

#pragma once

#include "core/base/time.hpp"

#include <chrono>

namespace sluice {

class download_breaker {
public:
  /// Runs in a row whose downloads are given up before it opens.
  static constexpr unsigned most = 3;

  /// How long no run is downloaded then. Whatever is wrong may be mended while
  /// the job goes on; a few runs find out.
  static constexpr duration rest = std::chrono::minutes{10};

  /// False while runs are to be paged at once.
  [[nodiscard]] bool allows(time_point now) const noexcept {
    return given_up_ < most || now >= rests_until_;
  }

  /// A run's download was given up. True when the breaker opens thereby, not
  /// when it merely stays open.
  [[nodiscard]] bool on_given_up(time_point now) noexcept {
    ++given_up_;
    rests_until_ = now + rest;
    return given_up_ == most;
  }

  /// A run was downloaded to its end.
  void on_success() noexcept { given_up_ = 0; }

private:
  unsigned given_up_ = 0; ///< since the last success
  time_point rests_until_{};
};

} // namespace sluice
