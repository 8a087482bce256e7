// The metrics for Prometheus, named by its conventions. Label values come from
// a fixed set or from the config, never from the API.

#pragma once

#include "pipeline/report/job_report.hpp"
#include "pipeline/serve/live_job.hpp"

#include <string>

namespace sluice {

/// The text format. `report` is null if the ledger cannot be read, `live` if
/// the job does not run in this process.
[[nodiscard]] std::string
metrics_text(const job_report* report, const live_job* live);

} // namespace sluice
