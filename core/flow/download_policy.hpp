// Whether a run's captures are downloaded, downloaded once more, or read page
// by page after all. Pages are always an answer, so no run waits for a file
// that does not come. Takes the time as an argument, without I/O.

#pragma once

#include "core/base/time.hpp"
#include "core/model/run.hpp"

#include <chrono>

namespace sluice {

enum class fetch_step {
  again, ///< ask for the download again, after a pause
  pages, ///< give it up for this run
};

/// The downloads of one run.
class download_attempts {
public:
  /// Failures in a row after which the download is given up.
  static constexpr unsigned most = 3;

  /// The API has no download of the run. That of a completed one may be in
  /// the making; of another there may never be any.
  [[nodiscard]] fetch_step on_absent(run_outcome outcome) noexcept {
    return outcome == run_outcome::completed ? on_failure() : fetch_step::pages;
  }

  /// The file did not come whole, or is damaged.
  [[nodiscard]] fetch_step on_failure() noexcept {
    return ++failures_ < most ? fetch_step::again : fetch_step::pages;
  }

  /// It was read to its end.
  void on_success() noexcept { failures_ = 0; }

private:
  unsigned failures_ = 0;
};

/// A circuit breaker for the downloads of a job: where run after run has to be
/// paged in the end, asking for its file first only costs tokens.
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
