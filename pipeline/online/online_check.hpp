// `sluice check --online`: checks whether a job would run on this machine, with
// this API and these receivers. Buys and delivers nothing. Requests to the API
// take tokens of the rate limit that all processes with the key share. Creates
// that limit's file if it is missing, and no other file.

#pragma once

#include "config/settings.hpp"
#include "pipeline/online/probe_run.hpp"

#include <vector>

namespace sluice {

/// All probes of the job, in display order. They keep what they need of
/// `given`.
[[nodiscard]] std::vector<probe_task> online_probes(const settings& given);

} // namespace sluice
