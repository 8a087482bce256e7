// Decides whether a run's captures are downloaded, downloaded again, or read
// page by page instead. If the profile describes paging, no run waits for a
// file that never comes. No I/O; the time is an argument.

#pragma once

#include "core/base/time.hpp"
#include "core/model/run.hpp"

#include <chrono>

namespace sluice {

enum class fetch_step {
  again, ///< request the download again, after a pause
  pages, ///< give up the download for this run
};

/// The downloads of one run.
class download_attempts {
public:
  /// Give up the download after this many failures in a row.
  static constexpr unsigned most = 3;

  /// The API has no download for the run. A completed run's file may still be
  /// in preparation; other runs may never have one.
  [[nodiscard]] fetch_step on_absent(run_outcome outcome) noexcept {
    return outcome == run_outcome::completed ? on_failure() : fetch_step::pages;
  }

  /// The file is incomplete or damaged.
  [[nodiscard]] fetch_step on_failure() noexcept {
    return ++failures_ < most ? fetch_step::again : fetch_step::pages;
  }

  /// The file was read completely.
  void on_success() noexcept { failures_ = 0; }

private:
  unsigned failures_ = 0;
};

/// A circuit breaker for a job's downloads: if run after run ends up being
/// paged, requesting its file first only costs tokens.
class download_breaker {
public:
  /// Opens after this many runs in a row whose downloads failed.
  static constexpr unsigned most = 3;

  /// How long the breaker stays open. After that a few runs try again, since
  /// the problem may be solved by then.
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
