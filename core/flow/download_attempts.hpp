// Whether a run's captures are to be downloaded once more, or read page by
// page after all. Pages are always an answer, so no run waits for a file that
// does not come. Without I/O.

#pragma once

#include "core/model/run.hpp"

namespace sluice {

enum class fetch_step {
  again, ///< ask for the download again, after a pause
  pages, ///< give it up for this run
};

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

} // namespace sluice
