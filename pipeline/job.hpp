// One `sluice run`: opens the ledger, imports the lists at the first start,
// runs or continues the job, and prints the account.

#pragma once

#include "config/settings.hpp"
#include "core/model/account.hpp"
#include "pipeline/report/terminal.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace sluice {

class job_observer;

struct run_options {
  bool simulate = false;           ///< `config` is for a rehearsal
  bool again = false;              ///< start a finished job over
  bool discard_unfinished = false; ///< replace an unfinished job with a new one
  std::optional<uint64_t> limit{}; ///< the most URLs that this start submits
  bool wait = false;               ///< while another process has the ledger
  retry_kinds retry{};             ///< URLs to submit again
  output_style output{};
};

/// Runs the job in the foreground and returns the exit code. `observer` may be
/// null; it is destroyed before the ledger is closed.
[[nodiscard]] int run_job(settings config, const run_options& options,
                          std::unique_ptr<job_observer> observer);

} // namespace sluice
