// Decides whether to try a run's download again or to read its captures page by
// page instead. Paging always works, so no run waits for a file that never
// comes. No I/O.

#pragma once

#include "core/model/run.hpp"

namespace sluice {

enum class fetch_step {
  again, ///< request the download again, after a pause
  pages, ///< give up the download for this run
};

class download_attempts {
public:
  /// Give up the download after this many failures in a row.
  static constexpr unsigned most = 3;

  /// The API has no download for the run. A completed run's may still be in
  /// preparation; for others there may never be one.
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

} // namespace sluice
