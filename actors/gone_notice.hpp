// Logs that the API no longer knows runs that it accepted: the first run at
// once, then only totals at intervals (core/flow/gone_runs.hpp). For
// `run_poller` and `capture_pager`.

#pragma once

#include "core/api/read_verdict.hpp"
#include "core/flow/job_counters.hpp"

namespace sluice {

/// True if the API says that it does not know the run: by its own error body,
/// or by a bare 404 or 410.
[[nodiscard]] bool tells_gone(const read_verdict& verdict) noexcept;

/// Notes that the API does not know the run, which is given up at `until`
/// unless it is known again by then.
void note_gone(job_counters& counters, int64_t batch,
               const read_verdict& verdict, time_point now, time_point until);

/// Notes that the API knows the run again.
void note_back(job_counters& counters, int64_t batch);

} // namespace sluice
