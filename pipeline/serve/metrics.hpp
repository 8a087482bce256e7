// What Prometheus scrapes, by its naming conventions. Every label's value is
// from a fixed set or from the config, never from the API.

#pragma once

#include "pipeline/report/job_report.hpp"
#include "pipeline/serve/live_job.hpp"

#include <string>

namespace sluice {

/// The text format. `report` may be null: the ledger does not answer; `live`
/// may be null: the job does not run in this process.
[[nodiscard]] std::string
metrics_text(const job_report* report, const live_job* live);

} // namespace sluice
