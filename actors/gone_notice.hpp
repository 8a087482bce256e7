// Reports runs that the API does not know: at once, and in a single line for
// all.

#pragma once

#include "core/api/read_verdict.hpp"
#include "core/flow/job_counters.hpp"

namespace sluice {

/// Whether the reply denies the run, with or without the API's own error body.
[[nodiscard]] bool tells_gone(const read_verdict& verdict) noexcept;

/// The run is given up at `until`, unless the API knows it again by then.
void note_gone(job_counters& counters, int64_t batch,
               const read_verdict& verdict, time_point now, time_point until);

/// The API no longer denies the run.
void note_back(job_counters& counters, int64_t batch);

} // namespace sluice
