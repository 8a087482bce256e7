// `sluice check --online`: whether a job would run on this machine, at this
// API and with these receivers. Nothing is bought or delivered. The
// requests to the API take tokens of the rate limit that all processes with the
// key share; its file is made where it is not there, and no other.

#pragma once

#include "config/settings.hpp"
#include "pipeline/online/probe_run.hpp"

#include <vector>

namespace sluice {

/// All probes of the job, in the order in which they are shown. They keep what
/// they need of `config`.
[[nodiscard]] std::vector<probe_task> online_probes(const settings& config);

} // namespace sluice
