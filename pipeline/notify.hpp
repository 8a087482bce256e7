// Telling a program how a job ended: `notify` in the config.

#pragma once

#include "config/settings.hpp"
#include "core/model/account.hpp"
#include "pipeline/report/job_report.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sluice {

/// How long the program may take.
inline constexpr std::chrono::seconds longest_notice{60};

/// What a `run` came to.
struct job_end {
  int exit_code = 0;
  std::string reason; ///< why it ended; empty: of itself
};

/// Which of `on` a job with this end is, in the order of `ending_words`.
[[nodiscard]] std::vector<ending> endings_of(const job_end& end,
                                             const account& numbers,
                                             const std::vector<ending>& on);

/// What the program reads: the report as `status --json` prints it, with a
/// member `ended`, in which `on` are the words that it is called for.
[[nodiscard]] std::string notice_text(const job_report& report,
                                      const job_end& end,
                                      const std::vector<ending>& on);

/// Logs that nobody may have been told.
void notice_failed(const caf::error& reason);

/// Runs the program when it wants to know of such an end. Its failure is
/// logged. The first signal to this process ends the program.
void notify_of_end(const notify_settings& wanted, const job_report& report,
                   const job_end& end);

} // namespace sluice
