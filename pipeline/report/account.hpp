// The account of every URL, as the end of `run` prints it, and the exit code
// that follows from it.

#pragma once

#include "core/base/error.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/import_target.hpp"
#include "pipeline/report/job_limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What a report needs beside the account itself.
struct account_context {
  std::string ledger_file;
  double credits_per_unit = 1;
  bool unit_is_url = true;  ///< else a credit buys a capture
  bool by_download = false; ///< captures.fetch
  bool rehearsed = false;   ///< nothing is kept, bought or to be decided
  std::optional<credit_use> credit_limit{}; ///< runs.max_credits
  /// The most that the runs accepted by the API cost; none: nothing bounds it.
  std::optional<double> credits_bought{};
  /// Why the process ended that prints this; none: of itself, or the user
  /// wanted it.
  caf::error ended_by;
  /// Captures that this process gave to the sinks and that are not recorded as
  /// delivered: it ended before all sinks had them for sure.
  uint64_t unrecorded = 0;
  /// Captures that sinks had and that were lost with their files.
  uint64_t given_up = 0;
  /// The process that runs the job at the moment, if any.
  std::optional<std::string> running_in;
  std::vector<std::string> dead_letter_files;
  std::vector<stuck_batch> held; ///< the first few
  std::vector<stuck_batch> set_aside;
  std::vector<stuck_batch> rejected;
  std::vector<stuck_batch> failed{};
  std::vector<invalid_record> invalid;
};

/// What the job has cost, as far as its captures tell.
[[nodiscard]] double
credits_of(const account& numbers, const account_context& context);

/// A table of all states, the work done, where the time went, and what to do
/// about the rest.
[[nodiscard]] std::string
account_text(const account& numbers, const account_context& context);

/// Everything is in a final state: the job is finished.
[[nodiscard]] bool is_finished(const account& numbers);

/// The exit code of a job that ended with `reason` (none: of itself): the
/// reason's, else 4 when anything is pending, else 3 when URLs are missing,
/// rejected, failed, held, set aside or dead-lettered, else 0. What a limit of
/// the user's ended is 3, too.
[[nodiscard]] int
exit_code_for(const account& numbers, const caf::error& reason);

} // namespace sluice
