// The end of a torture: the job is run to its end, and what is held is decided
// from the truth, as its user would from the API's dashboard.

#pragma once

#include "bench/torture/job.hpp"
#include "bench/torture/report.hpp"

#include <optional>
#include <string>

namespace sluice::torture {

struct decisions {
  uint64_t adopted = 0;
  uint64_t resubmitted = 0;
};

/// Adopts for every held batch the run that the API created for it. A batch
/// without one is left alone: its submit may still be under way. Throws when
/// `sluice resolve` refuses what is right.
[[nodiscard]] decisions adopt_held(const job& subject);

/// The same, and submits again what has no run. REQUIRES: the job is not
/// running.
[[nodiscard]] decisions decide_held(job& subject);

/// Runs the job until it is finished and nothing is held. Returns the account
/// that the last run printed; nullopt, and a failed check, when a run ends as
/// it must not.
[[nodiscard]] std::optional<std::string> finish(report& out, job& subject);

} // namespace sluice::torture
