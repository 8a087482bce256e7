// The account of every URL, as the end of `run` prints it, and the exit code
// that follows from it.

#pragma once

#include "core/base/error.hpp"
#include "core/model/account.hpp"
#include "core/model/batch.hpp"
#include "core/model/import_target.hpp"
#include "pipeline/report/job_limits.hpp"
#include "pipeline/report/row_sinks.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What a report needs besides the account itself.
struct account_context {
  std::string ledger_file;
  double credits_per_unit = 1;
  bool unit_is_url = true;  ///< false: a credit buys a capture
  bool by_download = false; ///< captures.fetch
  bool rehearsed = false;   ///< nothing is kept, bought or to be decided
  std::optional<credit_use> credit_limit{}; ///< runs.max_credits
  /// The most that the runs accepted by the API cost; nullopt if unbounded.
  std::optional<double> credits_bought{};
  /// Why the process that prints this ended; no error if the job finished or
  /// the user stopped it.
  caf::error ended_by;
  /// Captures that this process gave to the sinks but that are not recorded as
  /// delivered: it ended before all sinks had confirmed them.
  uint64_t unrecorded = 0;
  /// Captures that were lost with the files of their sinks.
  uint64_t given_up = 0;
  std::vector<row_sink> row_sinks{};
  /// The process that is running the job, if any.
  std::optional<std::string> running_in;
  std::vector<std::string> dead_letter_files;
  std::vector<stuck_batch> held; ///< the first few
  std::vector<stuck_batch> set_aside;
  std::vector<stuck_batch> rejected;
  std::vector<stuck_batch> failed{};
  std::vector<invalid_record> invalid;
};

/// What the job has cost, estimated from its captures.
[[nodiscard]] double
credits_of(const account& numbers, const account_context& context);

/// A table of all states, the work done, where the time went, and what to do
/// about the rest.
[[nodiscard]] std::string
account_text(const account& numbers, const account_context& context);

/// Whether the job is finished: everything is in a final state.
[[nodiscard]] bool is_finished(const account& numbers);

/// The exit code of a job that ended with `reason` (none: normally): the
/// reason's, else 4 if anything is pending, else 3 if URLs are missing,
/// rejected, failed, held, set aside or dead-lettered, else 0. A job that a
/// user's limit ended also gets 3.
[[nodiscard]] int
exit_code_for(const account& numbers, const caf::error& reason);

} // namespace sluice
