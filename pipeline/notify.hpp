// Tells a program how a job ended: `notify` in the config.

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

/// The result of a `run`.
struct job_end {
  int exit_code = 0;
  std::string reason; ///< why it ended; empty: it finished
};

/// Which of `on` apply to this end, in the order of `ending_words`.
[[nodiscard]] std::vector<ending> endings_of(const job_end& end,
                                             const account& numbers,
                                             const std::vector<ending>& on);

/// What the program reads: the report as `status --json` prints it, with a
/// member `ended`, whose `on` lists the words that caused the call.
[[nodiscard]] std::string notice_text(const job_report& report,
                                      const job_end& end,
                                      const std::vector<ending>& on);

/// Logs that the end of the job may have gone unnoticed.
void notice_failed(const caf::error& reason);

/// Runs the program if it is configured for this end. Logs its failure. The
/// first signal to this process ends the program.
void notify_of_end(const notify_settings& wanted, const job_report& report,
                   const job_end& end);

} // namespace sluice
