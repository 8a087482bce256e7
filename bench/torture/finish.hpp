// The end of a test. The job runs to its end, and held batches are resolved
// with the truth, as a user would with the API's dashboard.

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

/// For every held batch, adopts the run that the API created for it. A batch
/// without a run is left alone because its submit may still be in transit.
/// Throws if `sluice resolve` refuses a correct decision.
[[nodiscard]] decisions adopt_held(const job& subject);

/// The same, and submits batches without a run again. REQUIRES: the job is not
/// running.
[[nodiscard]] decisions decide_held(job& subject);

/// Runs the job until it is finished and nothing is held. Returns the account
/// that the last run printed. Returns nullopt, with a failed check, if a run
/// does not end as it should.
[[nodiscard]] std::optional<std::string> finish(report& out, job& subject);

} // namespace sluice::torture
